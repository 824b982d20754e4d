/**
 * The version of this package, and what a program says of itself.
 */
import * as Fs from "node:fs"

const NAME = "effect-mosh"

/** Read from package.json: beside the bundle, or wherever above this file the package begins. */
const version = (): string => {
  let directory = new URL(".", import.meta.url)
  for (let depth = 0; depth < 5; depth++) {
    try {
      const found: unknown = JSON.parse(Fs.readFileSync(new URL("package.json", directory), "utf8"))
      if (typeof found === "object" && found !== null && "name" in found && "version" in found && found.name === NAME) {
        return String(found.version)
      }
    } catch {
      // Not here: one higher.
    }
    directory = new URL("../", directory)
  }
  return "unknown"
}

/** Name, version, licence. */
export const about = (program: string): ReadonlyArray<string> => [
  `${program} (${NAME} ${version()})`,
  "Licence: MIT. It comes without any warranty."
]
