/**
 * Where sessions are found, and what they leave behind: real directories, real sockets.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import type { SessionRecord } from "../../../../src/domain/registry/SessionRecord.ts"
import * as PrivateDirectory from "../../../../src/services/node/files/PrivateDirectory.ts"
import * as SessionLog from "../../../../src/services/node/sessions/SessionLog.ts"
import * as SessionNames from "../../../../src/services/node/sessions/SessionNames.ts"
import * as SessionRegistry from "../../../../src/services/node/sessions/SessionRegistry.ts"

const record: SessionRecord = {
  pid: process.pid,
  age: 1000,
  told: { port: 60001, program: "cat", attached: true, contact: { age: 5, from: "192.0.2.7" } }
}

const REGISTERED = { _tag: "Registered" }

/** A user's directories, all in a scratch directory. */
const scratch: Effect.Effect<{ readonly state: string; readonly runtime: string }, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-registry-"))),
    (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true }))
  ),
  (directory) => {
    const [state, runtime] = [Path.join(directory, "state"), Path.join(directory, "run")] as const
    for (const path of [state, runtime]) Fs.mkdirSync(path, { mode: 0o700 })
    return { state, runtime }
  }
)

const environment = (directories: { readonly state: string; readonly runtime?: string }) => ({
  HOME: "/dev/null",
  XDG_STATE_HOME: directories.state,
  XDG_RUNTIME_DIR: directories.runtime
})

/** The one directory that is used in `state`. */
const ours = (state: string): string =>
  PrivateDirectory.open(PrivateDirectory.places({ XDG_STATE_HOME: state })[0] ?? expect.fail("no place"), true) ??
  expect.fail("not private")

const list = (env: NodeJS.ProcessEnv, lost: Array<number> = []) => SessionRegistry.list(env, (pid) => lost.push(pid))

it.live("answers requests while its scope is open, in a directory that only its owner can access", () =>
  Effect.gen(function* () {
    const { state } = yield* scratch
    const env = environment({ state })
    expect(yield* list(env)).toEqual([])
    expect(Fs.readdirSync(state)).toEqual([])
    yield* Effect.scoped(
      Effect.gen(function* () {
        expect(yield* SessionRegistry.register(env, { record: () => record })).toEqual(REGISTERED)
        expect(yield* list(env)).toEqual([{ pid: process.pid, name: undefined, record }])
        const directory = ours(state)
        expect(Fs.statSync(directory).mode & 0o777).toBe(0o700)
        expect(Fs.statSync(Path.join(directory, String(process.pid))).mode & 0o777).toBe(0o600)
      })
    )
    expect(yield* list(env)).toEqual([])
    expect(Fs.readdirSync(ours(state))).toEqual([])
  })
)

/** A socket without a listener, as a killed process leaves it. */
const dead = (path: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const server = Net.createServer().listen(`${path}.first`, () => {
      Fs.linkSync(`${path}.first`, path)
      server.close(() => resume(Effect.void))
    })
  })

it.live("removes the files of a killed session, and no others", () =>
  Effect.gen(function* () {
    const { state } = yield* scratch
    const env = environment({ state })
    const directory = ours(state)
    for (const pid of [7, process.pid]) yield* dead(Path.join(directory, String(pid)))
    Fs.writeFileSync(Path.join(directory, "8"), "a file")
    // A file at the path of our own socket is replaced.
    expect(yield* SessionRegistry.register(env, { record: () => record })).toEqual(REGISTERED)
    const lost: Array<number> = []
    expect(yield* list(env, lost)).toEqual([{ pid: process.pid, name: undefined, record }])
    expect(lost).toEqual([7])
    expect(Fs.readdirSync(directory).sort()).toEqual(["8", String(process.pid)].sort())
  })
)

const control = () => Effect.succeed({ _tag: "Refused", reason: "a test" } as const)
const locate = SessionRegistry.locate

it.live("finds a session by its name while its scope is open, even if it does not answer", () =>
  Effect.gen(function* () {
    const { state } = yield* scratch
    const env = environment({ state })
    const registered = { record: () => record, control, name: "work" }
    yield* Effect.scoped(
      Effect.gen(function* () {
        expect(yield* SessionRegistry.register(env, registered)).toEqual(REGISTERED)
        expect(yield* locate(env, "work")).toEqual({ pid: process.pid, name: "work" })
        expect(yield* locate(env, process.pid)).toEqual({ pid: process.pid, name: "work" })
        expect(yield* list(env)).toEqual([{ pid: process.pid, name: "work", record }])
        expect(yield* locate(env, "other")).toBeUndefined()
        expect(yield* locate(env, 7)).toBeUndefined()
      })
    )
    expect(yield* locate(env, "work")).toBeUndefined()
    expect(Fs.readdirSync(ours(state))).toEqual([])
  })
)

/** The files of a session of another process: one that listens, and may have the name. */
const other = (directory: string, pid: number, name: string, isHeld: boolean) =>
  Effect.acquireRelease(
    Effect.callback<ReadonlyArray<Net.Server>>((resume) => {
      const path = Path.join(directory, String(pid))
      const paths = [`${path}.control`, ...(isHeld ? [path] : [])]
      Fs.symlinkSync(name, `${path}.name`)
      const servers = paths.map((at) => Net.createServer().listen(at, () => listening()))
      let count = 0
      const listening = () => void (++count === paths.length && resume(Effect.succeed(servers)))
    }),
    (servers) =>
      Effect.sync(() => {
        for (const server of servers) server.close()
        Fs.rmSync(Path.join(directory, `${pid}.name`), { force: true })
      })
  )

it.live("gives a name to one session, and to the next one when that has ended, or was killed", () =>
  Effect.gen(function* () {
    const { state } = yield* scratch
    const env = environment({ state })
    const directory = ours(state)
    const attempt = (name: string) =>
      Effect.scoped(SessionRegistry.register(env, { record: () => record, control, name }))
    yield* Effect.scoped(
      Effect.gen(function* () {
        yield* other(directory, 7, "work", true)
        expect(yield* attempt("work")).toEqual({ _tag: "Taken", pid: 7 })
        expect(yield* locate(env, "work")).toEqual({ pid: 7, name: "work" })
        expect(yield* attempt("play")).toEqual(REGISTERED)
      })
    )
    expect(yield* attempt("work")).toEqual(REGISTERED)
    yield* dead(Path.join(directory, "8.control"))
    Fs.symlinkSync("work", Path.join(directory, "8.name"))
    expect(yield* attempt("work")).toEqual(REGISTERED)
    expect(Fs.existsSync(Path.join(directory, "8.name"))).toBe(false)
  })
)

it.live("waits for a session that registers the same name, and takes it when that gives up", () =>
  Effect.gen(function* () {
    const { state } = yield* scratch
    const env = environment({ state })
    for (const pid of [2, 2 ** 31 - 2]) {
      const theirs = yield* Scope.make()
      yield* other(ours(state), pid, "work", false).pipe(Scope.provide(theirs))
      const waiting = yield* Effect.forkChild(
        Effect.scoped(SessionRegistry.register(env, { record: () => record, control, name: "work" }))
      )
      // Until it has read their claim at least once.
      yield* Effect.sleep(50)
      expect(waiting.pollUnsafe()).toBeUndefined()
      yield* Scope.close(theirs, Exit.void)
      expect(yield* Fiber.join(waiting)).toEqual(REGISTERED)
    }
  })
)

it.live("takes no name that is not valid from a link", () =>
  Effect.gen(function* () {
    const { state } = yield* scratch
    const directory = ours(state)
    Fs.symlinkSync("../../../etc/passwd", Path.join(directory, "9.name"))
    Fs.writeFileSync(Path.join(directory, "10.name"), "work")
    expect(SessionNames.claims(environment({ state }), "../../../etc/passwd")).toEqual([])
    expect(SessionNames.claims(environment({ state }), "work")).toEqual([])
  })
)

it.live("accepts no answer from another process", () =>
  Effect.gen(function* () {
    const { state } = yield* scratch
    const directory = ours(state)
    const says = (pid: number, text: string) =>
      Effect.acquireRelease(
        Effect.callback<Net.Server>((resume) => {
          const server = Net.createServer((socket) => socket.on("error", () => undefined).end(text))
          server.listen(Path.join(directory, String(pid)), () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
    yield* says(11, JSON.stringify(record))
    yield* says(12, "x".repeat(1_000_000))
    yield* says(13, "")
    const found = yield* list(environment({ state }))
    expect(found.map(({ pid }) => pid).sort()).toEqual([11, 12, 13])
    expect(found.filter((one) => one.record !== undefined)).toEqual([])
  })
)

it.live("uses another directory, or none, if a directory is open to others, linked, or missing", () =>
  Effect.gen(function* () {
    const { runtime, state } = yield* scratch
    const attempt = (env: NodeJS.ProcessEnv) =>
      Effect.scoped(
        Effect.map(SessionRegistry.register(env, { record: () => record }), ({ _tag }) => ({
          done: _tag === "Registered",
          used: used()
        }))
      )
    const used = () =>
      [state, runtime].filter((directory) =>
        Fs.readdirSync(directory, { recursive: true, encoding: "utf8" }).some(
          (name) => Path.basename(name) === String(process.pid)
        )
      )
    const both = environment({ state, runtime })
    const own = Path.join(state, "effect-mosh")
    expect(yield* attempt(both)).toEqual({ done: true, used: [state] })
    Fs.chmodSync(own, 0o750)
    expect(yield* attempt(both)).toEqual({ done: true, used: [runtime] })
    expect(yield* attempt(environment({ state }))).toEqual({ done: false, used: [] })
    Fs.renameSync(own, `${own}-elsewhere`)
    Fs.chmodSync(`${own}-elsewhere`, 0o700)
    Fs.symlinkSync(`${own}-elsewhere`, own)
    expect(yield* attempt(both)).toEqual({ done: true, used: [runtime] })
    // Nothing can be created there; the path is too long for a socket's address; the path is relative.
    const long = Path.join(state, "x".repeat(90))
    Fs.mkdirSync(long)
    for (const other of ["/proc", long, "relative"])
      expect(yield* attempt(environment({ state: other }))).toEqual({ done: false, used: [] })
    expect(yield* attempt(environment({ state: Path.join(state, "missing") }))).toEqual({ done: false, used: [] })
    expect(Fs.existsSync(Path.join(state, "missing"))).toBe(false)
    expect(yield* attempt({ HOME: "/proc" })).toEqual({ done: false, used: [] })
  })
)

it("keeps a line for each session that ended, up to a limit", () => {
  const state = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-registry-"))
  try {
    const env = environment({ state })
    SessionLog.write(env, 7, "its program\nended")
    const file = Path.join(ours(state), "ended.log")
    expect(Fs.readFileSync(file, "utf8")).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z mosh-server\[7\]: its program\?ended\n$/)
    expect(Fs.statSync(file).mode & 0o777).toBe(0o600)
    for (let i = 0; i < 800; i++) SessionLog.write(env, 7, "x".repeat(1000))
    const sizes = ["ended.log", "ended.log.old"].map((name) => Fs.statSync(Path.join(ours(state), name)).size)
    expect(Math.max(...sizes)).toBeLessThan(70_000)
    // It does not follow a link, and never fails.
    const target = Path.join(state, "target")
    Fs.writeFileSync(target, "")
    Fs.rmSync(file)
    Fs.symlinkSync(target, file)
    SessionLog.write(env, 7, "not there")
    SessionLog.write(environment({ state: "/proc" }), 7, "nor there")
    expect(Fs.readFileSync(target, "utf8")).toBe("")
  } finally {
    Fs.rmSync(state, { recursive: true, force: true })
  }
})
