/**
 * The lines in which a machine tells of its sessions, and of those that it ended, to another.
 *
 * They come from `mosh-server`, or from the shell script that stands in for a stock one (`SessionCommand`), among
 * whatever else a login there prints. Nothing in them is believed, or printed, as it stands.
 */
import { decodeListed, type Listed } from "./SessionRecord.ts"

/** What has been heard so far. */
export interface Reply {
  /** Who answered: our `mosh-server`, or the list of processes; `undefined` while nobody has. */
  readonly by: "Server" | "Processes" | undefined
  /** How many sessions were announced. */
  readonly announced: number
  readonly sessions: ReadonlyArray<Listed>
  /** The sessions that were told to end, and whether they did. */
  readonly told: ReadonlyArray<Told>
  /** The sessions that were not told to end because their client is there, or may be. */
  readonly spared: ReadonlyArray<number>
  /** Whether all that were to end have been told of. */
  readonly killDone: boolean
}

export interface Told {
  readonly pid: number
  readonly ended: boolean
}

export const initial: Reply = { by: undefined, announced: 0, sessions: [], told: [], spared: [], killDone: false }

/** Takes in a line without its line feed. Total. `undefined`: it is not for us. */
export const hear = (reply: Reply, line: string): Reply | undefined => {
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
      return pid === undefined || reply.told.length >= MOST
        ? reply
        : { ...reply, told: [...reply.told, { pid, ended: word === "ENDED" }] }
    }
    case "SPARED": {
      const pid = pidOf(rest)
      return pid === undefined || reply.spared.length >= MOST ? reply : { ...reply, spared: [...reply.spared, pid] }
    }
    case "KILL DONE":
      return { ...reply, killDone: true }
    default:
      return undefined
  }
}

/** The lines that list sessions. */
export const listLines = (sessions: ReadonlyArray<Listed>): ReadonlyArray<string> => [
  `MOSH SESSIONS ${sessions.length}`,
  ...sessions.map((session) => `MOSH SESSION ${JSON.stringify(session)}`)
]

/** The lines that tell of sessions that were to end. */
export const killLines = (told: ReadonlyArray<Told>, spared: ReadonlyArray<number>): ReadonlyArray<string> => [
  ...told.map(({ ended, pid }) => `MOSH ${ended ? "ENDED" : "STAYS"} ${pid}`),
  ...spared.map((pid) => `MOSH SPARED ${pid}`),
  "MOSH KILL DONE"
]

/** More sessions than this nobody has. */
const MOST = 1000

const add = (reply: Reply, session: Listed | undefined): Reply =>
  session === undefined || reply.sessions.length >= MOST ? reply : { ...reply, sessions: [...reply.sessions, session] }

/** `PID ETIME`, the time as POSIX's `ps` tells it: `[[days-]hours:]minutes:seconds`. */
const processOf = (text: string): Listed | undefined => {
  const [pidText = "", elapsed = ""] = text.split(" ")
  const pid = pidOf(pidText)
  return pid === undefined ? undefined : { pid, age: elapsedMillis(elapsed) ?? null, details: { _tag: "Unknown" } }
}

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
