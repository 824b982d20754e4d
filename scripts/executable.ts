/**
 * `npm run release:executable`: `mosh`, `mosh-client` and `mosh-server` in one file for this kind of machine, with Node
 * inside, and an archive of it with its licences. It is the pinned Node without its symbols, with our programs and
 * node-pty's native part added.
 *
 * `--only` leaves out the archive, which takes longest.
 */
import * as esbuild from "esbuild"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Libatomic from "./libatomic.ts"
import * as Licences from "./licences.ts"
import { nodeWhenNeeded } from "./node-when-needed.ts"
import { EXECUTABLE, manifest, PLATFORM, RELEASE, ROOT, tell } from "./package.ts"

/** All programs in one file: what a program does not import, it does not run. */
const bundle = () =>
  esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ["packaging/executable/main.ts"],
    outfile: "main.js",
    bundle: true,
    format: "esm",
    platform: "node",
    target: `node${process.versions.node.split(".")[0]}`,
    define: { EFFECT_MOSH_VERSION: JSON.stringify(manifest.version) },
    // CommonJS packages ask for Node's modules in this way.
    banner: { js: "const require = process.getBuiltinModule;" },
    plugins: [ptyAddon, nodeWhenNeeded],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning"
  })

/** node-pty looks for its native part in a package beside it. */
const ptyAddon: esbuild.Plugin = {
  name: "pty-addon",
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/requireBinary$/ }, () => ({ path: Path.join(ROOT, "packaging/executable/pty-addon.ts") }))
  }
}

/** What keeps a process of V8's small; the server's session process has it in the package, too. */
const V8_OPTIONS = ["--max-semi-space-size=2", "--v8-pool-size=0"]

const assemble = (source: Uint8Array, workshop: string): void => {
  const main = Path.join(workshop, "main.mjs")
  const node = Path.join(workshop, "node")
  const config = Path.join(workshop, "sea.json")
  Fs.writeFileSync(main, source)
  strip(process.execPath, node)
  Fs.writeFileSync(
    config,
    JSON.stringify({
      main,
      mainFormat: "module",
      executable: node,
      output: EXECUTABLE,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      execArgv: [...V8_OPTIONS, "--no-warnings"],
      // Neither NODE_OPTIONS nor an argument changes what Node does: all arguments are the person's.
      execArgvExtension: "none",
      assets: { "pty.node": Path.join(ROOT, "node_modules/@lydell", `node-pty-${PLATFORM}`, "pty.node") }
    })
  )
  // V8 takes a cache only under the options that it was made under.
  run(process.execPath, ...V8_OPTIONS, "--build-sea", config)
}

/** What a debugger would want is a fifth of Node. */
const strip = (from: string, to: string): void => {
  const { error, status } = ChildProcess.spawnSync("strip", ["-o", to, from], {
    stdio: ["ignore", "ignore", "inherit"]
  })
  if (error === undefined && status === 0) return
  process.stderr.write("without strip (Debian: binutils) the executable is larger than it need be\n")
  Fs.copyFileSync(from, to)
}

/** What servers without a compiler may not have is not to be needed. */
const lighten = (): void => {
  const file = Fs.readFileSync(EXECUTABLE)
  const obstacle = Libatomic.doWithout(file)
  if (obstacle !== undefined) process.stderr.write(`the executable needs libatomic (Debian: libatomic1): ${obstacle}\n`)
  Fs.writeFileSync(EXECUTABLE, file)
}

/**
 * What a person unpacks: a directory with the three programs, their manual pages and completions. gzip, because every
 * machine can unpack it.
 */
const archive = (workshop: string): string => {
  const name = Path.basename(EXECUTABLE)
  const directory = Path.join(workshop, name)
  Fs.mkdirSync(directory)
  Fs.linkSync(EXECUTABLE, Path.join(directory, "mosh"))
  for (const program of ["mosh-client", "mosh-server"]) Fs.symlinkSync("mosh", Path.join(directory, program))
  for (const licence of [Path.join(ROOT, "LICENSE"), Path.join(RELEASE, Licences.FILE)]) {
    Fs.copyFileSync(licence, Path.join(directory, Path.basename(licence)))
  }
  for (const part of ["man", "completions"]) {
    Fs.cpSync(Path.join(ROOT, "dist", part), Path.join(directory, part), { recursive: true })
  }
  run(
    "tar",
    "--create",
    "--use-compress-program=gzip -9",
    "--owner=0",
    "--group=0",
    `--file=${EXECUTABLE}.tar.gz`,
    "-C",
    workshop,
    name
  )
  return `${EXECUTABLE}.tar.gz`
}

const run = (program: string, ...words: ReadonlyArray<string>): void => {
  ChildProcess.execFileSync(program, words, { stdio: ["ignore", "ignore", "inherit"] })
}

// The files are for everybody to read, whoever makes them.
process.umask(0o022)
if (process.platform !== "linux") throw new Error("the executable is made on Linux, for Linux")
Fs.mkdirSync(RELEASE, { recursive: true })
const { metafile, outputFiles } = await bundle()
// In the same filesystem, so that what is large is linked and not copied.
const workshop = Fs.mkdtempSync(Path.join(RELEASE, "."))
try {
  assemble(outputFiles[0]?.contents ?? new Uint8Array(), workshop)
  lighten()
  tell(EXECUTABLE)
  Fs.writeFileSync(Path.join(RELEASE, Licences.FILE), Licences.of(metafile) + Licences.ofNode())
  if (!process.argv.includes("--only")) tell(archive(workshop))
} finally {
  Fs.rmSync(workshop, { recursive: true, force: true })
}
