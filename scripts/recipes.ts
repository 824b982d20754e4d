/**
 * The Homebrew formula and the Nix expression of a release, for the npm package and its pinned dependencies
 * (`npm run release:recipes` packs it first). They are not for the single executable: Homebrew is used on macOS, too, and
 * Nix would have to change the executable's loader, which breaks it.
 *
 * `--tarball=FILE` is the packed npm package; `--out=DIRECTORY` is where the two files are written.
 */
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { parseArgs } from "node:util"
import { manifest, RELEASE, ROOT, tell } from "./package.ts"
import { type Lock, shrinkwrap } from "./shrinkwrap.ts"

const REGISTRY = "https://registry.npmjs.org"
const HOMEPAGE = "https://www.npmjs.com/package/effect-mosh"
const SUMMARY = "Remote terminals that survive sleep, roaming and bad networks"

/** A package to download: the directory that it has below `node_modules`, its address, and its checksum. */
interface Download {
  readonly directory: string
  readonly url: string
  readonly integrity: string
  /** Nix's names of the only systems that use it; empty for all. */
  readonly systems: ReadonlyArray<string>
}

const addressOf = (name: string, version: string): string =>
  `${REGISTRY}/${name}/-/${name.slice(name.indexOf("/") + 1)}-${version}.tgz`

const KERNELS: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin" }
const PROCESSORS: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" }

const strings = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : []

/** What is installed with the package, on the systems that Nix knows. */
const dependencies = (): ReadonlyArray<Download> => {
  const lock: Lock = JSON.parse(Fs.readFileSync(Path.join(ROOT, "package-lock.json"), "utf8"))
  return Object.entries(shrinkwrap(lock).packages).flatMap(([path, locked]) => {
    if (path === "") return []
    const directory = path.slice("node_modules/".length)
    const name = typeof locked["name"] === "string" ? locked["name"] : directory
    const url = addressOf(name, String(locked["version"]))
    const systems = strings(locked["os"]).flatMap((os) =>
      strings(locked["cpu"]).flatMap((cpu) =>
        KERNELS[os] === undefined || PROCESSORS[cpu] === undefined ? [] : [`${PROCESSORS[cpu]}-${KERNELS[os]}`]
      )
    )
    const isElsewhere = locked["os"] !== undefined && systems.length === 0
    return isElsewhere ? [] : [{ directory, url, integrity: String(locked.integrity), systems }]
  })
}

const hash = (algorithm: string, encoding: "hex" | "base64"): string =>
  Crypto.hash(algorithm, Fs.readFileSync(tarball), encoding)

const formula = (): string => `class EffectMosh < Formula
  desc "${SUMMARY}"
  homepage "${HOMEPAGE}"
  url "${addressOf(manifest.name, manifest.version)}"
  sha256 "${hash("sha256", "hex")}"
  license "${manifest.license}"

  depends_on "node"

  conflicts_with "mosh", because: "both install mosh, mosh-client and mosh-server"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink libexec.glob("bin/*")
    dist = libexec/"lib/node_modules/effect-mosh/dist"
    man1.install_symlink dist.glob("man/*.1")
    bash_completion.install_symlink dist.glob("completions/bash/*")
    zsh_completion.install_symlink dist.glob("completions/zsh/*")
    fish_completion.install_symlink dist.glob("completions/fish/*")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/mosh --version")
    assert_match "brewed", pipe_output("#{bin}/mosh --local", "echo bre''wed; exit\\n", 0)
  end
end
`

const fetched = ({ integrity, url }: Download): string => `fetchurl {
      url = "${url}";
      hash = "${integrity}";
    }`

const entries = (downloads: ReadonlyArray<Download>): string =>
  downloads.map((download) => `    "${download.directory}" = ${fetched(download)};`).join("\n")

const expression = (): string => {
  const all = dependencies()
  const systems = [...new Set(all.flatMap((download) => download.systems))].toSorted()
  const everywhere = all.filter((download) => download.systems.length === 0)
  const native = systems.map(
    (system) => `    ${system} = {
${entries(all.filter((download) => download.systems.includes(system))).replaceAll(/^/gm, "  ")}
    };`
  )
  return `# effect-mosh ${manifest.version}:
#   nix-build --expr 'with import <nixpkgs> { }; callPackage ./effect-mosh.nix { }'
{ lib, stdenv, fetchurl, nodejs_24, autoPatchelfHook }:

let
  everywhere = {
${entries(everywhere)}
  };
  native = {
${native.join("\n")}
  };
  dependencies = everywhere // native.\${stdenv.hostPlatform.system};
in
stdenv.mkDerivation {
  pname = "effect-mosh";
  version = "${manifest.version}";

  src = fetchurl {
    url = "${addressOf(manifest.name, manifest.version)}";
    hash = "sha512-${hash("sha512", "base64")}";
  };
  sourceRoot = "package";

  # node-pty's native part is built for other distributions.
  nativeBuildInputs = lib.optional stdenv.hostPlatform.isLinux autoPatchelfHook;
  # The programs' first line becomes the path of this Node.
  buildInputs = [ nodejs_24 ] ++ lib.optional stdenv.hostPlatform.isLinux stdenv.cc.cc.lib;

  dontConfigure = true;
  dontBuild = true;

  installPhase = ''
    runHook preInstall
    package=$out/lib/node_modules/effect-mosh
    mkdir -p $package $out/bin $out/share/man/man1
    cp -r . $package
    add() {
      mkdir -p $package/node_modules/$1
      tar -xzf $2 -C $package/node_modules/$1 --strip-components=1
    }
    \${lib.concatStrings (lib.mapAttrsToList (name: tarball: "add \${name} \${tarball}\\n    ") dependencies)}
    chmod -R u+w $package
    for program in mosh mosh-client mosh-server; do
      chmod +x $package/bin/$program.cjs
      ln -s $package/bin/$program.cjs $out/bin/$program
      ln -s $package/dist/man/$program.1 $out/share/man/man1
    done
    mkdir -p $out/share/bash-completion $out/share/zsh $out/share/fish
    ln -s $package/dist/completions/bash $out/share/bash-completion/completions
    ln -s $package/dist/completions/zsh $out/share/zsh/site-functions
    ln -s $package/dist/completions/fish $out/share/fish/vendor_completions.d
    runHook postInstall
  '';

  meta = {
    description = "${SUMMARY}";
    homepage = "${HOMEPAGE}";
    license = lib.licenses.${manifest.license.toLowerCase()};
    mainProgram = "mosh";
    platforms = builtins.attrNames native;
  };
}
`
}

const { values } = parseArgs({ options: { tarball: { type: "string" }, out: { type: "string" } } })
const out = values.out ?? RELEASE
const tarball = values.tarball ?? Path.join(RELEASE, `${manifest.name}-${manifest.version}.tgz`)
if (!Fs.existsSync(tarball)) throw new Error(`no ${tarball}: run npm run release:recipes`)
for (const [file, text] of [
  ["effect-mosh.rb", formula()],
  ["effect-mosh.nix", expression()]
] as const) {
  Fs.writeFileSync(Path.join(out, file), text)
  tell(Path.join(out, file))
}
