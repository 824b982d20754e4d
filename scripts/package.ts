/**
 * Facts about this package, for the scripts.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

/** Its directory. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url))

export const manifest: {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
} = JSON.parse(Fs.readFileSync(Path.join(ROOT, "package.json"), "utf8"))

/** The directory of releases for users without Node. */
export const RELEASE = Path.join(ROOT, "release")

/** The architectures of releases, in Node's names. */
export const ARCHITECTURES = ["x64", "arm64"] as const
export type Architecture = (typeof ARCHITECTURES)[number]

/** A release for one architecture of Linux, and its names in package managers. */
export interface Target {
  readonly architecture: Architecture
  /** The suffix of npm's platform packages. */
  readonly platform: string
  /** The file that `scripts/executable.ts` writes. */
  readonly executable: string
  readonly debian: SystemPackage
  readonly rpm: SystemPackage
  readonly arch: SystemPackage
}

export interface SystemPackage {
  readonly architecture: string
  readonly version: string
  readonly file: string
}

const DEBIAN_ARCHITECTURES: Readonly<Record<Architecture, string>> = { x64: "amd64", arm64: "arm64" }
const MACHINES: Readonly<Record<Architecture, string>> = { x64: "x86_64", arm64: "aarch64" }

const isArchitecture = (name: string): name is Architecture => (ARCHITECTURES as ReadonlyArray<string>).includes(name)

export const target = (architecture: string): Target => {
  if (!isArchitecture(architecture)) throw new Error(`releases are for ${ARCHITECTURES.join(" and ")} only`)
  const platform = `linux-${architecture}`
  const machine = MACHINES[architecture]
  const release = (name: string): string => Path.join(RELEASE, name)
  const { name, version } = manifest
  // Package managers sort 1.0.0-rc.1 behind 1.0.0, but 1.0.0~rc.1 before it; pacman, 1.0.0rc.1.
  const tilde = version.replace("-", "~")
  const debian = { architecture: DEBIAN_ARCHITECTURES[architecture], version: `${tilde}-1` }
  const arch = { architecture: machine, version: `${version.replace("-", "")}-1` }
  return {
    architecture,
    platform,
    executable: release(`${name}-${version}-${platform}`),
    debian: { ...debian, file: release(`${name}_${debian.version}_${debian.architecture}.deb`) },
    rpm: { architecture: machine, version: tilde, file: release(`${name}-${tilde}-1.${machine}.rpm`) },
    arch: { ...arch, file: release(`${name}-${arch.version}-${machine}.pkg.tar.zst`) }
  }
}

/** The target that a script's `--arch` names; without the option, this machine's. */
export const targetOf = (words: ReadonlyArray<string>): Target => {
  const { values } = parseArgs({ args: [...words], options: { arch: { type: "string" } }, strict: false })
  return target(typeof values.arch === "string" ? values.arch : process.arch)
}

/** Prints the size of a file. */
export const tell = (file: string): void => {
  const megabytes = (Fs.statSync(file).size / 1e6).toFixed(1)
  process.stdout.write(`${Path.relative(ROOT, file)} ${megabytes} MB\n`)
}
