/**
 * The version of this package, and the lines of `--version`.
 */
import * as Fs from "node:fs"

/** Written into the bundle when it is made. */
declare const EFFECT_MOSH_VERSION: string | undefined

const version = (): string =>
  typeof EFFECT_MOSH_VERSION === "string"
    ? EFFECT_MOSH_VERSION
    : JSON.parse(Fs.readFileSync(new URL("../../../package.json", import.meta.url), "utf8")).version

/** Name, version, licence. */
export const about = (program: string): ReadonlyArray<string> => [
  `${program} (effect-mosh ${version()})`,
  "Licence: MIT. It comes without any warranty."
]
