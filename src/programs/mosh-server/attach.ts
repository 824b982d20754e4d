/**
 * `mosh-server attach [WHICH]`: asks a running session for a new port and key, and prints them for one more client.
 * `mosh-server session NAME` does so too if the session exists.
 */
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import * as Tty from "node:tty"
import type { PortRange } from "../../domain/arguments/PortRange.ts"
import * as ConnectLine from "../../domain/bootstrap/ConnectLine.ts"
import type { Mode } from "../../domain/session/Attachments.ts"
import * as SessionChoice from "../../domain/registry/SessionChoice.ts"
import type { Selector } from "../../domain/registry/SessionName.ts"
import type { Listed } from "../../domain/registry/SessionRecord.ts"
import * as SessionReply from "../../domain/registry/SessionReply.ts"
import * as SessionTable from "../../domain/registry/SessionTable.ts"
import * as SessionLog from "../../services/node/sessions/SessionLog.ts"
import * as SessionRegistry from "../../services/node/sessions/SessionRegistry.ts"
import { complain } from "./complain.ts"
import type { Outcome } from "./detach.ts"
import { run } from "../shared/run.ts"
import { about } from "../shared/version.ts"

/** Where the session is to listen, what the client may do, and where the request comes from. */
export interface Where {
  readonly mode: Mode
  readonly address: string | undefined
  /** Whether to listen at all other addresses, too. */
  readonly everywhere: boolean
  readonly ports: PortRange
  /** The user, and the address of their ssh client, for the session's log. */
  readonly by: string
  /** The session that the request comes from, by its name or ID; `undefined` if from none on this machine. */
  readonly inside: string | undefined
}

/**
 * Attaches to the session `which`, or to the only one, and sets the exit status. `forPrograms`: if there are several, list them
 * for a program that lets the user choose.
 */
export const attach = (which: Selector | undefined, where: Where, forPrograms: boolean): void =>
  main(
    Effect.gen(function* () {
      if (which !== undefined) {
        const found = yield* SessionRegistry.locate(process.env, which)
        return found === undefined ? yield* refuse(SessionChoice.missing(which)) : yield* attachTo(found, where)
      }
      const found = yield* SessionRegistry.list(process.env, SessionLog.lost(process.env))
      const records = found.flatMap(({ record }) => record ?? [])
      const choice = SessionChoice.choose(records, where.inside)
      switch (choice._tag) {
        case "None":
          return yield* refuse(SessionChoice.missing(undefined, choice.isInside))
        case "Several":
          return yield* offer(choice.sessions, forPrograms)
        case "Chosen":
          return yield* attachTo({ pid: choice.pid, name: undefined }, where)
      }
    })
  )

/**
 * Attaches to the session with a name, or starts it by `start`, and sets the exit status. Tries again if the session ends in the
 * meantime, or if another process starts it.
 */
export const attachOrStart = (name: string, where: Where, start: () => Promise<Outcome>): void =>
  main(
    Effect.gen(function* () {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const found = yield* SessionRegistry.locate(process.env, name)
        if (found === undefined) {
          const outcome = yield* Effect.promise(start)
          if ("status" in outcome) return outcome.status
          continue
        }
        const status = yield* attachTo(found, where)
        const isSame = (yield* SessionRegistry.locate(process.env, name))?.pid === found.pid
        if (status === 0 || isSame) return status
      }
      return yield* refuse(`session ${name} started and ended ${ATTEMPTS} times just now: its program does not stay.`)
    })
  )

const ATTEMPTS = 5

/** Attaches to a session. Returns the exit status. */
const attachTo = Effect.fnUntraced(function* (
  session: SessionRegistry.Located,
  { address, by, everywhere, inside, mode, ports }: Where
): Effect.fn.Return<number> {
  const { pid } = session
  if (SessionChoice.isInside(session, inside)) return yield* refuse(SessionChoice.nested(inside ?? ""))
  const message = { _tag: "Attach", address: address ?? null, everywhere, ports, mode, by } as const
  const reply = yield* SessionRegistry.request(process.env, pid, message)
  if (reply === undefined) {
    return yield* refuse(
      `session ${pid} does not answer; if it was started by an earlier version, it cannot be attached.`
    )
  }
  if (reply._tag === "Refused") return yield* refuse(`session ${pid} accepts no further client: ${reply.reason}.`)
  if (reply.warning !== undefined) complain(`mosh-server: ${reply.warning}; binding to any interface.`)
  process.stdout.write(`${Tty.isatty(0) ? "\r\n\n" : ""}${ConnectLine.formatConnect(reply.port, reply.key)}\n`)
  complain("", ...about("mosh-server"), "", `[mosh-server attached, pid = ${pid}]`)
  return 0
})

/** Lists the sessions of which one has to be chosen. */
const offer = (sessions: ReadonlyArray<Listed>, forPrograms: boolean): Effect.Effect<number> =>
  forPrograms
    ? Effect.sync(() => {
        process.stdout.write(
          SessionReply.listLines(sessions)
            .map((line) => `${line}\n`)
            .join("")
        )
        return 1
      })
    : refuse(
        "several sessions of yours run here; choose one by its name or ID: mosh-server attach WHICH",
        ...SessionTable.lines(sessions, (age) => `${SessionTable.duration(age)} ago`)
      )

const refuse = (...lines: ReadonlyArray<string>): Effect.Effect<number> =>
  Effect.sync(() => {
    const [first = "", ...others] = lines
    complain(`mosh-server: ${first}`, ...others)
    return 1
  })

const main = (program: Effect.Effect<number>): void => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(128 + Os.constants.signals[signal]))
  }
  run(program, (message) => {
    complain(`mosh-server: internal error: ${message}`)
    return 1
  })
}
