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
