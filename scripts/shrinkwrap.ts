/**
 * Writes `npm-shrinkwrap.json` while the package is packed: the exact bytes of all dependencies, by checksum. Without it, npm
 * installs what the registry has for the versions in `package.json`, and checks only the registry's own checksums.
 *
 * The file must not stay in the repository, where npm would use it instead of `package-lock.json`: `--remove` deletes it.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { ROOT } from "./package.ts"

export const FILE = "npm-shrinkwrap.json"

interface Locked {
  readonly dev?: boolean
  readonly link?: boolean
  readonly integrity?: string
  readonly [field: string]: unknown
}

export interface Lock {
  readonly packages: Readonly<Record<string, Locked>>
  readonly [field: string]: unknown
}

/** The part of a `package-lock.json` for users of the package: without development dependencies. */
export const shrinkwrap = (lock: Lock): Lock => {
  const { devDependencies: _development, ...root } = lock.packages[""] ?? {}
  const shipped = Object.entries(lock.packages).filter(
    ([path, { dev, link }]) => path.startsWith("node_modules/") && dev !== true && link !== true
  )
  const unpinned = shipped.find(([, { integrity }]) => integrity === undefined)
  if (unpinned !== undefined) throw new Error(`package-lock.json has no checksum of ${unpinned[0]}`)
  return { ...lock, packages: { "": root, ...Object.fromEntries(shipped) } }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = Path.join(ROOT, FILE)
  if (process.argv.includes("--remove")) Fs.rmSync(file, { force: true })
  else {
    const lock: Lock = JSON.parse(Fs.readFileSync(Path.join(ROOT, "package-lock.json"), "utf8"))
    Fs.writeFileSync(file, `${JSON.stringify(shrinkwrap(lock), undefined, 2)}\n`)
  }
}
