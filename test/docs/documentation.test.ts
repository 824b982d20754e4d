/**
 * The documentation's examples compile, and do what the text says.
 */
import { afterAll, describe, expect, it } from "@effect/vitest"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Url from "node:url"
import * as Api from "../../scripts/api.ts"
import * as PortRange from "../../src/domain/arguments/PortRange.ts"

const ROOT = Path.resolve(import.meta.dirname, "../..")

/** The blocks of TypeScript in a text. */
const blocks = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/^```ts\n([^]*?)^```$/gm), ([, code]) => code ?? "")

const entries = Api.read()

const documented = entries.flatMap((entry) => [
  { name: entry.from, doc: entry.doc },
  ...entry.exports.flatMap((exported) => [
    { name: exported.name, doc: exported.doc },
    ...exported.members.map(({ doc, name }) => ({ name: `${exported.name}.${name}`, doc }))
  ])
])

const page = (name: string) => ({ name, doc: Fs.readFileSync(Path.join(ROOT, name), "utf8") })

/** Every example, with its origin. */
const examples = [page("README.md"), page("docs/extending.md"), page("docs/cluster.md"), ...documented].flatMap(
  ({ doc, name }) => blocks(doc).map((code, i) => ({ name: i === 0 ? name : `${name}, ${i + 1}`, code }))
)

/** Finds effect-mosh by its name, as in a project that depends on it. */
const RESOLVER = `
import { registerHooks } from "node:module"
const sources = ${JSON.stringify({
  "effect-mosh": Url.pathToFileURL(Path.join(ROOT, "src/index.ts")),
  "effect-mosh/cluster": Url.pathToFileURL(Path.join(ROOT, "src/cluster.ts")),
  "effect-mosh/node": Url.pathToFileURL(Path.join(ROOT, "src/node.ts")),
  "effect-mosh/testing": Url.pathToFileURL(Path.join(ROOT, "src/testing.ts"))
})}
registerHooks({ resolve: (specifier, context, next) => next(sources[specifier] ?? specifier, context) })
`

interface Project extends Disposable {
  readonly directory: string
  readonly files: ReadonlyArray<string>
}

/** A project that depends on effect-mosh, with a file for each example. */
const makeProject = (): Project => {
  const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-documentation-"))
  Fs.symlinkSync(Path.join(ROOT, "node_modules"), Path.join(directory, "node_modules"))
  const write = (name: string, text: string) => {
    const file = Path.join(directory, name)
    Fs.writeFileSync(file, text)
    return file
  }
  write("package.json", JSON.stringify({ type: "module" }))
  const compilerOptions = { noUnusedLocals: false }
  const include = ["*.ts", Path.join(ROOT, "src/services/node/**/*.d.ts")]
  write("tsconfig.json", JSON.stringify({ extends: Path.join(ROOT, "tsconfig.json"), compilerOptions, include }))
  write("resolver.mjs", RESOLVER)
  const files = examples.map(({ code }, i) => write(`example-${i}.ts`, `${code}\nexport {}\n`))
  return { directory, files, [Symbol.dispose]: () => Fs.rmSync(directory, { recursive: true }) }
}

/** A compile cache that the processes share. */
const CACHE = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-documentation-cache-"))
afterAll(() => Fs.rmSync(CACHE, { recursive: true }))

const node = (project: Project, ...command: ReadonlyArray<string>) =>
  ChildProcess.spawn(process.execPath, ["--import", Path.join(project.directory, "resolver.mjs"), ...command], {
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: CACHE
    },
    stdio: ["ignore", "pipe", "pipe"]
  })

/** What a process printed, and how it ended. */
const ending = (child: ReturnType<typeof node>): Promise<{ readonly code: number | null; readonly text: string }> =>
  new Promise((resolve, reject) => {
    let text = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (text += bytes.toString()))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, text }))
  })

/** The errors of the compiler. */
const said = (directory: string): string => {
  try {
    const tsc = Path.join(ROOT, "node_modules/.bin/tsc")
    return ChildProcess.execFileSync(tsc, ["-p", directory, "--pretty", "false"], { encoding: "utf8" })
  } catch (error) {
    return String((error as { readonly stdout?: unknown }).stdout)
  }
}

describe("the documentation", () => {
  it("documents every public symbol", () => {
    expect(documented.filter(({ doc }) => doc === "").map(({ name }) => name)).toEqual([])
    expect(documented.length).toBeGreaterThan(100)
  })

  it("documents every member of a declaration", () => {
    const silent = entries
      .flatMap(({ exports }) => exports.flatMap((exported) => [exported, ...exported.members]))
      .flatMap(({ declaration = "", name }) => {
        if (!/^(interface|class)/.test(declaration)) return []
        const lines = declaration.split("\n")
        return lines
          .filter((line, i) => /^ {2,4}readonly \w+/.test(line) && !lines[i - 1]?.endsWith("*/"))
          .map((line) => name + line)
      })
    expect(silent).toEqual([])
  })

  it("offers a getter and a stream for each value, and no callback beside them", () => {
    const declarations = entries.flatMap(({ exports }) =>
      exports.flatMap(({ declaration, members }) => [declaration, ...members.map((member) => member.declaration)])
    )
    const text = declarations.join("\n")
    for (const [getter, stream] of [
      ["status", "statuses"],
      ["picture", "pictures"],
      ["remote", "remotes"],
      ["frame", "frames"]
    ]) {
      expect(text).toMatch(new RegExp(`readonly ${getter}: \\(\\) => `))
      expect(text).toMatch(new RegExp(`readonly ${stream}: Stream.Stream<`))
    }
    expect(text).not.toMatch(/@internal|TransportEvents|readonly (onPicture|onStatus|onRemote|watch|events)\b(?!: \d)/)
  })

  it("is up to date in docs/api", () => {
    const written = Fs.readdirSync(Path.join(ROOT, "docs/api")).sort()
    const pages = Api.pages(entries)
    expect(written).toEqual([...pages.keys()].sort())
    for (const [name, text] of pages) {
      const stale = Fs.readFileSync(Path.join(ROOT, "docs/api", name), "utf8") !== text
      expect(stale, `docs/api/${name} is not what \`npm run docs\` makes`).toBe(false)
    }
  })

  it("has examples that compile", () => {
    using project = makeProject()
    const errors = said(project.directory).replaceAll(
      /^.*example-(\d+)\.ts/gm,
      (_, i) => `${examples[Number(i)]?.name}`
    )
    expect(errors).toBe("")
    expect(examples.length).toBeGreaterThan(20)
  })

  it("has examples that run", async () => {
    using project = makeProject()
    const modules = project.files.filter((_, i) => !examples[i]?.name.startsWith("README.md"))
    const imports = modules.map((file) => `await import(${JSON.stringify(file)})`).join("\n")
    const { code, text } = await ending(node(project, "--input-type=module", "--eval", imports))
    expect(text).toBe("")
    expect(code).toBe(0)
  })

  it("has a README whose server serves its client", async () => {
    using project = makeProject()
    const [serve = "", drive = ""] = project.files.filter((_, i) => examples[i]?.name.startsWith("README.md"))
    const server = node(project, serve)
    const served = ending(server)
    const connect = await new Promise<string>((resolve, reject) => {
      server.stdout.on("data", (bytes: Buffer) => resolve(bytes.toString()))
      void served.then(({ text }) => reject(new Error(text)))
    })
    const [, port = "", key = ""] = /^MOSH CONNECT (\d+) (\S{22})\n$/.exec(connect) ?? []
    const driven = await ending(node(project, drive, port, key))
    expect(driven).toEqual({ code: 0, text: "{ _tag: 'PeerShutdown' }\n" })
    expect((await served).code).toBe(0)
  })

  it("has a README whose client fails when the session ends before the text appears", async () => {
    using project = makeProject()
    const [serve = "", drive = ""] = project.files.filter((_, i) => examples[i]?.name.startsWith("README.md"))
    // A program that ends after the first line.
    Fs.writeFileSync(serve, Fs.readFileSync(serve, "utf8").replace(`command: ["bash"]`, `command: ["head", "-n", "1"]`))
    const server = node(project, serve)
    const connect = await new Promise<string>((resolve) =>
      server.stdout.once("data", (bytes: Buffer) => resolve(`${bytes}`))
    )
    const [, port = "", key = ""] = /^MOSH CONNECT (\d+) (\S{22})\n$/.exec(connect) ?? []
    const { code, text } = await ending(node(project, drive, port, key))
    expect(code).toBe(1)
    expect(text).toContain("NoSuchElementError")
  })

  it("has a README that opens the ports of the server, and no others", () => {
    const { high, low } = PortRange.DEFAULT
    const { doc } = page("README.md")
    expect(doc).toContain(`\n${low}–${high} per session`)
    expect([...doc.matchAll(/\d{5}:\d{5}\/udp/g)].map(([range]) => range)).toEqual([`${low}:${high}/udp`])
  })

  it("has a README whose examples are short", () => {
    const lengths = blocks(page("README.md").doc).map((code) => code.trimEnd().split("\n").length)
    expect(lengths).toHaveLength(2)
    expect(Math.max(...lengths)).toBeLessThan(30)
  })
})
