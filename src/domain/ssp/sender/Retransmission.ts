/**
 * When to send an unacknowledged state again.
 *
 * *Speculatively*, before its loss can be known, where the path is known to lose datagrams: often enough that one of the
 * copies very likely arrives, at growing intervals, so that a burst of losses does not take them all. *On timeout*, when
 * the acknowledgement is overdue: then ever more slowly, and without end while the peer is silent, for the next datagram
 * may be the first that the network carries again.
 */
import type { Millis } from "../../Machine.ts"
import { isDeeplyQueued, isQueued, type PathEstimate } from "../path/PathEstimate.ts"
import { Features } from "../SyncObject.ts"
import * as Timing from "../Timing.ts"

export interface Retransmission {
  /** Speculative copies sent of the newest state; `Infinity` when there are to be no more. */
  readonly speculative: number
  /** Timeouts since the peer last acknowledged something. */
  readonly timeouts: number
  /** Datagrams of speculative copies that could be sent at `at`. */
  readonly window: { readonly at: Millis; readonly datagrams: number }
  /** A moving average of the share of states that timed out, 0 to 1: an estimate of the loss on the path to the peer. */
  readonly overdue: number
  /** The share of our datagrams that the peer reports as lost. It decays while the peer reports none. */
  readonly peerLoss: number
}

export const NONE: Retransmission = {
  speculative: 0,
  timeouts: 0,
  window: { at: -Infinity, datagrams: Timing.COPY_WINDOW },
  overdue: 0,
  peerLoss: 0
}

/** How long the peer may delay an acknowledgement. */
export const maxAckDelay = (path: PathEstimate, peer: Features): Millis =>
  peer === Features.stock ? Timing.ACK_DELAY : Timing.ackDelay(path.srtt)

/** The time from sending a state to its timeout: the RTO, the peer's acknowledgement delay, and its scheduling latency. */
export const timeout = (path: PathEstimate, peer: Features): Millis => {
  if (path.srtt === undefined) return Timing.FIRST_TIMEOUT
  const answer = Math.max(path.rto, isQueued(path) ? Math.ceil(1.25 * path.srtt) : 0)
  return answer + maxAckDelay(path, peer) + Timing.LATENESS
}

/** Copies to send so that at least one arrives with probability 249/250; the first transmission counts. */
export const redundancy = (state: Retransmission, path: PathEstimate): number =>
  isQueued(path) ? 1 : redundancyAtLoss(state, path)

/** The share of datagrams that the path loses, in the worse direction; 0 if it is insignificant. */
export const knownLoss = ({ overdue, peerLoss }: Retransmission, path: PathEstimate): number => {
  const loss = Math.max(path.loss ?? 0, peerLoss, overdue < Timing.OVERDUE_SIGNIFICANT ? 0 : overdue)
  return loss < Timing.LOSS_SIGNIFICANT ? 0 : loss
}

const redundancyAtLoss = (state: Retransmission, path: PathEstimate): number => {
  const loss = knownLoss(state, path)
  if (loss === 0) return 1
  return Math.min(Timing.COPIES_MAX, Math.ceil(Math.log(1 / 250) / Math.log(Math.min(loss, 0.5))))
}

/**
 * When to send the newest state, last sent at `at` in so many datagrams, once more speculatively. The last copy is sent
 * when a prompt acknowledgement should have arrived. If none has, one gap of the network may have taken all copies: from
 * then on there is one copy per send interval until the state times out.
 */
export const nextSpeculative = (state: Retransmission, path: PathEstimate, at: Millis, datagrams: number): Millis => {
  if (isDeeplyQueued(path)) return nextDeeplyQueued(state, path, at, datagrams)
  const copies = redundancy(state, path)
  const { speculative, timeouts } = state
  if (timeouts > 0 || datagrams > Timing.COPY_WINDOW || copies === 1 || speculative === Infinity) return Infinity
  const first = Math.min(
    Math.max((path.srtt ?? Timing.SRTT_INITIAL) / 10, Timing.COPY_DELAY_MIN),
    Timing.COPY_DELAY_MAX
  )
  const wait = first * Timing.BACKOFF ** speculative
  const passed = (wait - first) / (Timing.BACKOFF - 1)
  const answer = path.rto + Timing.COPY_DELAY_MAX - passed
  const isLast = speculative + 1 === copies
  const gap = speculative >= copies ? Timing.sendInterval(path.srtt) : isLast ? Math.max(first, answer) : wait
  return Math.max(at + Math.ceil(gap), windowOpens(state, path, datagrams))
}

/**
 * The same behind a deep queue: copies where loss is known, further apart than the packets that fill the queue; then, as
 * in stock, one per longest timeout until the state is acknowledged. The downloads that fill the queue notice that it is full only
 * when that is seconds ago, and until then it drops most of what arrives. So a peer that reports losses, which no stock peer does, is sent
 * copies without end, within the window.
 */
const nextDeeplyQueued = (state: Retransmission, path: PathEstimate, at: Millis, datagrams: number): Millis => {
  const { speculative } = state
  if (datagrams > 1 || speculative === Infinity) return Infinity
  const growing = Timing.DEEP_COPY_DELAY * Timing.BACKOFF ** speculative
  const isCopy = speculative + 1 < redundancyAtLoss(state, path)
  const isReported = state.peerLoss >= Timing.LOSS_SIGNIFICANT
  const later = isReported ? Math.min(growing, Timing.DEEP_COPY_MAX) : Timing.RTO_MAX + Timing.ACK_DELAY
  const gap = isCopy ? growing : later
  return Math.max(at + Math.ceil(gap), windowOpens(state, path, datagrams))
}

/** When the window admits so many datagrams. */
const windowOpens = ({ window }: Retransmission, path: PathEstimate, datagrams: number): Millis =>
  Math.ceil(window.at + Math.max(0, datagrams - window.datagrams) / rate(path))

/** The state that `nextTimeout` decides about. */
export interface Unacknowledged {
  /** When the timeout of the oldest unacknowledged state started. */
  readonly oldestAt: Millis
  /** When anything was last sent. */
  readonly at: Millis
  /** How many datagrams a retransmission takes. */
  readonly datagrams: number
  /** The time since the peer's last packet arrived. */
  readonly silence: Millis
  /** Whether that is longer than any reachable peer is silent. */
  readonly isOutage: boolean
  readonly peer: Features
}

/** When the unacknowledged state times out, or times out again. */
export const nextTimeout = (state: Retransmission, path: PathEstimate, unacknowledged: Unacknowledged): Millis => {
  const { at, datagrams, isOutage, oldestAt, peer, silence } = unacknowledged
  const wait = timeout(path, peer)
  const interval = Timing.sendInterval(path.srtt)
  const { timeouts } = state
  if (timeouts === 0) return Math.max(oldestAt + wait, at + interval)
  // Several datagrams may still be in flight, unless loss is known; datagrams in a queue certainly are.
  const isPatient = isQueued(path) || (datagrams > 1 && !isOutage && redundancy(state, path) === 1)
  const backoff = Timing.BACKOFF ** (timeouts - 1)
  const gap = isPatient
    ? wait * Math.min(backoff, Timing.BACKOFF_MAX)
    : Math.min(interval * backoff, probeInterval(silence))
  return at + Math.ceil(gap)
}

/** The time between two probes of a silent network, ms: it grows with the silence. */
export const probeInterval = (silence: Millis): Millis =>
  Math.min(Math.max(silence / 300, Timing.PROBE_INTERVAL_MIN), Timing.ACK_INTERVAL)

/** Records a speculative copy of so many datagrams. `undefined` if the window does not admit it now. */
export const speculate = (
  state: Retransmission,
  path: PathEstimate,
  now: Millis,
  datagrams: number
): Retransmission | undefined => {
  const { window } = state
  const left = Math.min(Timing.COPY_WINDOW, window.datagrams + (now - window.at) * rate(path)) - datagrams
  return left < 0 ? undefined : { ...state, speculative: state.speculative + 1, window: { at: now, datagrams: left } }
}

/** Sends no more speculative copies of the newest state. */
export const stopSpeculating = (state: Retransmission): Retransmission => ({ ...state, speculative: Infinity })

/** Records a retransmission on timeout. */
export const timedOut = (state: Retransmission): Retransmission => ({ ...state, timeouts: state.timeouts + 1 })

/** A new state was sent, which contains all earlier ones. */
export const newsSent = (state: Retransmission): Retransmission =>
  state.speculative === 0 ? state : { ...state, speculative: 0 }

/** The peer acknowledged a change; `isOutage` if it had been unreachable, so that the timeouts show no loss. */
export const acknowledged = (state: Retransmission, isOutage: boolean): Retransmission => ({
  ...state,
  timeouts: 0,
  peerLoss: state.peerLoss * PEER_LOSS_DECAY,
  overdue: isOutage ? state.overdue : state.overdue + ((state.timeouts > 0 ? 1 : 0) - state.overdue) / 8
})

/** The peer reported the share of our datagrams that it does not receive. */
export const peerLossReported = (state: Retransmission, share: number): Retransmission => ({
  ...state,
  peerLoss: share
})

/** A peer that loses datagrams reports it with every instruction. When it reports nothing, the loss is soon forgotten. */
const PEER_LOSS_DECAY = 0.75

/** About how many datagrams a difference of so many bytes takes. */
export const datagrams = (bytes: number): number => Math.max(1, Math.ceil(bytes / Timing.DATAGRAM_BYTES))

/** Datagrams per millisecond by which the window opens. */
const rate = (path: PathEstimate): number =>
  Timing.COPY_WINDOW / Math.max(path.srtt ?? Timing.SRTT_INITIAL, Timing.RTO_MIN)
