/**
 * Packs `package.json` without its `prepare` script, which builds a checkout: the package has none of the files that this
 * needs, and npm would run it for those who install the unpacked package. The script has another name while npm packs;
 * `--restore` gives it its own again.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { ROOT } from "./package.ts"

/** The manifest's text with the script under a name that npm never runs by itself. */
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
