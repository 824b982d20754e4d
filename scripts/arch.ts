/**
 * Makes a package of the single executable for Arch Linux, as makepkg does, with `bsdtar` and `zstd` (Debian:
 * `apt install libarchive-tools zstd`).
 *
 * `--arch x64` or `--arch arm64` chooses the architecture; `--uncompressed` makes a large package quickly.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { manifest, targetOf } from "./package.ts"
import * as SystemFiles from "./system-files.ts"

const target = targetOf(process.argv.slice(2))
const { architecture, file, version } = target.arch

const LAYOUT: SystemFiles.Layout = {
  zsh: "usr/share/zsh/site-functions",
  licences: "usr/share/licenses/effect-mosh",
  licence: "LICENSE",
  ufw: true
}

const information = (bytes: number): string => `pkgname = effect-mosh
pkgbase = effect-mosh
pkgver = ${version}
pkgdesc = Mobile shell: remote terminals that survive sleep, roaming and bad networks
url = https://www.npmjs.com/package/effect-mosh
builddate = ${SystemFiles.sourceDate()}
packager = Unknown Packager
size = ${bytes}
arch = ${architecture}
license = ${manifest.license}
conflict = mosh
provides = mosh=${version}
backup = ${SystemFiles.UFW}
depend = glibc
depend = gcc-libs
optdepend = openssh: to log in to servers
`

/** The attributes that pacman verifies. */
const RECORDED = "!all,use-set,type,uid,gid,mode,time,size,md5,sha256,link"
const OWNER = ["--uid=0", "--gid=0", "--uname=root", "--gname=root"]

SystemFiles.build(target, file, LAYOUT, (root, written) => {
  const bytes = SystemFiles.list(root).reduce((sum, path) => sum + Fs.lstatSync(Path.join(root, path)).size, 0)
  SystemFiles.put(root, ".PKGINFO", information(bytes))
  const contents = [".PKGINFO", "etc", "usr"]
  SystemFiles.run(root, "bsdtar", "-czf", ".MTREE", "--format=mtree", `--options=${RECORDED}`, ...OWNER, ...contents)
  const level = process.argv.includes("--uncompressed") ? 1 : 19
  const format = ["--zstd", `--options=zstd:compression-level=${level}`]
  SystemFiles.run(root, "bsdtar", "-cf", written, ...format, ...OWNER, ".MTREE", ...contents)
})
