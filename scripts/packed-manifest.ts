/**
 * Packs `package.json` without its `prepare` script. The script builds a checkout and needs files that the package does not
 * contain, but npm would run it when the unpacked package is installed. The script is renamed while npm packs; `--restore`
 * restores its name.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { ROOT } from "./package.ts"

/** The manifest's text, with the script under a name that npm does not run. */
export const hidePrepare = (text: string): string => text.replace(OWN, HIDDEN)

/** The inverse of `hidePrepare`. */
export const restorePrepare = (text: string): string => text.replace(HIDDEN, OWN)

const OWN = `    "prepare": "`
const HIDDEN = `    "prepare-checkout": "`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = Path.join(ROOT, "package.json")
  const change = process.argv.includes("--restore") ? restorePrepare : hidePrepare
  Fs.writeFileSync(file, change(Fs.readFileSync(file, "utf8")))
}
