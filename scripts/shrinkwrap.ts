/**
 * What npm installs with the package, to the byte: `npm-shrinkwrap.json`, made when the package is packed. Without it an
 * installation takes whatever the registry has under the versions of `package.json`, and checks it against the registry's
 * own word.
 *
 * The file is not kept in the repository, where npm would take it for `package-lock.json`: `--remove` deletes it.
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

/** Of a `package-lock.json`, what reaches those who install the package: no package that only its developers need. */
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
