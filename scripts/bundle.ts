/**
 * The first half of `npm run build`: bundles each program into few files in `dist/`, because each file and each unused
 * function costs start-up time and memory.
 */
import * as esbuild from "esbuild"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Licences from "./licences.ts"
import { nodeWhenNeeded } from "./node-when-needed.ts"
import * as Manuals from "./manuals.ts"
import { manifest, ROOT } from "./package.ts"

const OUT = Path.join(ROOT, "dist")
const ENTRY_POINTS: Readonly<Record<string, string>> = {
  mosh: "src/programs/mosh/main.ts",
  "mosh-client": "src/programs/mosh-client/main.ts",
  "mosh-server": "src/programs/mosh-server/main.ts",
  "mosh-server-session": "src/programs/mosh-server/sessionProcess.ts"
}
const PROGRAMS = Object.keys(ENTRY_POINTS)

/** Modules that only the server's session process may load, because the others must start fast and stay small. */
const SERVER_ONLY = "node_modules/@xterm/"

const build = (program: string) =>
  esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: { [program]: ENTRY_POINTS[program] ?? "" },
    outdir: OUT,
    chunkNames: `${program}-[hash]`,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // A native module is found by its path in node_modules.
    external: ["node-pty"],
    define: { EFFECT_MOSH_VERSION: JSON.stringify(manifest.version) },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    plugins: [nodeWhenNeeded],
    metafile: true,
    write: false,
    logLevel: "warning"
  })

/** What the launchers run before a program; CommonJS, like the launchers. */
const buildLauncherPart = () =>
  esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ["src/programs/shared/compileCache.ts"],
    outfile: Path.join(OUT, "keep-compiled.cjs"),
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node24",
    plugins: [nodeWhenNeeded],
    minifySyntax: true,
    minifyWhitespace: true,
    write: false,
    logLevel: "warning"
  })

/** Everything that an output loads, including itself. */
const closure = (metafile: esbuild.Metafile, output: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(output)) return seen
  seen.add(output)
  for (const { path, external } of metafile.outputs[output]?.imports ?? []) {
    if (external !== true) closure(metafile, path, seen)
  }
  return seen
}

const inputsOf = (metafile: esbuild.Metafile, output: string): ReadonlyArray<string> =>
  Object.keys(metafile.outputs[output]?.inputs ?? {})

const guard = (metafile: esbuild.Metafile): void => {
  for (const program of PROGRAMS.filter((name) => name !== "mosh-server-session")) {
    for (const output of closure(metafile, `dist/${program}.js`)) {
      const intruder = inputsOf(metafile, output).find((input) => input.includes(SERVER_ONLY))
      if (intruder !== undefined) throw new Error(`${program} loads ${intruder}, which only the server may`)
    }
  }
}

/** Replaces an earlier build whose programs may be starting: each file atomically, and removes unused files last. */
const write = (files: ReadonlyArray<esbuild.OutputFile>): void => {
  Fs.mkdirSync(OUT, { recursive: true })
  for (const { contents, path } of files) {
    Fs.writeFileSync(`${path}.new`, contents)
    Fs.renameSync(`${path}.new`, path)
  }
  const current = new Set(files.map(({ path }) => Path.basename(path)))
  for (const entry of Fs.readdirSync(OUT)) {
    if (entry.endsWith(".js") && !current.has(entry)) Fs.rmSync(Path.join(OUT, entry))
  }
}

const report = (metafile: esbuild.Metafile): void => {
  const kilobytes = (output: string) => (metafile.outputs[output]?.bytes ?? 0) / 1024
  for (const program of PROGRAMS) {
    const outputs = [...closure(metafile, `dist/${program}.js`)]
    const total = outputs.reduce((sum, output) => sum + kilobytes(output), 0)
    process.stdout.write(`${program.padEnd(20)} ${total.toFixed(0).padStart(5)} KiB in ${outputs.length} files\n`)
  }
}

const built = await Promise.all(PROGRAMS.map(build))
const launcherPart = await buildLauncherPart()
const metafile: esbuild.Metafile = {
  inputs: Object.assign({}, ...built.map(({ metafile }) => metafile.inputs)),
  outputs: Object.assign({}, ...built.map(({ metafile }) => metafile.outputs))
}
guard(metafile)
write([...built.flatMap(({ outputFiles }) => outputFiles), ...launcherPart.outputFiles])
Fs.writeFileSync(Path.join(OUT, Licences.FILE), Licences.of(metafile))
Manuals.write(OUT)
report(metafile)
