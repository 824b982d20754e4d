/**
 * The sending half of SSP: it brings the peer's copy of the local object to its current state, over a network that may
 * lose, repeat and reorder datagrams, and paces itself by the round trip.
 *
 * The sender keeps the states that the peer may hold (`SentStates`). The first is acknowledged; the *assumed* one is the
 * newest that should have arrived by now. Every instruction is a difference from one of these to the current state, so a
 * peer that missed some instructions needs only the next. What may be lost is sent again (`Retransmission`), as a
 * difference to the acknowledged state. Source: spec 5.
 */
import type { Machine, Millis } from "../../Machine.ts"
import { type Instruction, SHUTDOWN } from "../../wire/Instruction.ts"
import type { EndReason } from "../EndReason.ts"
import type { PathEstimate } from "../path/PathEstimate.ts"
import * as PathLiveness from "../path/PathLiveness.ts"
import * as PathState from "../path/PathState.ts"
import * as Postponement from "./Postponement.ts"
import * as Retransmission from "./Retransmission.ts"
import * as SenderInstruction from "./SenderInstruction.ts"
import { schedule } from "./SenderSchedule.ts"
import { acknowledged, isStockServer, lastDatagrams, maxShutdownTries, newest, type State } from "./SenderState.ts"
import * as SendWindow from "./SendWindow.ts"
import * as SentStates from "./SentStates.ts"
import * as Shutdown from "./Shutdown.ts"
import { Features, type SyncObject } from "../SyncObject.ts"
import * as Timers from "./Timers.ts"
import * as Timing from "../Timing.ts"
import type { StateNumber } from "../../wire/Numbers.ts"

export { acknowledged, areNegotiated, init, newest, type Options, type State } from "./SenderState.ts"

export type Input<S> =
  | { readonly _tag: "Tick" }
  /** `state` is the current local state. Ignored once shutting down. */
  | { readonly _tag: "Publish"; readonly state: S }
  /** An authentic packet arrived that is newer than all before. Comes before what the packet carries. */
  | { readonly _tag: "PacketReceived" }
  /** The peer acknowledged our state `number`. */
  | { readonly _tag: "PeerAcknowledged"; readonly number: StateNumber }
  /** `number` is the newest state received from the peer; `wantsAck` if it differs from the one before. */
  | { readonly _tag: "Received"; readonly number: StateNumber; readonly wantsAck: boolean }
  /** The newest state of the peer was received again. */
  | { readonly _tag: "DuplicateNewest" }
  /** The peer reports the share of our datagrams that it does not receive. */
  | { readonly _tag: "PeerLoss"; readonly share: number }
  /** A new estimate of the path. */
  | { readonly _tag: "RoundTrip"; readonly estimate: PathEstimate }
  /** The peer's host refused a datagram: the port is closed (ICMP port unreachable). */
  | { readonly _tag: "Refused" }
  /** The host was suspended, or its addresses changed: datagrams in flight are lost, and the peer may not know where we are. */
  | { readonly _tag: "PathChanged" }
  /** What was sent before was too large for the path, which now gets smaller datagrams: it is lost. */
  | { readonly _tag: "DatagramsTooLarge" }
  /** Whether there is an address to send to. */
  | { readonly _tag: "Attached"; readonly attached: boolean }
  | { readonly _tag: "PeerFeatures"; readonly features: Features }
  /** Starts the shutdown handshake. Further ones do nothing. */
  | { readonly _tag: "Shutdown" }

export type Output =
  | { readonly _tag: "Send"; readonly instruction: Instruction }
  /** The last output of all. */
  | { readonly _tag: "Ended"; readonly reason: EndReason }

export const machine = <S>(object: SyncObject<S>): Machine<State<S>, Input<S>, Output> => ({
  step: (state, input, now) => {
    if (state.ended !== undefined) return [state, []]
    return settle(object, accept(object, state, input, now), now)
  },
  deadline: wakesAt
})

const wakesAt = <S>({ ended, path, timers }: State<S>): Millis =>
  ended === undefined ? Timers.next(timers, path.isAttached) : Infinity

/** Sets the timers by what has been accepted, and sends what is due now. */
export const settle = <S>(
  object: SyncObject<S>,
  state: State<S>,
  now: Millis
): readonly [State<S>, ReadonlyArray<Output>] => {
  const due = schedule(object, state, now)
  if (acknowledged(due).number === SHUTDOWN) return end(due, [], "Acknowledged")
  if (isShutdownTimedOut(due, now)) return end(due, [], "TimedOut")
  if (!due.path.isAttached || now < Timers.nextSend(due.timers)) return [due, []]
  const [sent, instruction] = SenderInstruction.next(object, due, now)
  if (instruction === undefined) return [schedule(object, sent, now), []]
  const outputs: ReadonlyArray<Output> = [{ _tag: "Send", instruction }]
  // The peer's shutdown is answered by a single instruction, which acknowledges it (spec 5.7).
  if (sent.peer.received === SHUTDOWN) return end(sent, outputs, "PeerShutdown")
  return [schedule(object, sent, now), outputs]
}

const end = <S>(
  state: State<S>,
  outputs: ReadonlyArray<Output>,
  reason: EndReason
): readonly [State<S>, ReadonlyArray<Output>] => [{ ...state, ended: reason }, [...outputs, { _tag: "Ended", reason }]]

const isShutdownTimedOut = <S>(state: State<S>, now: Millis): boolean =>
  state.shutdown !== undefined &&
  Shutdown.isTimedOut(state.shutdown, maxShutdownTries(state), state.timers.acknowledgement, now)

/** Records an input. Nothing is sent before `settle`. */
export const accept = <S>(object: SyncObject<S>, state: State<S>, input: Input<S>, now: Millis): State<S> =>
  record(object, woken(state, input, now), input, now)

/** Takes note of how late the machine is stepped. */
const woken = <S>(state: State<S>, input: Input<S>, now: Millis): State<S> => {
  const lateness = now - wakesAt(state)
  if (input._tag === "Tick" && lateness >= Timing.SUSPENDED) return pathChanged(state, now)
  if (state.peer.features === Features.stock) return state
  const postponement = Postponement.woken(state.postponement, lateness, newest(state).at, now)
  return postponement === state.postponement ? state : { ...state, postponement }
}

const record = <S>(object: SyncObject<S>, state: State<S>, input: Input<S>, now: Millis): State<S> => {
  switch (input._tag) {
    case "Tick":
      return state
    case "Publish":
      return state.shutdown === undefined ? publish(object, state, input.state) : state
    case "PeerAcknowledged":
      return acknowledge(object, state, input.number, now)
    case "PacketReceived": {
      const path = PathState.packetReceived(state.path, now)
      return { ...state, path, shutdown: Shutdown.packetReceived(state.shutdown) }
    }
    case "Refused":
      return { ...state, shutdown: Shutdown.refused(state.shutdown) }
    case "Received":
      return received(state, input.number, input.wantsAck, now)
    case "DuplicateNewest":
      return isAckLost(state, now) ? acknowledgeAt(state, now) : state
    case "RoundTrip":
      return { ...state, path: { ...state.path, estimate: input.estimate } }
    case "PeerLoss":
      return { ...state, retransmission: Retransmission.peerLossReported(state.retransmission, input.share) }
    case "Attached": {
      if (!input.attached) return { ...state, path: { ...state.path, isAttached: false } }
      return { ...acknowledgeAt(state, now), path: { ...state.path, isAttached: true, changedAt: now } }
    }
    case "PathChanged":
      return pathChanged(state, now)
    case "DatagramsTooLarge":
      return { ...state, postponement: Postponement.NONE, path: { ...state.path, changedAt: now } }
    case "PeerFeatures": {
      const news = { ...state.news, equivalentTo: undefined }
      return { ...state, peer: { ...state.peer, features: input.features }, news, lastInstruction: undefined }
    }
    case "Shutdown":
      return state.shutdown === undefined ? { ...state, shutdown: Shutdown.begin(now) } : state
  }
}

const acknowledgeAt = <S>(state: State<S>, at: Millis): State<S> => ({
  ...state,
  timers: { ...state.timers, acknowledgement: at }
})

const pathChanged = <S>(state: State<S>, now: Millis): State<S> => ({
  ...acknowledgeAt(state, now),
  postponement: Postponement.NONE,
  path: PathState.changed(state.path, now)
})

const publish = <S>(object: SyncObject<S>, state: State<S>, local: S): State<S> => ({
  ...state,
  window: SendWindow.publish(object, state.window, local, acknowledged(state).state)
})

/** Spec 5.6. An acknowledgement of a state that is not held, or no longer, is ignored. */
const acknowledge = <S>(object: SyncObject<S>, state: State<S>, number: StateNumber, now: Millis): State<S> => {
  const sent = SentStates.acknowledge(object, state.sent, number)
  const base = state.sent.find((entry) => entry.number === number)?.state
  if (sent === undefined || base === undefined) return state
  const isAll = object.equals(newest(state).state, base)
  const isChange = !object.equals(acknowledged(state).state, base)
  const isOutage = state.path.liveness.isReturned
  const next: State<S> = {
    ...state,
    sent,
    window: isAll ? SendWindow.resize(object, state.window) : state.window,
    shutdown: Shutdown.progressed(state.shutdown, now),
    retransmission: isChange ? Retransmission.acknowledged(state.retransmission, isOutage) : state.retransmission,
    lastInstruction: undefined
  }
  return publish(object, next, state.window.current)
}

const received = <S>(state: State<S>, number: StateNumber, wantsAck: boolean, now: Millis): State<S> => {
  const { path, peer, timers } = state
  // A peer that was unreachable may hold news back until it receives something from us.
  const isUrgent = path.liveness.isReturned || (!wantsAck && isQuestion(state, now))
  const acknowledgement = isUrgent
    ? now
    : wantsAck
      ? timers.acknowledgement
      : Math.min(timers.acknowledgement, emptyAckAt(state, now))
  const answered = { ...path.liveness, isReturned: false }
  const isPrompted = state.role === "Server" || now - state.pacer.at <= Timing.UNPROMPTED
  const liveness = wantsAck ? PathLiveness.newsReceived(answered, now, isPrompted) : answered
  return {
    ...acknowledgeAt(state, acknowledgement),
    peer: {
      ...peer,
      received: number,
      isAckPending: peer.isAckPending || wantsAck,
      newsAt: wantsAck ? now : peer.newsAt
    },
    path: { ...path, liveness }
  }
}

/**
 * Whether to answer an empty instruction at once instead of with the next heartbeat, because we have been silent for long.
 * The peer may be waiting for a sign of life, and the answer is free: it postpones the next heartbeat.
 */
const isQuestion = <S>(state: State<S>, now: Millis): boolean =>
  now - newest(state).at >= Math.max(Timing.QUIET, 2 * (state.path.estimate.srtt ?? Timing.SRTT_INITIAL))

/**
 * The latest time to acknowledge a new state that came without a difference.
 *
 * A stock server that sends a screen equal in content, but not in identity, to one that we acknowledged sends an empty
 * difference. From its retransmission timeout on it polls without a pause until that state is acknowledged (spec 5.2
 * step 4, 5.3 step 4). A stock client has nothing to gain: the states of a `UserStream` are equal or differ in content.
 */
const emptyAckAt = <S>(state: State<S>, now: Millis): Millis =>
  isStockServer(state) ? now + Timing.EMPTY_ACK_DELAY : Infinity

/**
 * Whether a duplicate of the peer's newest state shows that our acknowledgement was lost: the packet is no replay, and the
 * acknowledgement should have arrived. While a large instruction is unacknowledged, the answer is no: two large
 * retransmissions that cross would otherwise keep each other from being assembled.
 */
const isAckLost = <S>(state: State<S>, now: Millis): boolean => {
  const { estimate, liveness } = state.path
  return now === liveness.receivedAt && now - newest(state).at >= estimate.rto && lastDatagrams(state) === 1
}
