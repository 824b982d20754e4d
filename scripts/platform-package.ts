/**
 * Provides npm's platform packages (the pinned Node, node-pty's native part) for any architecture. npm installs only those
 * of this machine; others are downloaded in the version of `package-lock.json`, and verified by its checksum.
 */
import * as ChildProcess from "node:child_process"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { ROOT } from "./package.ts"

/** `npm ci` empties this directory; npm's own cache makes the next download unnecessary. */
const CACHE = Path.join(ROOT, "node_modules/.cache/effect-mosh")

interface Locked {
  readonly version: string
  readonly integrity: string
}

const locked = (name: string): Locked => {
  const { packages } = JSON.parse(Fs.readFileSync(Path.join(ROOT, "package-lock.json"), "utf8"))
  const found: Locked | undefined = packages[`node_modules/${name}`]
  if (found === undefined) throw new Error(`package-lock.json has no ${name}`)
  return found
}

/** The directory of a package. If it is not installed, it is downloaded first. */
export const directoryOf = (name: string): string => {
  const found = places(name).find((place) => Fs.existsSync(place))
  if (found !== undefined) return found
  const { integrity, version } = locked(name)
  const unpacked = unpackedAt(name, version)
  download(`${name}@${version}`, integrity, unpacked)
  return unpacked
}

/** Whether a package is installed or was downloaded before. */
export const isHere = (name: string): boolean => places(name).some((place) => Fs.existsSync(place))

const places = (name: string): ReadonlyArray<string> => [
  Path.join(ROOT, "node_modules", name),
  unpackedAt(name, locked(name).version)
]

const unpackedAt = (name: string, version: string): string => Path.join(CACHE, `${name.replace("/", "-")}-${version}`)

const download = (specifier: string, integrity: string, to: string): void => {
  Fs.mkdirSync(CACHE, { recursive: true })
  const scratch = Fs.mkdtempSync(Path.join(CACHE, "."))
  try {
    const words = ["pack", specifier, "--json", "--prefer-offline", "--ignore-scripts", `--pack-destination=${scratch}`]
    ChildProcess.execFileSync("npm", words, { cwd: scratch, stdio: ["ignore", "ignore", "inherit"] })
    const [tarball = ""] = Fs.readdirSync(scratch)
    const file = Path.join(scratch, tarball)
    const checksum = Crypto.hash("sha512", Fs.readFileSync(file), "base64")
    if (`sha512-${checksum}` !== integrity)
      throw new Error(`${specifier} does not have the checksum of package-lock.json`)
    ChildProcess.execFileSync("tar", ["--extract", "--gzip", `--file=${file}`, "-C", scratch])
    Fs.renameSync(Path.join(scratch, "package"), to)
  } finally {
    Fs.rmSync(scratch, { recursive: true, force: true })
  }
}
