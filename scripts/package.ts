/**
 * What the scripts know of this package.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

/** Its directory. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url))

export const manifest: {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
} = JSON.parse(Fs.readFileSync(Path.join(ROOT, "package.json"), "utf8"))

/** The kind of machine that a release is made on and for. */
export const PLATFORM = `${process.platform}-${process.arch}`

/** Where what is given to people without Node is put, and the executable there that `scripts/executable.ts` makes. */
export const RELEASE = Path.join(ROOT, "release")
export const EXECUTABLE = Path.join(RELEASE, `${manifest.name}-${manifest.version}-${PLATFORM}`)

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", arm64: "arm64" }

/** This release and this kind of machine, as Debian calls them: 1.0.0-rc.1 comes before 1.0.0, which takes a tilde. */
export const DEBIAN = {
  version: manifest.version.replace("-", "~"),
  architecture: ARCHITECTURES[process.arch] ?? process.arch
}

/** The Debian package that `scripts/deb.ts` makes. */
export const PACKAGE = Path.join(RELEASE, `${manifest.name}_${DEBIAN.version}_${DEBIAN.architecture}.deb`)

/** Says how large a file has become. */
export const tell = (file: string): void => {
  const megabytes = (Fs.statSync(file).size / 1e6).toFixed(1)
  process.stdout.write(`${Path.relative(ROOT, file)} ${megabytes} MB\n`)
}
