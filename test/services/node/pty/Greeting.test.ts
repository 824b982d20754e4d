/**
 * The greeting of a login shell's session.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Greeting from "../../../../src/services/node/pty/Greeting.ts"

/** A machine's files, by path, with the user's home in `home`. */
const greeting = (files: Readonly<Record<string, string | Uint8Array>>, detached: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const root = yield* Effect.acquireRelease(
      Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-login-"))),
      (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true }))
    )
    for (const [name, contents] of Object.entries(files)) {
      Fs.mkdirSync(Path.dirname(Path.join(root, name)), { recursive: true })
      Fs.writeFileSync(Path.join(root, name), contents)
    }
    return yield* Greeting.greeting({
      root,
      home: Path.join(root, "home"),
      user: "ann",
      detached: Effect.succeed(detached)
    })
  }).pipe(Effect.scoped)

const warning = (name: string) =>
  `\x1b[37;44mMosh: You have a detached Mosh session on this server (${name}).\x1b[m\n\n`

const notice = (name: string) =>
  `\x1b[37;44mMosh: detached session here: ${name}. To return to it: mosh --attach=${name} HOST\x1b[m\n\n`

describe("a greeting", () => {
  it.effect("is the news, the message of the day, and the warning, in that order", () =>
    Effect.gen(function* () {
      const files = { "run/motd.dynamic": "news\n", "var/run/motd.dynamic": "old news\n", "etc/motd": "motd\n" }
      expect(yield* greeting(files, ["work"])).toBe(`news\nmotd\n${notice("work")}`)
      expect(yield* greeting(files)).toBe("news\nmotd\n")
    })
  )

  it.effect("takes the news from the older place where there is no newer one", () =>
    Effect.gen(function* () {
      expect(yield* greeting({ "var/run/motd.dynamic": "old news\n" })).toBe("old news\n")
      expect(yield* greeting({})).toBe("")
    })
  )

  it.effect("is empty for users who disable it", () =>
    Effect.gen(function* () {
      expect(yield* greeting({ "home/.hushlogin": "", "etc/motd": "motd\n" }, ["work"])).toBe("")
    })
  )

  it.effect("reports stock's sessions and ours", () =>
    Effect.gen(function* () {
      const record = Buffer.alloc(process.arch === "arm64" ? 400 : 384)
      record.writeInt16LE(7, 0)
      record.write("pts/1", 8)
      record.write("ann", 44)
      record.write("mosh [12]", 76)
      const files = { "var/run/utmp": record, "dev/pts/1": "" }
      expect(yield* greeting(files)).toBe(warning("mosh [12]"))
      expect(yield* greeting(files, ["4711"])).toBe(warning("mosh [12]") + notice("4711"))
    })
  )
})
