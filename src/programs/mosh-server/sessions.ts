/**
 * `mosh-server --list` and `mosh-server --kill=WHICH`: this user's sessions on this machine.
 */
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import * as SessionCommand from "../../domain/registry/SessionCommand.ts"
import * as SessionName from "../../domain/registry/SessionName.ts"
import type { Listed } from "../../domain/registry/SessionRecord.ts"
import * as SessionReply from "../../domain/registry/SessionReply.ts"
import * as SessionTable from "../../domain/registry/SessionTable.ts"
import * as ServerProcesses from "../../services/node/sessions/ServerProcesses.ts"
import * as SessionLog from "../../services/node/sessions/SessionLog.ts"
import * as SessionRegistry from "../../services/node/sessions/SessionRegistry.ts"
import { run } from "../shared/run.ts"
import * as SessionsReport from "../shared/sessionsReport.ts"

export const list = (form: SessionsReport.Form | "Lines"): void =>
  main(
    Effect.gen(function* () {
      const sessions = (yield* live).map(({ listed }) => listed)
      if (form === "Lines") print(SessionReply.listLines(sessions))
      else SessionsReport.list(sessions, "this machine", form)
      return 0
    })
  )

export const kill = (what: SessionCommand.Kill, forPrograms: boolean): void =>
  main(
    Effect.gen(function* () {
      if (!forPrograms && !(yield* SessionsReport.agreed(what, "this machine"))) return NOT_AGREED
      const { which } = what
      const named = (yield* live).filter(
        ({ listed }) =>
          which === "all" || SessionName.matches(which, { pid: listed.pid, name: SessionTable.nameOf(listed) })
      )
      const doomed = named.filter(({ listed }) => !SessionCommand.isSpared(what, listed))
      const spared = named.filter(({ listed }) => SessionCommand.isSpared(what, listed))
      const results = yield* Effect.forEach(doomed, end, { concurrency: "unbounded" })
      const pids = spared.map(({ listed }) => listed.pid)
      if (!forPrograms) return SessionsReport.kill(which, { results, spared: pids }, "this machine")
      print(SessionReply.killLines(results, pids))
      return 0
    })
  )

const NOT_AGREED = 1

interface Session {
  readonly listed: Listed
  readonly identity: string | undefined
}

/** All sessions that answer on their socket or are a process of that name; most are both. */
const live: Effect.Effect<ReadonlyArray<Session>> = Effect.gen(function* () {
  const answers = yield* SessionRegistry.list(process.env, SessionLog.lost(process.env))
  const processes = ServerProcesses.list()
  const known = new Map(answers.map((found) => [found.pid, found]))
  const sessions = processes.map(({ age, identity, pid, stock }): Session => {
    const { name, record } = known.get(pid) ?? {}
    known.delete(pid)
    const details: Listed["details"] =
      record !== undefined
        ? { _tag: "Told", told: record.told }
        : stock
          ? { _tag: "Stock" }
          : { _tag: "Silent", ...(name !== undefined && { name }) }
    return { listed: { pid, age: age ?? record?.age ?? null, details }, identity }
  })
  // Sessions whose process name cannot be read: their answer is enough.
  for (const { pid, record } of known.values()) {
    if (record === undefined) continue
    const { age, told } = record
    sessions.push({ listed: { pid, age, details: { _tag: "Told", told } }, identity: undefined })
  }
  return sessions
})

/** How long the client has to confirm the end after the first SIGTERM, ms; the second ends the session without it. */
const FIRST_WAIT = 5000
const SECOND_WAIT = 5000
const STEP = 50

const end = Effect.fnUntraced(function* ({ identity, listed: { pid } }: Session) {
  const gone = Effect.sync(() => !ServerProcesses.isRunning(pid, identity))
  for (const wait of [FIRST_WAIT, SECOND_WAIT]) {
    if (yield* gone) break
    terminate(pid)
    for (let waited = 0; waited < wait && !(yield* gone); waited += STEP) yield* Effect.sleep(STEP)
  }
  return { pid, ended: yield* gone }
})

const terminate = (pid: number): void => {
  try {
    process.kill(pid, "SIGTERM")
  } catch {
    // It has exited, or belongs to another user; the caller checks which.
  }
}

const print = (lines: ReadonlyArray<string>): void => {
  process.stdout.write(lines.map((line) => `${line}\n`).join(""))
}

const main = (program: Effect.Effect<number>): void => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(128 + Os.constants.signals[signal]))
  }
  run(program, (message) => {
    process.stderr.write(`mosh-server: internal error: ${message}\n`)
    return 1
  })
}
