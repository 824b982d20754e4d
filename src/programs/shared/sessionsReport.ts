/**
 * The lines that report which sessions a host has, or which of them ended; the same for `mosh` and `mosh-server`.
 */
import * as Effect from "effect/Effect"
import * as Tty from "node:tty"
import type { Kill, Which } from "../../domain/registry/SessionCommand.ts"
import type { Listed } from "../../domain/registry/SessionRecord.ts"
import * as SessionJson from "../../domain/registry/SessionJson.ts"
import type { KillResult } from "../../domain/registry/SessionReply.ts"
import * as SessionTable from "../../domain/registry/SessionTable.ts"
import * as Consent from "./consent.ts"

/** How a list of sessions is printed. */
export type Form = "Table" | "Json"

/** Prints the sessions: as JSON, or as a table, or that there are none. */
export const list = (sessions: ReadonlyArray<Listed>, place: string, form: Form): void => {
  if (form === "Json") {
    process.stdout.write(`${SessionJson.format(sessions)}\n`)
    return
  }
  const lines =
    sessions.length === 0 ? [`No mosh sessions of yours on ${place}.`] : SessionTable.lines(sessions, startedAt)
  process.stdout.write(lines.map((line) => `${line}\n`).join(""))
}

/** The result of ending sessions. */
export interface Killed {
  readonly results: ReadonlyArray<KillResult>
  readonly spared: ReadonlyArray<number>
}

/** Prints the result for each session. Returns the exit status: 0 when all selected sessions have ended. */
export const kill = (which: Which, { spared, results }: Killed, place: string): number => {
  if (results.length === 0 && spared.length === 0) {
    process.stderr.write(
      which === "all" ? `No mosh sessions of yours on ${place}.\n` : `No mosh session ${which} of yours on ${place}.\n`
    )
    return NO_SUCH_SESSION
  }
  for (const { ended, pid } of results) {
    const title = typeof which === "string" && which !== "all" ? `${which} (${pid})` : String(pid)
    if (ended) process.stdout.write(`Session ${title} on ${place} has ended.\n`)
    else process.stderr.write(`Session ${title} on ${place} does not end; kill -9 ${pid} there would end it.\n`)
  }
  if (spared.length > 0) {
    process.stderr.write(
      `Spared on ${place}, because a client is or may be attached: ${spared.join(", ")}. --force ends these, too.\n`
    )
  }
  if (results.length === 0) return NO_SUCH_SESSION
  return results.every(({ ended }) => ended) ? 0 : STAYS
}

/** Asks on the terminal before all sessions are ended; without a terminal it does not ask, because a script has decided. */
export const agreed = ({ force, which }: Kill, place: string): Effect.Effect<boolean> => {
  if (which !== "all" || !Tty.isatty(0) || !Tty.isatty(2)) return Effect.succeed(true)
  return Consent.ask(`End ${force ? "all your sessions" : "all your sessions without a client"} on ${place}? [y/N] `)
}

const NO_SUCH_SESSION = 1
const STAYS = 1

/** The local time `age` ms ago, to the minute. */
export const startedAt = (age: number): string => {
  const at = new Date(Date.now() - age)
  const two = (part: number) => String(part).padStart(2, "0")
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-")
  return Number.isNaN(at.getTime()) ? "?" : `${day} ${two(at.getHours())}:${two(at.getMinutes())}`
}
