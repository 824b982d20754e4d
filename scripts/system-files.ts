/**
 * Lays out the files of a system package (.deb, .rpm, Arch): the single executable, and the output of `scripts/bundle.ts`.
 */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { parseArgs } from "node:util"
import * as Zlib from "node:zlib"
import * as Licences from "./licences.ts"
import { RELEASE, ROOT, type Target, tell } from "./package.ts"

/** The directories in which distributions differ, relative to the root of the filesystem. */
export interface Layout {
  readonly zsh: string
  /** The directory of the licences, and the name of our own licence there. */
  readonly licences: string
  readonly licence: string
  /** Whether the distribution's firewall front end is ufw. */
  readonly ufw: boolean
}

export const DOCUMENTS = "usr/share/doc/effect-mosh"
const PROGRAMS = ["mosh", "mosh-client", "mosh-server"]

/** The firewall profile, which administrators may change. */
export const UFW = "etc/ufw/applications.d/effect-mosh"

/** Writes a file that all users may read. */
export const put = (root: string, path: string, contents: string | Uint8Array): void => {
  Fs.mkdirSync(Path.dirname(Path.join(root, path)), { recursive: true })
  Fs.writeFileSync(Path.join(root, path), contents, { mode: 0o644 })
}

/** Compresses without a timestamp, so that equal sources give equal packages. */
export const zipped = (contents: string | Uint8Array): Uint8Array => Zlib.gzipSync(contents, { level: 9 })

/** Writes the files below `root`. `executable` is a file of the filesystem that holds `root`. */
const layOut = (root: string, executable: string, layout: Layout): void => {
  const own = "usr/lib/effect-mosh/mosh"
  Fs.mkdirSync(Path.join(root, Path.dirname(own)), { recursive: true })
  Fs.linkSync(executable, Path.join(root, own))
  Fs.mkdirSync(Path.join(root, "usr/bin"), { recursive: true })
  for (const program of PROGRAMS) Fs.symlinkSync("../lib/effect-mosh/mosh", Path.join(root, "usr/bin", program))

  for (const [from, to] of documents()) put(root, `${DOCUMENTS}/${to}`, Fs.readFileSync(Path.join(ROOT, from)))
  put(root, `${layout.licences}/${layout.licence}`, Fs.readFileSync(Path.join(ROOT, "LICENSE")))
  put(
    root,
    `${layout.licences}/${Licences.FILE}.gz`,
    zipped(Fs.readFileSync(Path.join(Path.dirname(executable), Licences.FILE)))
  )
  if (layout.ufw) put(root, UFW, Fs.readFileSync(Path.join(ROOT, "packaging/system/ufw.conf")))

  for (const page of Fs.readdirSync(Path.join(ROOT, "dist/man"))) {
    const section = Path.extname(page).slice(1)
    put(root, `usr/share/man/man${section}/${page}.gz`, zipped(Fs.readFileSync(Path.join(ROOT, "dist/man", page))))
  }
  const completions = {
    bash: "usr/share/bash-completion/completions",
    fish: "usr/share/fish/vendor_completions.d",
    zsh: layout.zsh
  }
  for (const [shell, place] of Object.entries(completions)) {
    const directory = Path.join(ROOT, "dist/completions", shell)
    for (const file of Fs.readdirSync(directory))
      put(root, `${place}/${file}`, Fs.readFileSync(Path.join(directory, file)))
  }
}

/** README and the pages for users and administrators, at the paths that their links use. */
const documents = (): ReadonlyArray<readonly [from: string, to: string]> => {
  const pages = ["operating", "limits", "differences", "prediction"].map((page) => `docs/${page}.md`)
  return ["README.md", "SECURITY.md", ...pages].map((page) => [page, page])
}

/** Every file and link below `root`, as relative paths. */
export const list = (root: string): ReadonlyArray<string> =>
  Fs.readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => !Fs.lstatSync(Path.join(root, path)).isDirectory())
    .toSorted()

/** Seconds since 1970 of the last commit: equal sources give equal packages, whenever they are built. */
export const sourceDate = (): number => {
  const given = process.env["SOURCE_DATE_EPOCH"] ?? ""
  if (/^\d+$/.test(given)) return Number(given)
  const { stdout } = ChildProcess.spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: ROOT, encoding: "utf8" })
  return /^\d+\n$/.test(stdout ?? "")
    ? Number(stdout)
    : Math.floor(Fs.statSync(Path.join(ROOT, "CHANGELOG.md")).mtimeMs / 1000)
}

/** Packages the files below `root` as the file `written`. */
export type Packager = (root: string, written: string) => void

/**
 * Lays out the files, has them packaged, and moves the package to its place.
 *
 * For tests, `--executable=FILE` packages another program, and `--out=DIRECTORY` is another place on the same filesystem.
 */
export const build = (target: Target, file: string, layout: Layout, packager: Packager): void => {
  const { values } = parseArgs({ options: { executable: { type: "string" }, out: { type: "string" } }, strict: false })
  const executable = String(values["executable"] ?? target.executable)
  const out = Path.join(String(values["out"] ?? RELEASE), Path.basename(file))
  if (!Fs.existsSync(executable)) {
    throw new Error(`no ${executable}: run npm run release:executable -- --arch ${target.architecture}`)
  }
  // All users may read the files, whatever the umask of the build.
  process.umask(0o022)
  // Beside the executable, which is linked rather than copied.
  const workshop = Fs.mkdtempSync(Path.join(Path.dirname(executable), "."))
  try {
    const root = Path.join(workshop, "files")
    const written = Path.join(workshop, "package")
    layOut(root, executable, layout)
    packager(root, written)
    Fs.renameSync(written, out)
  } finally {
    Fs.rmSync(workshop, { recursive: true, force: true })
  }
  tell(out)
}

export const run = (directory: string, program: string, ...words: ReadonlyArray<string>): void => {
  const env = { ...process.env, LC_ALL: "C.UTF-8", SOURCE_DATE_EPOCH: String(sourceDate()) }
  ChildProcess.execFileSync(program, words, { cwd: directory, env, stdio: ["ignore", "ignore", "inherit"] })
}
