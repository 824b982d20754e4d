/**
 * A Debian package of the single executable (`npm run release:deb` builds both). It replaces Debian's own `mosh`.
 *
 * `--arch x64` or `--arch arm64` chooses the architecture; `--uncompressed` makes a large package quickly.
 */
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { manifest, ROOT, targetOf } from "./package.ts"
import * as SystemFiles from "./system-files.ts"

const target = targetOf(process.argv.slice(2))
const { architecture, file, version } = target.debian

/** The variables of Debian's own tools. The project has no address. */
const { DEBEMAIL = "packages@effect-mosh.invalid", DEBFULLNAME = "effect-mosh authors" } = process.env
const MAINTAINER = `${DEBFULLNAME} <${DEBEMAIL}>`

const LAYOUT: SystemFiles.Layout = {
  zsh: "usr/share/zsh/vendor-completions",
  licences: SystemFiles.DOCUMENTS,
  licence: "copyright",
  ufw: true
}

const control = (kibibytes: number): string => `Package: effect-mosh
Version: ${version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Section: net
Priority: optional
Installed-Size: ${kibibytes}
Depends: libc6 (>= 2.28), libstdc++6 (>= 7), libgcc-s1 | libgcc1
Recommends: openssh-client
Suggests: ufw
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

/** The changelog of the Debian package; the program's changelog is a separate file. */
const changelog = (): string => {
  const date = new Date(SystemFiles.sourceDate() * 1000).toUTCString().replace("GMT", "+0000")
  return `effect-mosh (${version}) unstable; urgency=medium

  * Package effect-mosh ${manifest.version}; changelog.gz lists its changes.

 -- ${MAINTAINER}  ${date}
`
}

const checksums = (root: string): string =>
  SystemFiles.list(root)
    .filter((path) => path !== SystemFiles.UFW && !Fs.lstatSync(Path.join(root, path)).isSymbolicLink())
    .map((path) => `${Crypto.hash("md5", Fs.readFileSync(Path.join(root, path)))}  ${path}\n`)
    .join("")

SystemFiles.build(target, file, LAYOUT, (root, written) => {
  const document = (name: string, contents: string | Uint8Array): void =>
    SystemFiles.put(root, `${SystemFiles.DOCUMENTS}/${name}`, SystemFiles.zipped(contents))
  document("changelog.gz", Fs.readFileSync(Path.join(ROOT, "CHANGELOG.md")))
  document("changelog.Debian.gz", changelog())
  const overrides = Fs.readFileSync(Path.join(ROOT, "packaging/system/lintian-overrides"))
  SystemFiles.put(root, "usr/share/lintian/overrides/effect-mosh", overrides)

  const md5sums = checksums(root)
  const files = SystemFiles.list(root).map((path) => Fs.lstatSync(Path.join(root, path)).size)
  const kibibytes = files.reduce((sum, size) => sum + Math.ceil(size / 1024), 0)
  SystemFiles.put(root, "DEBIAN/control", control(kibibytes))
  SystemFiles.put(root, "DEBIAN/conffiles", `/${SystemFiles.UFW}\n`)
  SystemFiles.put(root, "DEBIAN/md5sums", md5sums)

  const compression = process.argv.includes("--uncompressed") ? ["-Zgzip", "-z0"] : ["-Zxz"]
  SystemFiles.run(root, "dpkg-deb", "--root-owner-group", ...compression, "--build", root, written)
})
