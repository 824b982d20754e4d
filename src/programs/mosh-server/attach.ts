/**
 * `mosh-server attach [WHICH]`: asks a running session for a new port and key, and prints them for one more client.
 */
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import * as Tty from "node:tty"
import type { PortRange } from "../../domain/arguments/PortRange.ts"
import * as ConnectLine from "../../domain/bootstrap/ConnectLine.ts"
import type { Mode } from "../../domain/session/Attachments.ts"
import * as SessionChoice from "../../domain/session/SessionChoice.ts"
import type { Selector } from "../../domain/session/SessionName.ts"
import * as SessionLog from "../../services/node/sessions/SessionLog.ts"
import * as SessionRegistry from "../../services/node/sessions/SessionRegistry.ts"
import { complain } from "./complain.ts"
import { run } from "../shared/run.ts"
import { about } from "../shared/version.ts"

/** Where the session is to listen, and what the client may do. */
export interface Where {
  readonly mode: Mode
  readonly address: string | undefined
  readonly ports: PortRange
}

/** Attaches to the session `which`, or to the only one, and sets the exit status. */
export const attach = (which: Selector | undefined, where: Where): void => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(128 + Os.constants.signals[signal]))
  }
  run(
    Effect.flatMap(sessions, (found) => {
      const choice = SessionChoice.choose(
        found.flatMap(({ record }) => record ?? []),
        which,
        process.env["MOSH_SESSION"]
      )
      return choice._tag === "Chosen" ? attachTo(choice.pid, where) : refuse(...choice.lines)
    }),
    (message) => {
      complain(`mosh-server: internal error: ${message}`)
      return 1
    }
  )
}

/** This user's sessions, as far as they answer. */
export const sessions = SessionRegistry.list(process.env, SessionLog.lost(process.env))

/** Attaches to the session of a process. Returns the exit status. */
export const attachTo = Effect.fnUntraced(function* (pid: number, { address, mode, ports }: Where) {
  const message = { _tag: "Attach", address: address ?? null, ports, mode } as const
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

const refuse = (...lines: ReadonlyArray<string>): Effect.Effect<number> =>
  Effect.sync(() => {
    const [first = "", ...others] = lines
    complain(`mosh-server: ${first}`, ...others)
    return 1
  })
