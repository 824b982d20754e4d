/**
 * The size of datagrams that the path carries: packetization layer path MTU discovery for datagrams (RFC 8899).
 *
 * Every path is assumed to carry datagrams of `base` bytes, as stock assumes. A datagram that is too large for the path
 * disappears, or arrives truncated and fails authentication, without an error. Between two ends with `Features.mtu` such a
 * *black hole* is found in rounds:
 *
 * 1. *Check.* Behind an instruction in large datagrams, a small stream packet with PING, the *marker*, is sent, unless large
 *    datagrams arrived lately. The peer's ACK reports which of the instruction's datagrams arrived. If the marker did and no
 *    datagram of the largest size did, that size is suspect.
 * 2. *Probe.* Stream packets with PING, padded to different sizes, and a marker. If the suspect size arrives, it was
 *    other loss. If not, the largest size that arrived becomes the limit, and the instruction is sent again at once: two
 *    round trips after the loss.
 * 3. *Search.* Further probes narrow the limit down to `STEP` bytes.
 *
 * Every round is started by a datagram that is sent or received for another reason; there is no timer. To other peers no probe is
 * sent. There the limit falls to `FLOOR` when an instruction in large datagrams times out repeatedly although the peer
 * echoes later timestamps, or is heard after each transmission: where nothing passes, there is nothing to echo. Specification: docs/spec/path-mtu.md.
 */
import type { Millis } from "../../Machine.ts"
import type { AckRange } from "../../wire/streams/AckFrame.ts"
import type { StateNumber } from "../../wire/Numbers.ts"

/** Every path carries datagrams of this size, as in stock after EMSGSIZE. Larger ones are *large*. */
export const FLOOR = 500
/** What is assumed of a path (spec 2.10): its MTU is 1280. */
export const BASE = { IPv4: 1252, IPv6: 1216 } as const
/** What is tried for streams: an MTU of 1500. */
const LARGEST = { IPv4: 1472, IPv6: 1452 } as const
/** What is tried for streams on the loopback interface. An end that announces `Features.mtu` accepts this size. */
export const MAX = 4096
/** A search ends when sizes are known to so many bytes. */
export const STEP = 16
/** Probes in a round. */
export const PROBES = 5
/** How long the arrival of a large datagram remains evidence: long enough that output without a pause needs few markers. */
export const FRESH: Millis = 100
/** The time from the end of a search to the next one (RFC 8899, section 5.1.1: PMTU_RAISE_TIMER). */
export const RAISE: Millis = 600_000
/** Timeouts of an instruction before the limit falls without a probe: on a path without known loss, and otherwise. */
export const TIMEOUTS = 2
export const TIMEOUTS_CAUTIOUS = 4
/** The same, of transmissions after which the peer was heard, although it echoed nothing. One may be the end of an outage. */
export const UNANSWERED = 2
export const UNANSWERED_CAUTIOUS = 4
/** How long a probe that counts as lost may still arrive and revise the result. */
const LATE: Millis = 2000
/** How many datagrams of an instruction are observed, and how many instructions. */
const OBSERVED = 16
const INSTRUCTIONS = 8

/** A sent datagram. */
export interface Sent {
  /** Its packet number. */
  readonly number: number
  readonly bytes: number
}

export interface PathMtu {
  readonly family: "IPv4" | "IPv6"
  /** The size limit of datagrams, bytes. Instructions use at most `BASE` of it. */
  readonly size: number
  /** The largest size that may pass; sizes between `size` and this one are unknown. */
  readonly ceiling: number
  /** The largest datagram whose arrival was learned of lately, and when. */
  readonly confirmed: { readonly bytes: number; readonly at: Millis }
  /** From when on larger sizes are tried again. */
  readonly raiseAt: Millis
  /** What to send as soon as stream packets can be sent. */
  readonly due: Due | undefined
  readonly round: Round | undefined
  /** Probes that count as lost, but may have been overtaken. */
  readonly missing: { readonly probes: ReadonlyArray<Sent>; readonly until: Millis }
  /** Unacknowledged states that were sent in large datagrams, oldest first. */
  readonly states: ReadonlyArray<LargeState>
  /** When one of them was last sent, and how often the peer was heard a round trip later, and had acknowledged none. */
  readonly sentAt: Millis
  readonly unanswered: number
}

/** Probes to send, and then a marker. */
export interface Due {
  /** Whether the result may reduce the limit. */
  readonly isSuspect: boolean
  /** Datagrams of the instruction before the marker; empty for a round of probes. */
  readonly data: ReadonlyArray<Sent>
  /** Sizes of the probes, bytes, descending. */
  readonly sizes: ReadonlyArray<number>
}

/** Datagrams whose fate the acknowledgement of `marker`, or of a later datagram, reveals. */
export interface Round {
  readonly isSuspect: boolean
  readonly isCheck: boolean
  readonly marker: number
  readonly until: Millis
  readonly pending: ReadonlyArray<Sent>
  /** The largest size that arrived, 0 if none did. */
  readonly arrived: number
}

/** A state in large datagrams. */
export interface LargeState {
  readonly number: StateNumber
  /** When it was first sent. */
  readonly at: Millis
  /** The largest datagram of the transmission with the smallest ones: its acknowledgement proves this size. */
  readonly bytes: number
}

const NONE_MISSING = { probes: [], until: -Infinity }

export const init = (family: "IPv4" | "IPv6"): PathMtu => ({
  family,
  size: BASE[family],
  ceiling: BASE[family],
  confirmed: { bytes: 0, at: -Infinity },
  raiseAt: -Infinity,
  due: undefined,
  round: undefined,
  missing: NONE_MISSING,
  states: [],
  sentAt: -Infinity,
  unanswered: 0
})

/** The size limit of datagrams that carry instructions. */
export const instructionLimit = ({ family, size }: PathMtu): number => Math.min(size, BASE[family])

/** The largest size that is tried for streams. */
export const largest = ({ family }: PathMtu, isLoopback: boolean): number => (isLoopback ? MAX : LARGEST[family])

/** Whether an ACK can change anything. */
export const isWaiting = ({ missing, round }: PathMtu, now: Millis): boolean =>
  round !== undefined || now < missing.until

/**
 * A state was sent in these datagrams. `canProbe`: the peer answers probes.
 */
export const stateSent = (
  mtu: PathMtu,
  number: StateNumber,
  datagrams: ReadonlyArray<Sent>,
  canProbe: boolean,
  now: Millis
): PathMtu => {
  const bytes = largestOf(datagrams)
  if (bytes <= FLOOR && mtu.states.length === 0) return mtu
  const isRepeat = mtu.states.some((state) => state.number === number)
  const observed = { ...mtu, states: record(mtu.states, number, bytes, now), sentAt: now }
  if (bytes <= FLOOR || !canProbe || mtu.due !== undefined || isOpen(mtu, now)) return observed
  if (isSearching(observed)) return { ...observed, due: search(observed) }
  if (mtu.size < BASE[mtu.family] && now >= mtu.raiseAt) return raise(observed, BASE[mtu.family])
  if (!isRepeat && isFresh(mtu, now) && bytes <= mtu.confirmed.bytes) return observed
  const data = datagrams.filter((datagram) => datagram.bytes === bytes).slice(0, OBSERVED)
  return { ...observed, due: { isSuspect: false, data, sizes: [] } }
}

const largestOf = (datagrams: ReadonlyArray<Sent>): number => {
  let most = 0
  for (const { bytes } of datagrams) most = Math.max(most, bytes)
  return most
}

const record = (
  states: ReadonlyArray<LargeState>,
  number: StateNumber,
  bytes: number,
  now: Millis
): ReadonlyArray<LargeState> => {
  if (states.some((state) => state.number === number))
    return states.map((state) => (state.number === number ? { ...state, bytes: Math.min(state.bytes, bytes) } : state))
  if (bytes <= FLOOR) return states
  // The oldest stays: it shows for how long large datagrams have been unacknowledged.
  return [...(states.length < INSTRUCTIONS ? states : states.toSpliced(1, 1)), { number, at: now, bytes }]
}

/** The peer acknowledged a state. */
export const stateAcknowledged = (mtu: PathMtu, number: StateNumber, now: Millis): PathMtu => {
  if (mtu.states.length === 0) return mtu
  const states = mtu.states.filter((state) => state.number > number)
  const acknowledged = mtu.states.find((state) => state.number === number)
  // A heartbeat acknowledges the same state again.
  if (states.length === mtu.states.length) return mtu
  const next = { ...mtu, states, unanswered: 0 }
  return acknowledged === undefined ? next : confirm(next, acknowledged.bytes, now)
}

/** The arrival of a smaller datagram does not prolong the evidence for a larger one. */
const confirm = (mtu: PathMtu, bytes: number, now: Millis): PathMtu =>
  isFresh(mtu, now) && bytes < mtu.confirmed.bytes ? mtu : { ...mtu, confirmed: { bytes, at: now } }

const isFresh = ({ confirmed }: PathMtu, now: Millis): boolean => now - confirmed.at < FRESH

/** Streams lost large datagrams repeatedly, and smaller ones arrived. */
export const suspect = (mtu: PathMtu, now: Millis): PathMtu =>
  mtu.due !== undefined || isOpen(mtu, now) ? mtu : { ...mtu, due: { isSuspect: true, data: [], sizes: [mtu.size] } }

/** A stream has much to send: tries larger datagrams, up to `ceiling`. */
export const streamBusy = (mtu: PathMtu, ceiling: number, now: Millis): PathMtu => {
  if (mtu.due !== undefined || isOpen(mtu, now)) return mtu
  if (isSearching(mtu)) return { ...mtu, due: search(mtu) }
  return ceiling - mtu.size <= STEP || now < mtu.raiseAt ? mtu : raise(mtu, ceiling)
}

const raise = (mtu: PathMtu, ceiling: number): PathMtu => {
  const raised = { ...mtu, ceiling: Math.max(ceiling, mtu.size) }
  return { ...raised, due: search(raised) }
}

const isOpen = ({ round }: PathMtu, now: Millis): boolean => round !== undefined && now < round.until

const isSearching = ({ ceiling, size }: PathMtu): boolean => ceiling - size > STEP

const search = ({ ceiling, size }: PathMtu): Due => ({ isSuspect: false, data: [], sizes: between(size, ceiling) })

/** `PROBES` sizes above `low`, evenly spaced up to `high`, descending. */
const between = (low: number, high: number): ReadonlyArray<number> =>
  Array.from({ length: PROBES }, (_, i) => high - Math.floor((i * (high - low)) / PROBES))

/** Sizes to try when the limit proved too large: above all `BASE`, if the limit is larger. */
const ladder = ({ family, size }: PathMtu): ReadonlyArray<number> => {
  const base = BASE[family]
  return size > base ? [size, ...between(FLOOR, base).slice(0, PROBES - 1)] : between(FLOOR, size)
}

/** What was due was sent: the probes, and then the marker. */
export const probesSent = (mtu: PathMtu, probes: ReadonlyArray<Sent>, marker: number, until: Millis): PathMtu => {
  const { due } = mtu
  if (due === undefined) return mtu
  const isCheck = due.sizes.length === 0
  const pending = [...due.data, ...probes]
  return { ...mtu, due: undefined, round: { isSuspect: due.isSuspect, isCheck, marker, until, pending, arrived: 0 } }
}

/** The peer acknowledges datagrams. `ranges` descend. */
export const acknowledged = (mtu: PathMtu, ranges: ReadonlyArray<AckRange>, now: Millis): PathMtu => {
  const revised = revise(mtu, ranges, now)
  const { round } = revised
  if (round === undefined) return revised
  if (now >= round.until) return { ...revised, round: undefined }
  const arrivals = round.pending.filter(({ number }) => covers(ranges, number))
  const observed = {
    ...round,
    pending: arrivals.length === 0 ? round.pending : round.pending.filter((sent) => !arrivals.includes(sent)),
    arrived: Math.max(round.arrived, largestOf(arrivals))
  }
  const newest = ranges[0]?.last ?? -1
  if (newest < round.marker) return { ...revised, round: observed }
  const ended = { ...revised, round: undefined }
  return observed.isCheck ? judgeCheck(ended, observed, now) : judgeProbes(ended, observed, now)
}

const covers = (ranges: ReadonlyArray<AckRange>, number: number): boolean =>
  ranges.some(({ first, last }) => first <= number && number <= last)

/** A probe that counted as lost was only overtaken. */
const revise = (mtu: PathMtu, ranges: ReadonlyArray<AckRange>, now: Millis): PathMtu => {
  const { missing } = mtu
  if (now >= missing.until) return missing.probes.length === 0 ? mtu : { ...mtu, missing: NONE_MISSING }
  const late = missing.probes.filter(({ number }) => covers(ranges, number))
  if (late.length === 0) return mtu
  const size = Math.max(mtu.size, largestOf(late))
  const probes = missing.probes.filter((probe) => !late.includes(probe))
  return confirm({ ...mtu, size, ceiling: Math.max(mtu.ceiling, size), missing: { ...missing, probes } }, size, now)
}

const judgeCheck = (mtu: PathMtu, { arrived, pending }: Round, now: Millis): PathMtu => {
  if (arrived > 0) return confirm(mtu, arrived, now)
  const bytes = largestOf(pending)
  const isCertain = pending.length > 1 && bytes >= instructionLimit(mtu)
  return { ...mtu, due: { isSuspect: true, data: [], sizes: isCertain ? ladder(mtu) : [mtu.size] } }
}

const judgeProbes = (mtu: PathMtu, { arrived, isSuspect, pending }: Round, now: Millis): PathMtu => {
  if (isSuspect && arrived >= mtu.size) return confirm(mtu, arrived, now)
  // A single probe may be lost otherwise.
  if (isSuspect && arrived === 0 && pending.length === 1)
    return { ...mtu, due: { isSuspect, data: [], sizes: ladder(mtu) } }
  const size = Math.max(arrived, isSuspect ? FLOOR : mtu.size)
  const failed = pending.reduce((least, { bytes }) => (bytes > size ? Math.min(least, bytes) : least), Infinity)
  const ceiling = Math.max(size, Math.min(mtu.ceiling, failed - 1))
  const missing = { probes: [...pending, ...mtu.missing.probes].slice(0, 2 * PROBES), until: now + LATE }
  const found: PathMtu = { ...mtu, size, ceiling, confirmed: { bytes: size, at: now }, missing }
  return isSearching(found) ? { ...found, due: search(found) } : { ...found, raiseAt: now + RAISE }
}

/** The network refused a datagram as too large (EMSGSIZE). `bytes`: its size, if it is known. */
export const refused = (mtu: PathMtu, bytes: number | undefined, now: Millis): PathMtu => {
  if (bytes !== undefined && bytes > mtu.size)
    return { ...mtu, ceiling: Math.max(mtu.size, Math.min(mtu.ceiling, bytes - 1)) }
  if (mtu.size === FLOOR || (bytes !== undefined && bytes <= FLOOR)) return mtu
  return reduce(mtu, bytes === undefined ? FLOOR : bytes - 1, now)
}

const reduce = (mtu: PathMtu, ceiling: number, now: Millis): PathMtu => ({
  ...mtu,
  size: FLOOR,
  ceiling: Math.max(FLOOR, ceiling),
  confirmed: { bytes: 0, at: -Infinity },
  unanswered: 0,
  raiseAt: now + RAISE,
  due: undefined,
  round: undefined,
  missing: NONE_MISSING
})

/** An instruction that timed out. */
export interface Timeout {
  /** How often it has timed out. */
  readonly timeouts: number
  /** When the peer was last heard, and when it last echoed a timestamp. */
  readonly heardAt: Millis
  readonly echoedAt: Millis
  readonly srtt: Millis
  /** Whether the path is known to lose datagrams, or the peer reports which datagrams arrive. */
  readonly isLossy: boolean
}

/** An instruction timed out, and is about to be sent again. */
export const timedOut = (mtu: PathMtu, timeout: Timeout, now: Millis): PathMtu => {
  const { echoedAt, heardAt, isLossy, srtt, timeouts } = timeout
  const [oldest] = mtu.states
  if (oldest === undefined || oldest.bytes <= FLOOR || mtu.size === FLOOR) return mtu
  const unanswered = mtu.unanswered + (heardAt >= mtu.sentAt + srtt ? 1 : 0)
  const isEchoed = timeouts >= (isLossy ? TIMEOUTS_CAUTIOUS : TIMEOUTS) && echoedAt >= oldest.at + srtt
  if (isEchoed || unanswered >= (isLossy ? UNANSWERED_CAUTIOUS : UNANSWERED)) return reduce(mtu, mtu.size, now)
  return unanswered === mtu.unanswered ? mtu : { ...mtu, unanswered }
}
