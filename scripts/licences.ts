/**
 * Collects the licences of everything that is copied into a bundle, because they require that.
 */
import type { Metafile } from "esbuild"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { ROOT } from "./package.ts"
import * as PlatformPackage from "./platform-package.ts"

/** The name of their file beside a bundle. */
export const FILE = "THIRD-PARTY-LICENSES.txt"

const RULE = "\n----\n\n"

/** The licences of every package that has a file in the bundle. */
export const of = (metafile: Metafile): string => {
  const packages = new Set<string>()
  for (const input of Object.keys(metafile.inputs)) {
    const name = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]
    if (name !== undefined) packages.add(name)
  }
  return [...packages]
    .sort()
    .map((name) => {
      const directory = Path.join(ROOT, "node_modules", name)
      const manifest = JSON.parse(Fs.readFileSync(Path.join(directory, "package.json"), "utf8"))
      const file = Fs.readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry))
      const text = file === undefined ? "" : `\n${Fs.readFileSync(Path.join(directory, file), "utf8").trim()}\n`
      return `${name} ${manifest.version}\nLicence: ${manifest.license}\n${text}`
    })
    .join(RULE)
}

/** The licences of the pinned Node and its parts. */
export const ofNode = (platform: string): string => {
  const directory = PlatformPackage.directoryOf(`node-${platform}`)
  const { version } = JSON.parse(Fs.readFileSync(Path.join(directory, "package.json"), "utf8"))
  const text = Fs.readFileSync(Path.join(directory, "LICENSE"), "utf8").trim()
  return `${RULE}node ${version}\n\n${text}\n`
}
