/**
 * When to say again what the peer has not acknowledged.
 *
 * *Early*, before anybody can know whether it arrived, where datagrams are known to get lost: often enough that one of
 * the copies very likely arrives, at intervals that grow, so that a burst of losses does not take them all. *Timed*,
 * when the acknowledgement is overdue: after a timeout, then ever more slowly, and without end while the peer is silent,
 * for the next datagram may be the one that finds the network back.
 */
import type { Millis } from "../Machine.ts"
import { Features } from "./SyncObject.ts"
import * as Timing from "./Timing.ts"

export interface Repeats {
  /** How often the newest state was said again early. */
  readonly early: number
  /** How often something was said again because it was overdue, since the peer last acknowledged something. */
  readonly timed: number
  /** Datagrams of early repeats that may still be sent, and when that was so. */
  readonly window: { readonly at: Millis; readonly datagrams: number }
  /** The share of states that were overdue, 0 to 1, the recent ones counting more: the loss on the way to the peer. */
  readonly overdue: number
  /** The share of our datagrams that do not reach the peer, by its own account; it fades while the peer says nothing of it. */
  readonly missed: number
}

export const NONE: Repeats = {
  early: 0,
  timed: 0,
  window: { at: -Infinity, datagrams: Timing.REPEAT_WINDOW },
  overdue: 0,
  missed: 0
}

/** What is known of the network. */
export interface Link {
  /** The smoothed round trip, `undefined` before the first sample; the least one of late; the timeout. */
  readonly srtt: number | undefined
  readonly least: number | undefined
  readonly rto: number
  /** The share of the peer's datagrams that do not come; `undefined` while unknown. */
  readonly loss: number | undefined
}

/** How long the peer may wait with an answer. */
export const answerDelay = (link: Link, peer: Features): Millis =>
  peer === Features.stock ? Timing.ACK_DELAY : Timing.ackDelay(link.srtt)

/** Whether datagrams wait in a queue on the way: what is sent more often only arrives later. No other way is so long. */
export const isQueued = ({ least, srtt }: Link): boolean =>
  srtt !== undefined && (srtt > Timing.RTO_MAX || srtt > 2 * (least ?? srtt) + Timing.QUEUE_DELAY)

/**
 * Whether that queue is deeper than any timeout. One that a session fills by itself hardly ever is; it is others who fill
 * it, and the few datagrams of a session make it no longer. Where it is full, it drops some of them.
 */
export const isDeep = ({ srtt }: Link): boolean => srtt !== undefined && srtt > Timing.RTO_MAX

/** When something unacknowledged is overdue, after it was sent: the timeout, and what the peer may wait with its answer. */
export const timeout = (link: Link, peer: Features): Millis => {
  if (link.srtt === undefined) return Timing.FIRST_TIMEOUT
  const answer = Math.max(link.rto, isQueued(link) ? Math.ceil(1.25 * link.srtt) : 0)
  return answer + answerDelay(link, peer) + Timing.LATENESS
}

/** How often in all to say something, so that it arrives but for one time in 250. */
export const copies = (repeats: Repeats, link: Link): number => (isQueued(link) ? 1 : copiesAtLoss(repeats, link))

const copiesAtLoss = (repeats: Repeats, link: Link): number => {
  const loss = Math.max(link.loss ?? 0, repeats.missed, repeats.overdue < Timing.OVERDUE_KNOWN ? 0 : repeats.overdue)
  if (loss < Timing.LOSS_KNOWN) return 1
  return Math.min(Timing.COPIES_MOST, Math.ceil(Math.log(1 / 250) / Math.log(Math.min(loss, 0.5))))
}

/**
 * When the newest state, last sent at `at`, in so many datagrams, is to be said again early. Where losses are known, the
 * last of these copies is sent when an answer could have come, and none has; what the peer may wait with it is not waited.
 * If then all of them fell into one gap of the network, it is said once an interval until it is overdue.
 */
export const nextEarly = (repeats: Repeats, link: Link, at: Millis, datagrams: number): Millis => {
  if (isDeep(link)) return nextDeep(repeats, link, at, datagrams)
  const most = copies(repeats, link)
  const { early, timed } = repeats
  if (timed > 0 || datagrams > Timing.REPEAT_WINDOW || most === 1 || early === Infinity) return Infinity
  const first = Math.min(
    Math.max((link.srtt ?? Timing.SRTT_INITIAL) / 10, Timing.COPY_DELAY_MIN),
    Timing.COPY_DELAY_MAX
  )
  const wait = first * Timing.SLOWER ** early
  const passed = (wait - first) / (Timing.SLOWER - 1)
  const answer = link.rto + Timing.COPY_DELAY_MAX - passed
  const isLast = early + 1 === most
  const gap = early >= most ? Timing.sendInterval(link.srtt) : isLast ? Math.max(first, answer) : wait
  return Math.max(at + Math.ceil(gap), windowOpens(repeats, link, datagrams))
}

/**
 * The same behind a deep queue: copies where losses are known, further apart than the packets that fill it; and then, as
 * stock does, one in every longest timeout until it is acknowledged.
 */
const nextDeep = (repeats: Repeats, link: Link, at: Millis, datagrams: number): Millis => {
  const { early } = repeats
  if (datagrams > 1 || early === Infinity) return Infinity
  const isCopy = early + 1 < copiesAtLoss(repeats, link)
  const gap = isCopy ? Timing.DEEP_COPY_DELAY * Timing.SLOWER ** early : Timing.RTO_MAX + Timing.ACK_DELAY
  return Math.max(at + Math.ceil(gap), windowOpens(repeats, link, datagrams))
}

/** When the window allows so many datagrams. */
const windowOpens = ({ window }: Repeats, link: Link, datagrams: number): Millis =>
  Math.ceil(window.at + Math.max(0, datagrams - window.datagrams) / rate(link))

/** What `nextTimed` goes by. */
export interface Unacknowledged {
  /** When the oldest of what is unacknowledged was sent, and when anything was sent last. */
  readonly oldestAt: Millis
  readonly at: Millis
  /** How many datagrams it takes to say it. */
  readonly datagrams: number
  /** How long the peer has not been heard, and whether that is longer than it would ever be silent. */
  readonly silence: Millis
  readonly isOutage: boolean
  readonly peer: Features
}

/** When it is to be said again because it is overdue. */
export const nextTimed = (repeats: Repeats, link: Link, unacknowledged: Unacknowledged): Millis => {
  const { at, datagrams, isOutage, oldestAt, peer, silence } = unacknowledged
  const wait = timeout(link, peer)
  const interval = Timing.sendInterval(link.srtt)
  const { timed } = repeats
  if (timed === 0) return Math.max(oldestAt + wait, at + interval)
  // What is much may be on its way yet, unless losses are known, and what waits in a queue certainly is.
  const isPatient = isQueued(link) || (datagrams > 1 && !isOutage && copies(repeats, link) === 1)
  const slower = Timing.SLOWER ** (timed - 1)
  const gap = isPatient
    ? wait * Math.min(slower, Timing.SLOWER_MOST)
    : Math.min(interval * slower, probeInterval(silence))
  return at + Math.ceil(gap)
}

/** The time between two probes of a network that is silent, ms: longer and longer. */
export const probeInterval = (silence: Millis): Millis =>
  Math.min(Math.max(silence / 300, Timing.PROBE_INTERVAL_MIN), Timing.ACK_INTERVAL)

/** The repeats after an early one of so many datagrams; `undefined` where the window does not allow them now. */
export const early = (repeats: Repeats, link: Link, now: Millis, datagrams: number): Repeats | undefined => {
  const { window } = repeats
  const left = Math.min(Timing.REPEAT_WINDOW, window.datagrams + (now - window.at) * rate(link)) - datagrams
  return left < 0 ? undefined : { ...repeats, early: repeats.early + 1, window: { at: now, datagrams: left } }
}

/** The newest state is not said again early any more. */
export const enough = (repeats: Repeats): Repeats => ({ ...repeats, early: Infinity })

export const timed = (repeats: Repeats): Repeats => ({ ...repeats, timed: repeats.timed + 1 })

/** Something new was sent. It says again all that came before. */
export const renewed = (repeats: Repeats): Repeats => (repeats.early === 0 ? repeats : { ...repeats, early: 0 })

/** The peer acknowledged something; `isOutage` when it had been silent for long, which is not the loss of a datagram. */
export const acknowledged = (repeats: Repeats, isOutage: boolean): Repeats => ({
  ...repeats,
  timed: 0,
  missed: repeats.missed * FADING,
  overdue: isOutage ? repeats.overdue : repeats.overdue + ((repeats.timed > 0 ? 1 : 0) - repeats.overdue) / 8
})

/** The peer said which share of our datagrams does not reach it. */
export const missed = (repeats: Repeats, share: number): Repeats => ({ ...repeats, missed: share })

/** What a peer misses it says with everything; when it says nothing of it, that is soon believed. */
const FADING = 0.75

/** About how many datagrams a difference of so many bytes takes. */
export const datagrams = (bytes: number): number => Math.max(1, Math.ceil(bytes / Timing.DATAGRAM_BYTES))

/** By how many datagrams a millisecond the window opens. */
const rate = (link: Link): number => Timing.REPEAT_WINDOW / Math.max(link.srtt ?? Timing.SRTT_INITIAL, Timing.RTO_MIN)
