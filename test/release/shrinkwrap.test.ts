/**
 * The packed package holds the checksum of everything that is installed with it, and npm refuses anything else.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { hidePrepare, restorePrepare } from "../../scripts/packed-manifest.ts"
import { FILE, type Lock, shrinkwrap } from "../../scripts/shrinkwrap.ts"
import { type Registry, ROOT, startRegistry } from "./registry.ts"

const TIMEOUT = 120_000
const read = (file: string): Lock => JSON.parse(Fs.readFileSync(file, "utf8"))
const lock = read(Path.join(ROOT, "package-lock.json"))

describe("npm-shrinkwrap.json", () => {
  it("has a checksum of each package that is installed with ours, and nothing of our development", () => {
    const { packages } = shrinkwrap(lock)
    const { "": root, ...others } = packages
    const { "": source, ...locked } = lock.packages
    expect(root).toEqual({ ...source, devDependencies: undefined })
    const shipped = Object.entries(locked).filter(([, { dev, link }]) => dev !== true && link !== true)
    expect(Object.keys(others)).toEqual(
      shipped.map(([path]) => path).filter((path) => path.startsWith("node_modules/"))
    )
    expect(Object.keys(others)).toContain("node_modules/node-pty")
    for (const { integrity } of Object.values(others)) expect(integrity).toMatch(/^sha512-/)
  })

  it("is not generated from a lock without a checksum", () => {
    const packages = { ...lock.packages, "node_modules/node-pty": { version: "1.1.0" } }
    expect(() => shrinkwrap({ ...lock, packages })).toThrow("no checksum of node_modules/node-pty")
  })
})

describe("the packed package.json", () => {
  it("has no script that npm runs for those who install it, and is ours again after packing", () => {
    const own = Fs.readFileSync(Path.join(ROOT, "package.json"), "utf8")
    const packed = hidePrepare(own)
    const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(packed)
    for (const name of ["preinstall", "install", "postinstall", "prepare"]) expect(scripts).not.toHaveProperty(name)
    expect(scripts["prepack"]).toContain("packed-manifest.ts")
    expect(scripts["postpack"]).toContain("packed-manifest.ts --restore")
    expect(JSON.parse(own).scripts).toHaveProperty("prepare")
    expect(restorePrepare(packed)).toBe(own)
  })
})

describe("an installation of the packed package", () => {
  let scratch: string
  let registry: Registry

  const make = (name: string): string => {
    const directory = Path.join(scratch, name)
    Fs.mkdirSync(directory, { recursive: true })
    return directory
  }

  beforeAll(async () => {
    scratch = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-shrinkwrap-"))
    // A copy, in which the file may be: here npm would take it for the lock of the repository.
    const root = make("root")
    for (const name of ["package.json", "package-lock.json", "scripts", "bin"]) {
      Fs.cpSync(Path.join(ROOT, name), Path.join(root, name), { recursive: true })
    }
    // Packages that are packed again here have checksums of their own.
    using first = await startRegistry(make("first"))
    const own = read(Path.join(root, "package-lock.json"))
    for (const [path, entry] of Object.entries(own.packages)) {
      const name = String(entry["name"] ?? path.replace(/^.*node_modules\//, ""))
      if (
        ["@lydell/node-pty", "@xterm/headless", `@lydell/node-pty-${process.platform}-${process.arch}`].includes(name)
      )
        Object.assign(entry, { integrity: first.integrity(name) })
    }
    Fs.writeFileSync(Path.join(root, "package-lock.json"), JSON.stringify(own))
    execFileSync(process.execPath, [Path.join(root, "scripts/shrinkwrap.ts")])
    registry = await startRegistry(make("second"), root)
  }, TIMEOUT)

  afterAll(() => {
    registry?.[Symbol.dispose]()
    Fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  })

  const install = (name: string) => registry.npm(scratch, "install", "--global", "--prefix", make(name), "effect-mosh")

  it("accepts the tested packages, and no others with the same name and version", { timeout: TIMEOUT }, async () => {
    await install("good")
    const installed = Path.join(scratch, "good/lib/node_modules/effect-mosh")
    expect(Fs.existsSync(Path.join(installed, FILE))).toBe(true)
    expect(Fs.existsSync(Path.join(installed, "node_modules/@xterm/headless/package.json"))).toBe(true)

    const forged = make("forged")
    Fs.cpSync(Path.join(installed, "node_modules/@xterm/headless"), Path.join(forged, "package"), { recursive: true })
    Fs.appendFileSync(Path.join(forged, "package/package.json"), "\n")
    execFileSync("tar", ["-czf", Path.join(forged, "forged.tgz"), "-C", forged, "package"])
    registry.replace("@xterm/headless", Path.join(forged, "forged.tgz"))
    // npm does not request packages that its cache holds under the right checksum.
    Fs.rmSync(Path.join(scratch, "second/cache"), { recursive: true, force: true })
    await expect(install("bad")).rejects.toMatchObject({ stderr: expect.stringContaining("EINTEGRITY") })
    // npm may leave directories behind, but no program.
    expect(Fs.existsSync(Path.join(scratch, "bad/bin/mosh"))).toBe(false)
    expect(Fs.existsSync(Path.join(scratch, "good/bin/mosh"))).toBe(true)
  })
})
