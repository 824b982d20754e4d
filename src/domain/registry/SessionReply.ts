/**
 * Parses the lines in which a host reports its sessions, and those that it ended.
 *
 * The lines come from `mosh-server`, or from the shell script that replaces a stock one (`SessionCommand`), mixed with
 * whatever else a login on that host prints. They are untrusted: bounded, validated, and made safe before they are
 * printed.
 */
import { decodeListed, type Listed } from "./SessionRecord.ts"

/** What the lines so far reported. */
export interface Reply {
  /** Which program answered: effect-mosh's `mosh-server`, or the script; `undefined` before the first line. */
  readonly by: "Server" | "Processes" | undefined
  /** Number of sessions announced before their list. */
  readonly announced: number
  readonly sessions: ReadonlyArray<Listed>
  /** The sessions that received SIGTERM, and whether they ended. */
  readonly results: ReadonlyArray<KillResult>
  /** The process ids of sessions that were spared, because they have, or may have, a client. */
  readonly spared: ReadonlyArray<number>
  /** Whether the report about ended sessions is complete. */
  readonly killDone: boolean
}

/** A session that received SIGTERM, and whether it ended. */
export interface KillResult {
  readonly pid: number
  readonly ended: boolean
}

export const initial: Reply = { by: undefined, announced: 0, sessions: [], results: [], spared: [], killDone: false }

/** Processes one line, without its line feed; `undefined` if it is not part of a reply. Total. */
export const readLine = (reply: Reply, line: string): Reply | undefined => {
  const [, word, rest = ""] =
    /^MOSH (SESSIONS|SESSION|PROCESSES|PROCESS|ENDED|STAYS|SPARED|KILL DONE)(?: (.*?))?\r?$/.exec(line) ?? []
  switch (word) {
    case "SESSIONS":
      return /^\d{1,6}$/.test(rest) ? { ...reply, by: "Server", announced: Number(rest) } : reply
    case "PROCESSES":
      return { ...reply, by: "Processes" }
    case "SESSION":
      return add(reply, decodeListed(rest))
    case "PROCESS":
      return add(reply, processOf(rest))
    case "ENDED":
    case "STAYS": {
      const pid = pidOf(rest)
      return pid === undefined || reply.results.length >= MAX_SESSIONS
        ? reply
        : { ...reply, results: [...reply.results, { pid, ended: word === "ENDED" }] }
    }
    case "SPARED": {
      const pid = pidOf(rest)
      return pid === undefined || reply.spared.length >= MAX_SESSIONS
        ? reply
        : { ...reply, spared: [...reply.spared, pid] }
    }
    case "KILL DONE":
      return { ...reply, killDone: true }
    default:
      return undefined
  }
}

/** The lines that report the list of sessions. */
export const listLines = (sessions: ReadonlyArray<Listed>): ReadonlyArray<string> => [
  `MOSH SESSIONS ${sessions.length}`,
  ...sessions.map((session) => `MOSH SESSION ${JSON.stringify(session)}`)
]

/** The lines that report the end of sessions. */
export const killLines = (results: ReadonlyArray<KillResult>, spared: ReadonlyArray<number>): ReadonlyArray<string> => [
  ...results.map(({ ended, pid }) => `MOSH ${ended ? "ENDED" : "STAYS"} ${pid}`),
  ...spared.map((pid) => `MOSH SPARED ${pid}`),
  "MOSH KILL DONE"
]

/** Maximum number of sessions that a reply may contain; the rest is ignored. */
const MAX_SESSIONS = 1000

const add = (reply: Reply, session: Listed | undefined): Reply =>
  session === undefined || reply.sessions.length >= MAX_SESSIONS
    ? reply
    : { ...reply, sessions: [...reply.sessions, session] }

/** Parses `PID ETIME`; see `elapsedMillis`. */
const processOf = (text: string): Listed | undefined => {
  const [pidText = "", elapsed = ""] = text.split(" ")
  const pid = pidOf(pidText)
  return pid === undefined ? undefined : { pid, age: elapsedMillis(elapsed) ?? null, details: { _tag: "Unknown" } }
}

/** Parses an elapsed time of POSIX's `ps`, `[[days-]hours:]minutes:seconds`, into ms. */
export const elapsedMillis = (text: string): number | undefined => {
  const parts = /^(?:(?:(\d{1,6})-)?(\d{1,2}):)?(\d{1,2}):(\d{1,2})$/.exec(text)
  if (parts === null) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

const pidOf = (text: string): number | undefined => {
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : 0
  return pid > 1 && pid < 2 ** 31 ? pid : undefined
}
