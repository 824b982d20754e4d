/**
 * Logs of sessions: one JSON object per line, readable by the owner alone, bounded, and never the cause of a failure.
 */
import { afterAll, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as EventLog from "../../src/services/node/files/EventLog.ts"
import * as TerminfoDatabase from "../../src/services/node/terminal/TerminfoDatabase.ts"
import * as SessionLog from "../../src/services/node/sessions/SessionLog.ts"
import * as Verbose from "../../src/programs/shared/verbose.ts"
import { mosh, Workshop } from "../programs/mosh/workshop.ts"

const scratch = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(join(tmpdir(), "effect-mosh-log-"))),
  (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true }))
)

const lines = (file: string): ReadonlyArray<Record<string, unknown>> =>
  Fs.readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

const mode = (file: string): string => (Fs.statSync(file).mode & 0o777).toString(8)

describe("MOSH_LOG", () => {
  it.effect("has one JSON object per line, with all details, in a file that only the owner can read", () =>
    Effect.gen(function* () {
      const file = join(yield* scratch, "log")
      const told = Effect.gen(function* () {
        yield* Effect.annotateLogs(Effect.logInfo("session opened"), { port: 60001, number: 7n })
        yield* Effect.annotateLogs(Effect.logDebug("odd\n\u001b[2J"), {
          key: Redacted.make("secret"),
          text: "x".repeat(9999)
        })
        yield* Effect.logError("session ended", { nested: true })
      })
      yield* Effect.provide(told, EventLog.layer(file, "mosh-server"))
      const [first, second, third] = lines(file)
      expect(lines(file)).toHaveLength(3)
      expect(first).toMatchObject({ level: "info", event: "session opened", program: "mosh-server", pid: process.pid })
      expect(first).toMatchObject({ port: 60001, number: "7", time: expect.stringMatching(/^\d{4}-.*Z$/) })
      expect(second).toMatchObject({
        level: "debug",
        event: "odd\n\u001b[2J",
        text: "x".repeat(EventLog.LONGEST_TEXT)
      })
      expect(JSON.stringify(second)).not.toContain("secret")
      expect(third).toMatchObject({ level: "error" })
      expect(mode(file)).toBe("600")
    })
  )

  it.effect("does not exceed its limit, even if other processes write it", () =>
    Effect.gen(function* () {
      const file = join(yield* scratch, "log")
      const full = { text: "x".repeat(EventLog.LONGEST_TEXT), more: "y".repeat(EventLog.LONGEST_TEXT) }
      const tell = Effect.annotateLogs(Effect.logInfo("flood"), full)
      for (const program of ["mosh-server", "mosh-client"] as const)
        yield* Effect.provide(Effect.repeat(tell, { times: 6000 }), EventLog.layer(file, program))
      const sizes = [file, `${file}.old`].map((name) => Fs.statSync(name).size)
      expect(Math.max(...sizes)).toBeLessThan(EventLog.LONGEST_FILE + 2000)
      expect(Fs.readdirSync(join(file, "..")).toSorted()).toEqual(["log", "log.old"])
    })
  )

  it.effect("that cannot be written is reported once, and otherwise ignored", () =>
    Effect.gen(function* () {
      const directory = yield* scratch
      for (const [file, reason] of traps(directory)) {
        expect(EventLog.obstacle(file)).toMatch(reason)
        yield* Effect.provide(Effect.logInfo("lost"), EventLog.layer(file, "mosh-server"))
      }
      expect(untouched(directory)).toBe(true)
      yield* Effect.provide(Effect.logInfo("lost"), EventLog.layer("/dev/full", "mosh-server"))
      expect(EventLog.obstacle(undefined)).toBeUndefined()
    })
  )

  it.effect("makes an existing file private before it writes", () =>
    Effect.gen(function* () {
      const file = join(yield* scratch, "log")
      Fs.writeFileSync(file, "", { mode: 0o644 })
      Fs.chmodSync(file, 0o666)
      expect(EventLog.obstacle(file)).toBeUndefined()
      expect(mode(file)).toBe("600")
    })
  )
})

/** Paths at which a log must not be written, and why. */
const traps = (directory: string): ReadonlyArray<readonly [string, RegExp]> => {
  const at = (name: string) => join(directory, name)
  Fs.symlinkSync(at("elsewhere"), at("link"))
  Fs.writeFileSync(at("precious"), PRECIOUS, { mode: 0o600 })
  Fs.linkSync(at("precious"), at("name"))
  for (const name of ["pipe", "read"]) execFileSync("mkfifo", [at(name)])
  // This pipe has a reader, so opening it for writing succeeds.
  openPipes.push(Fs.openSync(at("read"), Fs.constants.O_RDWR))
  const isRoot = process.geteuid?.() === 0
  if (isRoot) {
    Fs.writeFileSync(at("theirs"), PRECIOUS, { mode: 0o666 })
    Fs.chownSync(at("theirs"), 54_321, 54_321)
  } else console.warn("only root makes a file of another user; it is not tried")
  return [
    [at("link"), /^it is a symbolic link$/],
    [at("name"), /^it has a second name \(a hard link\)$/],
    [at("pipe"), /^it is not a regular file$/],
    [at("read"), /^it is not a regular file$/],
    ["/dev/null", /^it is not a regular file$/],
    [directory, /^it is a directory$/],
    [join(directory, "missing", "log"), /^no such file or directory$/],
    ...(isRoot ? [[at("theirs"), /^it belongs to another user$/] as const] : [])
  ]
}

const PRECIOUS = "precious"
const openPipes: Array<number> = []
afterAll(() => openPipes.forEach((fd) => Fs.closeSync(fd)))

const untouched = (directory: string): boolean =>
  !Fs.existsSync(join(directory, "elsewhere")) &&
  ["precious", "theirs"].every(
    (name) => !Fs.existsSync(join(directory, name)) || Fs.readFileSync(join(directory, name), "utf8") === PRECIOUS
  )

describe("--verbose=FILE", () => {
  it.effect("is refused with one line at a path where a log must not be written", () =>
    Effect.gen(function* () {
      const directory = yield* scratch
      for (const [file, reason] of traps(directory)) {
        const error = yield* Effect.flip(Verbose.open(file))
        expect(error.reason).toMatch(reason)
        expect(error.message).toBe(`cannot write to ${file}: ${error.reason}.`)
      }
      expect(untouched(directory)).toBe(true)
    })
  )

  it("does not hang on a pipe without a reader", async () => {
    using workshop = new Workshop()
    const pipe = workshop.path("pipe")
    execFileSync("mkfifo", [pipe])
    const ran = await mosh([`--verbose=${pipe}`, `--ssh=${workshop.ssh([])}`, "host"])
    expect(ran).toEqual({ code: 255, stdout: "", stderr: `mosh: cannot write to ${pipe}: it is not a regular file.\n` })
  })
})

it("a pipe in the place of a terminfo entry is not waited for", () => {
  using workshop = new Workshop()
  Fs.mkdirSync(workshop.path("x"))
  execFileSync("mkfifo", [workshop.path("x/xmosh-test")])
  expect(TerminfoDatabase.colors({ TERM: "xmosh-test", TERMINFO: workshop.directory })).toBeUndefined()
})

it.effect("ended.log and the verbose file do not exceed their limits", () =>
  Effect.gen(function* () {
    const directory = yield* scratch
    const long = "why ".repeat(500)
    for (let i = 0; i < 400; i++) SessionLog.write({ XDG_STATE_HOME: directory }, i, long)
    const logs = Fs.readdirSync(directory, { recursive: true, encoding: "utf8" })
      .map((name) => join(directory, name))
      .filter((name) => Fs.statSync(name).isFile())
    expect(logs.map((name) => name.replace(/^.*\//, "")).toSorted()).toEqual(["ended.log", "ended.log.old"])
    for (const file of logs) {
      expect(Fs.statSync(file).size).toBeLessThan(66_000)
      expect(mode(file)).toBe("600")
    }

    const file = join(directory, "verbose")
    const verbose = yield* Verbose.open(file)
    for (let i = 0; i < 2500; i++) verbose.print(long)
    const sizes = [file, `${file}.old`].map((name) => Fs.statSync(name).size)
    expect(Math.max(...sizes)).toBeLessThan(Verbose.LONGEST_FILE + 3000)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
    expect([mode(file), mode(`${file}.old`)]).toEqual(["600", "600"])
  })
)
