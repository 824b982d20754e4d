/**
 * Dependencies: pinned, from the registry, under licences that require attribution only, and without install scripts.
 */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { describe, expect, it } from "vitest"

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly license?: string
  readonly dev?: boolean
  readonly link?: boolean
  readonly hasInstallScript?: boolean
}

const read = (file: string): unknown => JSON.parse(readFileSync(resolve(import.meta.dirname, "..", file), "utf8"))

const lock = read("package-lock.json") as { readonly packages: Readonly<Record<string, Locked>> }
const packages = Object.entries(lock.packages).filter(([path, { link }]) => path.startsWith("node_modules/") && !link)
/** Dependencies that users install with the package. */
const shipped = packages.filter(([, { dev }]) => dev !== true)

const PERMISSIVE = ["MIT", "Apache-2.0", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD"]

describe("dependencies", () => {
  it("are pinned to one version, and to its contents", () => {
    const manifest = read("package.json") as { readonly dependencies?: Readonly<Record<string, string>> }
    for (const version of Object.values(manifest.dependencies ?? {}))
      expect(version).toMatch(/^(npm:.+@)?\d+\.\d+\.\d+/)
    expect(shipped.length).toBeGreaterThan(0)
    expect(shipped.filter(([, { integrity }]) => integrity === undefined)).toEqual([])
  })

  it("that are shipped require attribution only", () => {
    const others = shipped.filter(([, { license }]) => license === undefined || !PERMISSIVE.includes(license))
    expect(others.map(([path, { license }]) => [path, license])).toEqual([])
  })

  it("that are shipped have no install scripts", () => {
    expect(shipped.filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([])
  })
})
