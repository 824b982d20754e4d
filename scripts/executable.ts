/**
 * `npm run release:executable`: `mosh`, `mosh-client` and `mosh-server` in one file for this kind of machine, with Node
 * inside. It is the pinned Node, without its symbols, with our programs and node-pty's native part added.
 *
 * `--only` leaves out the compressed copy, which takes longest.
 */
import * as esbuild from "esbuild"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import * as Licences from "./licences.ts"
import { manifest, ROOT } from "./package.ts"

const OUT = Path.join(ROOT, "release")
const PLATFORM = `${process.platform}-${process.arch}`
const NAME = `${manifest.name}-${manifest.version}-${PLATFORM}`

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
    plugins: [ptyAddon],
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

/** What a debugger would want is a fifth of Node. */
const strip = (from: string, to: string): void => {
  const { error, status } = ChildProcess.spawnSync("strip", ["-o", to, from], {
    stdio: ["ignore", "ignore", "inherit"]
  })
  if (error === undefined && status === 0) return
  process.stderr.write("without strip (Debian: binutils) the executable is larger than it need be\n")
  Fs.copyFileSync(from, to)
}

/** What keeps a process of V8's small; the server's session process has it in the package, too. */
const V8_OPTIONS = ["--max-semi-space-size=1", "--no-maglev", "--v8-pool-size=0"]

const assemble = (source: Uint8Array, output: string): void => {
  const workshop = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-executable-"))
  try {
    const [main, node, config] = ["main.mjs", "node", "sea.json"].map((name) => Path.join(workshop, name)) as [
      string,
      string,
      string
    ]
    Fs.writeFileSync(main, source)
    strip(process.execPath, node)
    Fs.writeFileSync(
      config,
      JSON.stringify({
        main,
        mainFormat: "module",
        executable: node,
        output,
        disableExperimentalSEAWarning: true,
        useCodeCache: true,
        execArgv: [...V8_OPTIONS, "--no-warnings"],
        // Neither NODE_OPTIONS nor an argument changes what Node does: all arguments are the person's.
        execArgvExtension: "none",
        assets: { "pty.node": Path.join(ROOT, "node_modules/@lydell", `node-pty-${PLATFORM}`, "pty.node") }
      })
    )
    // V8 takes a cache only under the options that it was made under.
    ChildProcess.execFileSync(process.execPath, [...V8_OPTIONS, "--build-sea", config], {
      stdio: ["ignore", "ignore", "inherit"]
    })
  } finally {
    Fs.rmSync(workshop, { recursive: true, force: true })
  }
}

const megabytes = (file: string): string => `${(Fs.statSync(file).size / 1e6).toFixed(1)} MB`

if (process.platform !== "linux") throw new Error("the executable is made on Linux, for Linux")
Fs.mkdirSync(OUT, { recursive: true })
const { metafile, outputFiles } = await bundle()
const executable = Path.join(OUT, NAME)
assemble(outputFiles[0]?.contents ?? new Uint8Array(), executable)
Fs.writeFileSync(Path.join(OUT, Licences.FILE), Licences.of(metafile))
process.stdout.write(`${Path.relative(ROOT, executable)} ${megabytes(executable)}\n`)
if (!process.argv.includes("--only")) {
  // Every machine can unpack this one.
  const compressed = `${executable}.gz`
  Fs.writeFileSync(compressed, Zlib.gzipSync(Fs.readFileSync(executable), { level: 9 }))
  process.stdout.write(`${Path.relative(ROOT, compressed)} ${megabytes(compressed)}\n`)
}
