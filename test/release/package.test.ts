/**
 * The package as users get it: packed, installed by npm, and used from an empty project.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Readline from "node:readline"
import { promisify } from "node:util"
import { start } from "../programs/mosh/workshop.ts"
import { type Registry, ROOT, startRegistry } from "./registry.ts"

const execute = promisify(execFile)
const compiler = Path.join(ROOT, "node_modules/.bin/tsc")
const TIMEOUT = 180_000

let scratch: string
let registry: Registry

beforeAll(async () => {
  scratch = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-package-"))
  await execute("npm", ["run", "build"], { cwd: ROOT })
  registry = await startRegistry(scratch)
}, TIMEOUT)

afterAll(() => {
  registry?.[Symbol.dispose]()
  Fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
})

/** Every package below a directory of packages. */
const packages = (directory: string): ReadonlyArray<string> =>
  Fs.globSync("**/node_modules/{@*/*,[!@.]*}/package.json", { cwd: directory }).map(Path.dirname)

/** The size of a directory on disk, megabytes. */
const megabytes = (directory: string): number =>
  Fs.readdirSync(directory, { recursive: true, encoding: "utf8" }).reduce(
    (sum, path) => sum + (Fs.lstatSync(Path.join(directory, path)).blocks * 512) / 1e6,
    0
  )

describe("npm install --global", () => {
  let installed: string
  let said: string

  beforeAll(async () => {
    installed = Path.join(scratch, "global")
    Fs.mkdirSync(installed)
    said = (await registry.npm(scratch, "install", "--global", "--prefix", installed, "effect-mosh")).stderr
  }, TIMEOUT)

  it("has the sizes that README and CONTRIBUTING state", () => {
    const stated = (file: string, pattern: RegExp): ReadonlyArray<number> =>
      (pattern.exec(Fs.readFileSync(Path.join(ROOT, file), "utf8")) ?? []).slice(1).map(Number)
    const [packed = NaN] = stated("README.md", /a package to install elsewhere, (\d+) MB/)
    const [whole = NaN, count] = stated("CONTRIBUTING.md", /(\d+) MB installed, (\d+) packages/)
    const tarball = Fs.readdirSync(scratch).find((name) => /^effect-mosh-[\d.]+\.tgz$/.test(name)) ?? ""
    expect(Math.round(Fs.statSync(Path.join(scratch, tarball)).size / 1e6)).toBe(packed)
    expect(Math.abs(megabytes(installed) - whole)).toBeLessThanOrEqual(1)
    expect(packages(installed).length).toBe(count)
  })

  it("installs few packages, and asks no questions", () => {
    expect(packages(installed).length).toBeLessThanOrEqual(6)
    expect(packages(installed).some((path) => /node_modules\/(@effect\/|effect$)/.test(path))).toBe(false)
    expect(megabytes(installed)).toBeLessThanOrEqual(15)
    expect(said).toBe("")
  })

  it("gives the three programs, and their manual pages", async () => {
    for (const program of ["mosh", "mosh-client", "mosh-server"]) {
      expect(Fs.readFileSync(Path.join(installed, `share/man/man1/${program}.1`), "utf8")).toMatch(/^\.TH /m)
      const { code, stdout } = await start([Path.join(installed, "bin", program), "--version"]).ended
      expect([code, stdout]).toEqual([0, expect.stringContaining(`${program} (effect-mosh `)])
    }
  })

  it("gives a session", { timeout: TIMEOUT }, async () => {
    const line = [Path.join(installed, "bin/mosh"), "--local", "--", "/bin/sh", "-c", "read line; echo got $line"]
    const ran = await start(line, { stdin: "some words\n" }).ended
    expect(ran).toEqual({ code: 0, stdout: expect.stringContaining("got some words"), stderr: "" })
  })
})

describe("an empty project with effect and effect-mosh", () => {
  let project: string

  beforeAll(async () => {
    project = Path.join(scratch, "project")
    Fs.mkdirSync(project)
    write("package.json", JSON.stringify({ name: "project", private: true, type: "module" }))
    await registry.npm(project, "install", "effect-mosh")
    for (const name of ["effect", "@types/node"]) {
      const link = Path.join(project, "node_modules", name)
      Fs.mkdirSync(Path.dirname(link), { recursive: true })
      Fs.symlinkSync(Path.join(ROOT, "node_modules", name), link)
    }
    examples().forEach((text, index) => write(`example-${index}.ts`, text))
    // If our types were lost, this would compile, and the directive would be an error.
    write(
      "wrong.ts",
      `import { MoshServer } from "effect-mosh"
// @ts-expect-error
export const wrong: number = MoshServer
`
    )
  }, TIMEOUT)

  const write = (name: string, text: string): void => Fs.writeFileSync(Path.join(project, name), text)

  /** The programs that the README shows. */
  const examples = (): ReadonlyArray<string> =>
    [...Fs.readFileSync(Path.join(ROOT, "README.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)]
      .map(([, text]) => text ?? "")
      .filter((text) => text.includes('from "effect-mosh'))

  const compile = async (name: string, compilerOptions: Readonly<Record<string, unknown>>): Promise<string> => {
    const options = { target: "es2024", strict: true, noEmit: true, types: ["node"], ...compilerOptions }
    write(`${name}.json`, JSON.stringify({ compilerOptions: options, include: ["*.ts"] }))
    return execute(compiler, ["-p", `${name}.json`], { cwd: project }).then(
      () => "",
      (error: { readonly stdout: string }) => error.stdout
    )
  }

  it("compiles the README's programs with nodenext, and all declarations", { timeout: TIMEOUT }, async () => {
    expect(examples()).not.toEqual([])
    const options = { module: "nodenext", moduleResolution: "nodenext", skipLibCheck: false }
    expect(await compile("nodenext", options)).toBe("")
  })

  it("compiles the README's programs with bundler", { timeout: TIMEOUT }, async () => {
    const options = { module: "esnext", moduleResolution: "bundler", skipLibCheck: true }
    expect(await compile("bundler", options)).toBe("")
  })

  it("is an ES module for every loader", async () => {
    const importing = 'const [a, b] = [await import("effect-mosh"), await import("effect-mosh/node")];'
    const requiring = 'const [a, b] = [require("effect-mosh"), require("effect-mosh/node")];'
    const telling = "console.log(typeof a.MoshServer, typeof b.NodeMoshServer.layer)"
    for (const [type, loading] of [
      ["module", importing],
      ["commonjs", requiring]
    ]) {
      const { stdout } = await execute(process.execPath, [`--input-type=${type}`, "--eval", `${loading}${telling}`], {
        cwd: project
      })
      expect(stdout).toBe("function object\n")
    }
  })

  it("serves a session by the README's first program", { timeout: TIMEOUT }, async () => {
    const server = spawn(process.execPath, ["example-0.ts"], { cwd: project, stdio: ["ignore", "pipe", "inherit"] })
    const ended = once(server, "close")
    try {
      const [line] = await once(Readline.createInterface({ input: server.stdout }), "line")
      const [, port = "", key = ""] = /^MOSH CONNECT (\d+) (\S+)$/.exec(String(line)) ?? []
      const client = [Path.join(project, "node_modules/.bin/mosh-client"), "127.0.0.1", port]
      const ran = await start(client, { stdin: "echo $((6*7)); exit\n", environment: { MOSH_KEY: key } }).ended
      expect(ran).toEqual({ code: 0, stdout: expect.stringMatching(/\b42\b/), stderr: "" })
      expect(await ended).toEqual([0, null])
    } finally {
      server.kill()
    }
  })
})
