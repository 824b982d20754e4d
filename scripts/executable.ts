/**
 * `npm run release:executable`: builds `mosh`, `mosh-client` and `mosh-server` as one file that contains Node, and an
 * archive of it with its licences. The file is the pinned Node without symbols, plus our programs and node-pty's native
 * part.
 *
 * `--arch x64` or `--arch arm64` builds for that architecture. `--only` leaves out the archive, which takes longest.
 */
import * as esbuild from "esbuild"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { inject } from "postject"
import * as Emulator from "./emulator.ts"
import * as Licences from "./licences.ts"
import { nodeWhenNeeded } from "./node-when-needed.ts"
import { type Architecture, manifest, RELEASE, ROOT, targetOf, tell } from "./package.ts"
import * as PlatformPackage from "./platform-package.ts"

const { architecture, executable: EXECUTABLE, platform: PLATFORM } = targetOf(process.argv.slice(2))

/** Bundles all programs into one file. A program runs only what it imports. */
const bundle = () =>
  esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ["packaging/executable/main.ts"],
    outfile: "main.js",
    bundle: true,
    // Node 24 embeds no ES modules.
    format: "cjs",
    platform: "node",
    target: "node24",
    // Only code that does not run in the executable uses the URL of a module.
    define: { EFFECT_MOSH_VERSION: JSON.stringify(manifest.version), "import.meta.url": '""' },
    plugins: [ptyAddon, nodeWhenNeeded],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning"
  })

/** Replaces node-pty's search for its native part, which it expects in a neighbouring package. */
const ptyAddon: esbuild.Plugin = {
  name: "pty-addon",
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/requireBinary$/ }, () => ({ path: Path.join(ROOT, "packaging/executable/pty-addon.ts") }))
  }
}

/** Options that keep V8 small; in the npm package, only the server's session process has them. */
const V8_OPTIONS = ["--max-semi-space-size=2", "--v8-pool-size=0"]

/** The note in which Node finds embedded data, and the marker that enables it. */
const RESOURCE = "NODE_SEA_BLOB"
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"

const assemble = async (source: Uint8Array, workshop: string): Promise<void> => {
  const main = Path.join(workshop, "main.cjs")
  const blob = Path.join(workshop, "blob")
  const config = Path.join(workshop, "sea.json")
  const node = Path.join(PlatformPackage.directoryOf(`node-${PLATFORM}`), "bin/node")
  const pty = Path.join(PlatformPackage.directoryOf(`@lydell/node-pty-${PLATFORM}`), "pty.node")
  const emulator = Emulator.prefix(architecture)
  Fs.writeFileSync(main, source)
  Fs.writeFileSync(
    config,
    JSON.stringify({
      main,
      output: blob,
      disableExperimentalSEAWarning: true,
      // Only a Node of the target's architecture can compile for it.
      useCodeCache: emulator !== undefined,
      execArgv: [...V8_OPTIONS, "--no-warnings"],
      // Neither NODE_OPTIONS nor arguments change Node's options: all arguments are the user's.
      execArgvExtension: "none",
      assets: { "pty.node": pty }
    })
  )
  if (emulator === undefined) {
    process.stderr.write(`without qemu the executable starts more slowly: it has no compiled code\n`)
  }
  // V8 accepts a cache only under the options with which it was made.
  const compiler = emulator === undefined ? [process.execPath] : [...emulator, node]
  run(...compiler, ...V8_OPTIONS, "--experimental-sea-config", config)
  const assembled = Path.join(workshop, "node")
  strip(node, assembled)
  await inject(assembled, RESOURCE, Fs.readFileSync(blob), { sentinelFuse: FUSE })
  Fs.renameSync(assembled, EXECUTABLE)
}

const STRIP: Readonly<Record<Architecture, string>> = {
  x64: "x86_64-linux-gnu-strip",
  arm64: "aarch64-linux-gnu-strip"
}

/** Removes what only debuggers use: a fifth of Node. */
const strip = (from: string, to: string): void => {
  const native = architecture === process.arch ? ["strip"] : []
  for (const program of [...native, STRIP[architecture]]) {
    const { error, status } = ChildProcess.spawnSync(program, ["--remove-section=.comment", "-o", to, from], {
      stdio: ["ignore", "ignore", "inherit"]
    })
    if (error === undefined && status === 0) return
  }
  process.stderr.write(`without ${STRIP[architecture]} (Debian: binutils) the executable is larger than necessary\n`)
  Fs.copyFileSync(from, to)
}

/**
 * Makes the archive for users: a directory with the three programs, their manual pages and completions. gzip, because every
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

const run = (...[program = "", ...words]: ReadonlyArray<string>): void => {
  ChildProcess.execFileSync(program, words, { stdio: ["ignore", "ignore", "inherit"] })
}

// All users can read the files, whatever the umask of the build.
process.umask(0o022)
Fs.mkdirSync(RELEASE, { recursive: true })
const { metafile, outputFiles } = await bundle()
// In the same filesystem, so that large files are linked, not copied.
const workshop = Fs.mkdtempSync(Path.join(RELEASE, "."))
try {
  await assemble(outputFiles[0]?.contents ?? new Uint8Array(), workshop)
  tell(EXECUTABLE)
  Fs.writeFileSync(Path.join(RELEASE, Licences.FILE), Licences.of(metafile) + Licences.ofNode(PLATFORM))
  if (!process.argv.includes("--only")) tell(archive(workshop))
} finally {
  Fs.rmSync(workshop, { recursive: true, force: true })
}
