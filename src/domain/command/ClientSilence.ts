/**
 * Decides when a server of commands gives up on its client: an end without a terminal types nothing, so that only packets
 * show that it lives.
 *
 * While a command runs, its client may sleep for days. Without a command, the client has left and could not report it.
 */
import type { Millis } from "../Machine.ts"

/** How long a server keeps a command for a silent client if `MOSH_SERVER_NETWORK_TMOUT` does not limit it more, ms: 3 days. */
export const WITH_COMMAND = 3 * 86_400_000

/** How long it waits for a silent client that runs no command, ms. */
export const WITHOUT_COMMAND = 60_000

/** The longest time between two observations, ms. */
export const LONGEST_WAIT = 3_600_000

/** If an observation is so late, ms, the host was suspended, and the client could not be heard. */
export const LATE = 5000

export interface ClientSilence {
  /** The number of packets at the last observation. */
  readonly received: number
  /** When that number was observed first. */
  readonly since: Millis
  /** When the next observation is due. */
  readonly due: Millis
}

export const initial = (now: Millis): ClientSilence => ({ received: 0, since: now, due: now })

export interface Observation {
  /** How many packets have arrived from the client. */
  readonly received: number
  /** How long the client may be silent now, ms. */
  readonly limit: Millis
}

/** The next state, to be observed again when it is `due`; `Silent` if the client was silent for too long. */
export const observe = (
  self: ClientSilence,
  { limit, received }: Observation,
  now: Millis
): ClientSilence | "Silent" => {
  const isNew = received !== self.received || now > self.due + LATE
  const since = isNew ? now : self.since
  if (now - since >= limit) return "Silent"
  return { received, since, due: Math.min(since + limit, now + LONGEST_WAIT) }
}
