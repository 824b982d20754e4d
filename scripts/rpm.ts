/**
 * Makes an RPM package of the single executable, with `rpmbuild` (Debian: `apt install rpm`).
 *
 * `--arch x64` or `--arch arm64` chooses the architecture; `--uncompressed` makes a large package quickly.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { manifest, targetOf } from "./package.ts"
import * as SystemFiles from "./system-files.ts"

const target = targetOf(process.argv.slice(2))
const { architecture, file, version } = target.rpm

const LICENCES = "usr/share/licenses/effect-mosh"
const LAYOUT: SystemFiles.Layout = {
  zsh: "usr/share/zsh/site-functions",
  licences: LICENCES,
  licence: "LICENSE",
  // firewalld already has a service "mosh".
  ufw: false
}

const spec = (files: string, paths: ReadonlyArray<string>): string => `Name: effect-mosh
Version: ${version}
Release: 1
Summary: Mobile shell: remote terminals that survive sleep, roaming and bad networks
License: ${manifest.license}
Provides: mosh = ${version}
Conflicts: mosh
Requires: glibc >= 2.28, libstdc++, libgcc
Recommends: openssh-clients
AutoReqProv: no
# The executable holds its programs in a section that stripping would remove.
%global __os_install_post %{nil}
%global debug_package %{nil}
%global _build_id_links none

%description
mosh logs in by ssh and keeps the session over UDP: it goes on when the laptop
has slept and when the network has changed, and shows what is typed before the
server has answered.

%install
cp -a "${files}/." "%{buildroot}/"

%files
%defattr(-,root,root)
%dir /usr/lib/effect-mosh
%dir /${SystemFiles.DOCUMENTS}
%dir /${SystemFiles.DOCUMENTS}/docs
%dir /${LICENCES}
${paths.map((path) => `${kind(path)}"/${path}"`).join("\n")}
`

const kind = (path: string): string =>
  path.startsWith(LICENCES) ? "%license " : path.startsWith(SystemFiles.DOCUMENTS) ? "%doc " : ""

SystemFiles.build(target, file, LAYOUT, (root, written) => {
  const workshop = Path.dirname(root)
  const recipe = Path.join(workshop, "effect-mosh.spec")
  Fs.writeFileSync(recipe, spec(root, SystemFiles.list(root)))
  const macros = {
    _topdir: Path.join(workshop, "build"),
    _rpmdir: workshop,
    _rpmfilename: Path.basename(written),
    _binary_payload: process.argv.includes("--uncompressed") ? "w1.zstdio" : "w19.zstdio",
    _dbpath: Path.join(workshop, "database"),
    _buildhost: "localhost",
    use_source_date_epoch_as_buildtime: "1",
    clamp_mtime_to_source_date_epoch: "1"
  }
  const definitions = Object.entries(macros).flatMap(([name, value]) => ["--define", `${name} ${value}`])
  SystemFiles.run(workshop, "rpmbuild", "-bb", "--quiet", "--target", architecture, ...definitions, recipe)
})
