/**
 * Code and state are kept only in directories that no other user can change. Nothing is created in others.
 */
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, type TestContext } from "vitest"
import * as PrivateDirectory from "../../src/services/node/files/PrivateDirectory.ts"
import * as TrustedPath from "../../src/services/node/files/TrustedPath.ts"
import { directories } from "../../packaging/executable/pty-addon.ts"
import { mosh } from "../programs/mosh/workshop.ts"

const OTHER = 54_321

/** A directory; `other` gives a path below it to another user, `make` makes one. */
class Scratch implements Disposable {
  readonly root = Fs.realpathSync(Fs.mkdtempSync(join(tmpdir(), "effect-mosh-trust-")))

  make(path: string, mode = 0o700): string {
    const made = join(this.root, path)
    Fs.mkdirSync(made, { recursive: true, mode: 0o700 })
    Fs.chmodSync(made, mode)
    return made
  }

  other(path: string): string {
    const given = this.make(path)
    Fs.chownSync(given, OTHER, OTHER)
    return given
  }

  files(): ReadonlyArray<string> {
    return Fs.readdirSync(this.root, { recursive: true, encoding: "utf8" }).toSorted()
  }

  [Symbol.dispose]() {
    Fs.rmSync(this.root, { recursive: true, force: true })
  }
}

const requireRoot = (context: TestContext): void => {
  if (process.geteuid?.() === 0) return
  const reason = "only root makes directories of another user"
  console.warn(`${reason}; a test is skipped`)
  context.skip(reason)
}

describe("a directory is trusted", () => {
  it("if it and all above it are ours or root's, and not writable by others", () => {
    using scratch = new Scratch()
    expect(TrustedPath.trusted(scratch.make("a/b"))).toBe(join(scratch.root, "a/b"))
    expect(TrustedPath.trusted(join(scratch.root, "missing"))).toBeUndefined()
    scratch.make("open", 0o777)
    scratch.make("open/below")
    scratch.make("group", 0o770)
    for (const path of ["open", "open/below", "group"]) {
      expect(TrustedPath.trusted(join(scratch.root, path))).toBeUndefined()
    }
    Fs.writeFileSync(join(scratch.root, "file"), "")
    expect(TrustedPath.trusted(join(scratch.root, "file"))).toBeUndefined()
  })

  it("by the target of a link, which is then used instead of the link", () => {
    using scratch = new Scratch()
    scratch.make("open", 0o777)
    scratch.make("open/below")
    Fs.symlinkSync(scratch.make("kept"), join(scratch.root, "good"))
    Fs.symlinkSync(join(scratch.root, "open/below"), join(scratch.root, "bad"))
    expect(TrustedPath.trusted(join(scratch.root, "good"))).toBe(join(scratch.root, "kept"))
    expect(TrustedPath.trusted(join(scratch.root, "bad"))).toBeUndefined()
  })

  it("below a directory that all may write if that is sticky and root's, and not if it is another user's", (context) => {
    requireRoot(context)
    using scratch = new Scratch()
    scratch.make("sticky", 0o1777)
    expect(TrustedPath.trusted(scratch.make("sticky/ours"))).toBe(join(scratch.root, "sticky/ours"))
    expect(TrustedPath.trusted(scratch.other("sticky/theirs"))).toBeUndefined()
    expect(TrustedPath.trusted(scratch.make("sticky/theirs/ours"))).toBeUndefined()
    Fs.chmodSync(scratch.other("theirs-sticky"), 0o1777)
    expect(TrustedPath.trusted(join(scratch.root, "theirs-sticky"))).toBeUndefined()
  })
})

describe("state is kept", () => {
  const place = (base: string) => ({ base, path: [".local", "state", "effect-mosh", "machine"] })

  it("below our home, in directories that only we can access", () => {
    using scratch = new Scratch()
    const home = scratch.make("home", 0o755)
    expect(PrivateDirectory.open(place(home), false)).toBeUndefined()
    const directory = PrivateDirectory.open(place(home), true)
    expect(directory).toBe(join(home, ".local/state/effect-mosh/machine"))
    expect(Fs.statSync(directory ?? "").mode & 0o777).toBe(0o700)
  })

  it.each([".local", ".local/state", ".local/state/effect-mosh"])("not below a %s that all may write", (path) => {
    using scratch = new Scratch()
    scratch.make(`home/${path}`, 0o777)
    const before = scratch.files()
    expect(PrivateDirectory.open(place(join(scratch.root, "home")), true)).toBeUndefined()
    expect(scratch.files()).toEqual(before)
  })

  it("never in a home or directory of another user, where nothing is created", (context) => {
    requireRoot(context)
    for (const path of ["home", "home/.local", "home/.local/state"]) {
      using scratch = new Scratch()
      scratch.other(path)
      const before = scratch.files()
      expect(PrivateDirectory.open(place(join(scratch.root, "home")), true)).toBeUndefined()
      expect(scratch.files()).toEqual(before)
    }
  })
})

describe("compiled code is kept", () => {
  /** What a start makes below the scratch directory. */
  const started = async (scratch: Scratch, environment: Record<string, string>): Promise<ReadonlyArray<string>> => {
    const before = scratch.files()
    const unset = { XDG_CACHE_HOME: "" }
    const ran = await mosh(["--version"], { environment: { ...unset, ...environment } })
    expect(ran).toMatchObject({ code: 0, stderr: "" })
    return scratch.files().filter((file) => !before.includes(file))
  }

  it("below our home, also through our own link, but not through a link to a place that others can change", async () => {
    using scratch = new Scratch()
    const home = scratch.make("home", 0o755)
    const made = await started(scratch, { HOME: home })
    expect(made.slice(0, 2)).toEqual(["home/.cache", "home/.cache/effect-mosh"])
    expect(made.length).toBeGreaterThan(3)
    expect(await started(scratch, { HOME: home })).toEqual([])
    for (const [name, target, kept] of [
      ["linked", scratch.make("elsewhere"), true],
      ["astray", (scratch.make("open", 0o777), scratch.make("open/below")), false]
    ] as const) {
      Fs.symlinkSync(target, join(scratch.make(name), ".cache"))
      const files = await started(scratch, { HOME: join(scratch.root, name) })
      expect(files.length > 0).toBe(kept)
    }
  })

  it.each([".cache", ".cache/effect-mosh"])("not below a %s that others may write", async (path) => {
    using scratch = new Scratch()
    for (const [home, mode] of [
      ["all", 0o777],
      ["group", 0o770]
    ] as const) {
      scratch.make(`${home}/${path}`, mode)
      expect(await started(scratch, { HOME: join(scratch.root, home) })).toEqual([])
    }
  })

  it("not beside what another user has put there", async (context) => {
    requireRoot(context)
    using scratch = new Scratch()
    scratch.make("home/.cache/effect-mosh")
    scratch.other("home/.cache/effect-mosh/v0")
    expect(await started(scratch, { HOME: join(scratch.root, "home") })).toEqual([])
  })

  it("never in a home of another user, where root creates nothing", async (context) => {
    requireRoot(context)
    using scratch = new Scratch()
    Fs.chmodSync(scratch.root, 0o755)
    const home = scratch.other("home")
    expect(await started(scratch, { HOME: home })).toEqual([])
    expect(await started(scratch, { XDG_CACHE_HOME: join(home, "caches") })).toEqual([])
    expect(await started(scratch, { XDG_CACHE_HOME: home })).toEqual([])
    // A directory that an earlier version, run by root, may have left in that home. The home's owner can still replace
    // it.
    scratch.make("home/.cache/effect-mosh")
    expect(await started(scratch, { HOME: home })).toEqual([])
    expect(await started(scratch, { XDG_CACHE_HOME: join(home, ".cache") })).toEqual([])
  })
})

it("the executable unpacks nothing into a directory that another user can change", (context) => {
  requireRoot(context)
  using scratch = new Scratch()
  Fs.chmodSync(scratch.root, 0o755)
  const theirs = { XDG_RUNTIME_DIR: scratch.other("run"), HOME: scratch.other("home"), TMPDIR: scratch.other("tmp") }
  expect(directories(theirs)).toEqual(["/dev/shm", "/var/tmp"])
  const ours = { XDG_RUNTIME_DIR: scratch.make("own"), HOME: scratch.make("open", 0o777), TMPDIR: "" }
  expect(directories(ours)).toEqual([join(scratch.root, "own"), "/dev/shm", Fs.realpathSync("/tmp"), "/var/tmp"])
})
