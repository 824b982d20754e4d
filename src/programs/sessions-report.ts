/**
 * What a person is told of sessions that were listed or ended: the same by `mosh` and by `mosh-server`.
 */
import type { Which } from "../domain/server/SessionCommand.ts"
import type { Listed } from "../domain/server/SessionRecord.ts"
import type { Told } from "../domain/server/SessionReply.ts"
import * as SessionTable from "../domain/server/SessionTable.ts"

/** Prints the table, or that there is nothing to put in it. */
export const list = (sessions: ReadonlyArray<Listed>, place: string): void => {
  const lines =
    sessions.length === 0 ? [`No mosh sessions of yours on ${place}.`] : SessionTable.lines(sessions, startedAt)
  process.stdout.write(lines.map((line) => `${line}\n`).join(""))
}

/** Prints what became of each, and returns the exit status: 0 when all have ended. */
export const kill = (which: Which, told: ReadonlyArray<Told>, place: string): number => {
  if (told.length === 0) {
    process.stderr.write(
      which === "all" ? `No mosh sessions of yours on ${place}.\n` : `No mosh session ${which} of yours on ${place}.\n`
    )
    return NO_SUCH_SESSION
  }
  for (const { ended, pid } of told) {
    if (ended) process.stdout.write(`Session ${pid} on ${place} has ended.\n`)
    else process.stderr.write(`Session ${pid} on ${place} does not end; kill -9 ${pid} there would end it.\n`)
  }
  return told.every(({ ended }) => ended) ? 0 : STAYS
}

const NO_SUCH_SESSION = 1
const STAYS = 1

/** The time that long ago, to the minute, as this machine's clock and zone have it. */
const startedAt = (age: number): string => {
  const at = new Date(Date.now() - age)
  const two = (part: number) => String(part).padStart(2, "0")
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-")
  return Number.isNaN(at.getTime()) ? "?" : `${day} ${two(at.getHours())}:${two(at.getMinutes())}`
}
