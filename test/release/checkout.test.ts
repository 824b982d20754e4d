/**
 * The commands that a newcomer types in a fresh checkout, on a machine with only Node 20 and npm.
 */
import { describe, expect, it } from "vitest"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { ROOT } from "../../scripts/package.ts"
import * as Throwaway from "./throwaway.ts"

const lock = JSON.parse(Fs.readFileSync(Path.join(ROOT, "package-lock.json"), "utf8"))

/** Prints the libraries that an executable is linked with. */
const libraries = (file: string): ReadonlyArray<string> =>
  Array.from(
    execFileSync("readelf", ["--dynamic", file], { encoding: "utf8" }).matchAll(/\(NEEDED\).*\[(.+)\]/g),
    ([, library]) => library ?? ""
  )

describe("a checkout", () => {
  it(
    "starts a session where libatomic is missing, with the machine's own npm",
    { timeout: 60_000 },
    async (context) => {
      Throwaway.requireThrowaway(context)
      const { stdout } = await Throwaway.run(
        `rm -f /usr/lib/*/libatomic.so*
      cd /checkout
      echo some words | LANG=C.UTF-8 npm start --silent -- --local -- sh -c 'read words; echo "got $words"'`
      )
      expect(stdout).toContain("got some words")
    }
  )

  it("runs on a pinned Node that needs the C and C++ libraries only", (context) => {
    if (process.platform !== "linux") context.skip("libraries are listed by readelf, on Linux")
    if (!Fs.existsSync("/usr/bin/readelf")) context.skip("readelf is not installed (Debian: binutils)")
    const node = Path.join(ROOT, `node_modules/node-linux-${process.arch}/bin/node`)
    const unexpected = libraries(node).filter(
      (library) => !/^(ld-linux.*|libc|libdl|libm|libpthread|libgcc_s|libstdc\+\+)\.so/.test(library)
    )
    expect(unexpected).toEqual([])
  })

  it("pins one version of Node for every architecture of Linux", () => {
    const pinned = ["x64", "arm64"].map(
      (architecture) => lock.packages[`node_modules/node-linux-${architecture}`].version
    )
    expect(new Set(pinned).size).toBe(1)
    expect(pinned[0]).toMatch(/^24\./)
    expect(process.versions.node).toBe(process.platform === "linux" ? pinned[0] : process.versions.node)
  })
})
