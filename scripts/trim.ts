/**
 * Removes from `node_modules` what no script of this package uses: C++ headers, which are two thirds of the pinned Node's
 * files, and the compilers and linters that effect-tsgo holds for other releases. `npm ci` runs it at the end.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { ROOT } from "./package.ts"

const UNUSED = [
  "node-{linux,darwin,bin-darwin}-*/{include,share}",
  "@effect/tsgo-*/artifacts/{oxlint,oxlint-tsgolint}",
  "@effect/tsgo-*/artifacts/typescript/*"
]

const modules = Path.join(ROOT, "node_modules")

/** The release whose compiler effect-tsgo runs. */
const compiler = (): string => {
  const { version } = JSON.parse(Fs.readFileSync(Path.join(modules, "typescript/package.json"), "utf8"))
  return `typescript/${version}`
}

// Without development dependencies there is nothing to remove.
if (Fs.existsSync(Path.join(modules, "typescript"))) {
  const used = compiler()
  for (const path of Fs.globSync(UNUSED, { cwd: modules })) {
    if (!path.endsWith(used)) Fs.rmSync(Path.join(modules, path), { recursive: true, force: true })
  }
}
