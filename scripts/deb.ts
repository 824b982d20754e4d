/**
 * `npm run release:deb`: a Debian package of the single executable, with the manual pages and completions that
 * `scripts/bundle.ts` has made. It takes the place of Debian's own `mosh`.
 *
 * `--uncompressed` makes a large one quickly.
 */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import * as Licences from "./licences.ts"
import { RELEASE, ROOT, targetOf, tell } from "./package.ts"

const { architecture, debian, executable: EXECUTABLE } = targetOf(process.argv.slice(2))

/** What the pinned Node is linked with. */
const DEPENDS = "libc6 (>= 2.28), libstdc++6 (>= 7), libgcc-s1 | libgcc1"

const PROGRAMS = ["mosh", "mosh-client", "mosh-server"]
const HOME = "usr/lib/effect-mosh"
const DOCUMENTS = "usr/share/doc/effect-mosh"

/** Where Debian's shells look for what the build puts into these directories. */
const COMPLETIONS: Readonly<Record<string, string>> = {
  bash: "usr/share/bash-completion/completions",
  fish: "usr/share/fish/vendor_completions.d",
  zsh: "usr/share/zsh/vendor-completions"
}

/** Writes the package's files below `root`. */
const layOut = (root: string): void => {
  const put = (path: string, contents: string | Uint8Array): void => {
    Fs.mkdirSync(Path.dirname(Path.join(root, path)), { recursive: true })
    Fs.writeFileSync(Path.join(root, path), contents, { mode: 0o644 })
  }
  const zipped = (file: string) => Zlib.gzipSync(Fs.readFileSync(file), { level: 9 })

  Fs.mkdirSync(Path.join(root, HOME), { recursive: true })
  Fs.linkSync(EXECUTABLE, Path.join(root, HOME, "mosh"))
  Fs.mkdirSync(Path.join(root, "usr/bin"), { recursive: true })
  for (const program of PROGRAMS) Fs.symlinkSync(`../lib/effect-mosh/mosh`, Path.join(root, "usr/bin", program))

  put(`${DOCUMENTS}/copyright`, Fs.readFileSync(Path.join(ROOT, "LICENSE")))
  put(`${DOCUMENTS}/${Licences.FILE}.gz`, zipped(Path.join(RELEASE, Licences.FILE)))
  put(`${DOCUMENTS}/changelog.gz`, zipped(Path.join(ROOT, "CHANGELOG.md")))
  for (const page of Fs.readdirSync(Path.join(ROOT, "dist/man"))) {
    put(`usr/share/man/man${Path.extname(page).slice(1)}/${page}.gz`, zipped(Path.join(ROOT, "dist/man", page)))
  }
  for (const [shell, place] of Object.entries(COMPLETIONS)) {
    const directory = Path.join(ROOT, "dist/completions", shell)
    for (const file of Fs.readdirSync(directory)) put(`${place}/${file}`, Fs.readFileSync(Path.join(directory, file)))
  }
  put("DEBIAN/control", control(Math.ceil(Fs.statSync(EXECUTABLE).size / 1024)))
}

const control = (kibibytes: number): string => `Package: effect-mosh
Version: ${debian.version}
Architecture: ${debian.architecture}
Maintainer: the effect-mosh authors
Section: net
Priority: optional
Installed-Size: ${kibibytes}
Depends: ${DEPENDS}
Recommends: openssh-client
Provides: mosh
Conflicts: mosh
Replaces: mosh
Description: mobile shell: remote terminals that survive sleep, roaming and bad networks
 mosh logs in by ssh and keeps the session over UDP: it goes on when the
 laptop has slept and when the network has changed, and shows what is typed
 before the server has answered.
 .
 This one speaks the wire of mosh 1.4 and brings its own runtime.
`

// The files are for everybody to read, whoever makes them.
process.umask(0o022)
if (!Fs.existsSync(EXECUTABLE))
  throw new Error(`there is no executable yet: npm run release:executable -- --arch ${architecture}`)
const root = Fs.mkdtempSync(Path.join(RELEASE, "."))
try {
  Fs.chmodSync(root, 0o755)
  layOut(root)
  const compression = process.argv.includes("--uncompressed") ? "none" : "xz"
  ChildProcess.execFileSync("dpkg-deb", ["--root-owner-group", `-Z${compression}`, "--build", root, debian.file], {
    stdio: ["ignore", "ignore", "inherit"]
  })
  tell(debian.file)
} finally {
  Fs.rmSync(root, { recursive: true, force: true })
}
