/**
 * Decides whether a session needs a relay, from what arrives by UDP and what does not.
 *
 * It has a deadline before the first packet only. Later, a client whose server is overdue sends every 250 ms or so, and the
 * decision is taken when it sends. So a session whose UDP works does nothing else than without a relay, and an idle one does
 * not wake up.
 */
import type { Millis } from "../Machine.ts"

export interface RelayDemand {
  readonly isPossible: boolean
  /** How long to wait for the first packet, ms. */
  readonly patience: Millis
  /** Whether a packet of the server has arrived, on any path. */
  readonly isHeard: boolean
  /** When the first datagram was sent after the newest packet; `Infinity` if none was. */
  readonly unanswered: Millis
  /** Since when a relay is wanted; `undefined` while none is. */
  readonly wantedSince: Millis | undefined
  /** When the newest packet arrived from the relay. */
  readonly relayedAt: Millis
  /** The path of the newest packet. */
  readonly path: Path
}

export type Path = "Udp" | "Relay"

export type Input =
  /** A datagram was sent, on any path. */
  | { readonly _tag: "Sent" }
  /** A packet arrived that is newer than all before. */
  | { readonly _tag: "Received"; readonly path: Path }
  /** The deadline is reached. */
  | { readonly _tag: "Due" }
  /** No relay is possible: do not want one again. */
  | { readonly _tag: "Impossible" }

/** The bounds of the wait for the first packet, ms. */
export const PATIENCE_MIN: Millis = 1500
export const PATIENCE_MAX: Millis = 3000
/** The lower bound where the relay needs no login, ms: a relay in vain costs a process there, for a moment. */
export const PATIENCE_MIN_KEPT: Millis = 250
/** Silence in a session, ms, after which a relay is wanted: two heartbeats of the server. */
export const SILENCE: Millis = 6000
/** How long UDP must have worked, ms, before a relay that was used is ended. */
export const PROVEN: Millis = 30_000

/** What is known of the way through ssh when a session begins. */
export type Login =
  /** The relay needs a login. The last one took so long, ms. */
  | { readonly _tag: "Needed"; readonly ms: Millis }
  /** The relay uses the connection of the login. The server was started by it in so many ms. */
  | { readonly _tag: "Kept"; readonly ms: Millis }

/**
 * Where the login or the start of the server was slow, the first answer by UDP may be, too. The start takes two round trips at
 * least, and the answer takes one.
 */
export const patience = (login: Login): Millis => {
  const [least, wanted] = login._tag === "Kept" ? [PATIENCE_MIN_KEPT, login.ms / 2] : [PATIENCE_MIN, login.ms / 4]
  return Math.min(PATIENCE_MAX, Math.max(least, wanted))
}

export const initial = (login: Login): RelayDemand => ({
  isPossible: true,
  patience: patience(login),
  isHeard: false,
  unanswered: Infinity,
  wantedSince: undefined,
  relayedAt: -Infinity,
  path: "Udp"
})

/** When to pass `Due`: before the first packet only. */
export const deadline = ({ isHeard, isPossible, patience, unanswered, wantedSince }: RelayDemand): Millis =>
  isHeard || !isPossible || wantedSince !== undefined ? Infinity : unanswered + patience

/** Processes one input. Returns the same value if it changes nothing. */
export const step = (demand: RelayDemand, input: Input, now: Millis): RelayDemand => {
  switch (input._tag) {
    case "Sent":
      return sent(demand, now)
    case "Due":
      return demand.unanswered === Infinity ? demand : sent(demand, now)
    case "Received":
      return received(demand, input.path, now)
    case "Impossible":
      return { ...demand, isPossible: false, wantedSince: undefined }
  }
}

const sent = (demand: RelayDemand, now: Millis): RelayDemand => {
  const { isHeard, isPossible, patience, unanswered, wantedSince } = demand
  if (unanswered === Infinity) return { ...demand, unanswered: now }
  if (wantedSince !== undefined || !isPossible) return demand
  return now - unanswered >= (isHeard ? SILENCE : patience) ? { ...demand, wantedSince: now } : demand
}

const received = (demand: RelayDemand, path: Path, now: Millis): RelayDemand => {
  const heard = { ...demand, isHeard: true, unanswered: Infinity, path }
  if (path === "Relay") return { ...heard, relayedAt: now }
  const { relayedAt, wantedSince } = demand
  // A relay that was not used yet is not needed any more.
  const isNeeded = wantedSince !== undefined && relayedAt >= wantedSince && now - relayedAt < PROVEN
  return { ...heard, wantedSince: isNeeded ? wantedSince : undefined }
}
