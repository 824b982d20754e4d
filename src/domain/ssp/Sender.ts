/**
 * The sending half of SSP: it brings the peer's copy of our object to the present state, over a network that may lose,
 * repeat and reorder, and paces itself by the round trip.
 *
 * The sender keeps the states that the peer may hold. The first of them is acknowledged for certain; the *assumed* one
 * is the newest that ought to have arrived by now. Every instruction is a difference between one of these and the
 * present state, so nothing is ever "resent": a late peer is simply told the news. What it may not have heard is said
 * again (`Repeats`), from the state that it has for certain. Source: spec 5.
 */
import type { Machine, Millis } from "../Machine.ts"
import { type Instruction, SHUTDOWN } from "../wire/Instruction.ts"
import * as PathLiveness from "./PathLiveness.ts"
import * as Retransmission from "./Retransmission.ts"
import { acknowledged, type How, isStockServer, last, type Sent, type State } from "./SenderState.ts"
import { schedule, shutdownTries, tick } from "./SenderTick.ts"
import type { Features, SyncObject } from "./SyncObject.ts"
import * as Timing from "./Timing.ts"

export { acknowledged, init, last, type How, type Options, type Sent, type State } from "./SenderState.ts"

export type Input<S> =
  | { readonly _tag: "Tick" }
  /** `state` is the present local state. Ignored once shutting down. */
  | { readonly _tag: "Publish"; readonly state: S }
  /** The peer was heard: comes before whatever it said. */
  | { readonly _tag: "Heard" }
  /** The peer said that `number` is the newest state it received. */
  | { readonly _tag: "PeerAcknowledged"; readonly number: bigint }
  /** `number` is the newest state received from the peer; `wantsAck` when it said something new. */
  | { readonly _tag: "Received"; readonly number: bigint; readonly wantsAck: boolean }
  /** The newest state received from the peer came again. */
  | { readonly _tag: "ReceivedAgain" }
  /** The peer says which share of our datagrams does not reach it. */
  | { readonly _tag: "PeerMisses"; readonly share: number }
  /** What is newly known of the network. */
  | { readonly _tag: "RoundTrip"; readonly link: Retransmission.Link }
  /** The peer's host answered that nothing listens on the peer's port. */
  | { readonly _tag: "Refused" }
  /** The host slept, or its addresses changed: what is under way is lost, and the peer may not know where we are. */
  | { readonly _tag: "Disrupted" }
  /** Whether there is an address to send to. */
  | { readonly _tag: "Attached"; readonly attached: boolean }
  | { readonly _tag: "PeerFeatures"; readonly features: Features }
  /** Starts the shutdown handshake; more of them do nothing. */
  | { readonly _tag: "Shutdown" }

export type Output =
  | { readonly _tag: "Send"; readonly instruction: Instruction }
  /** The last output of all. */
  | { readonly _tag: "Ended"; readonly how: How }

export const machine = <S>(object: SyncObject<S>): Machine<State<S>, Input<S>, Output> => ({
  step: (state, input, now) => {
    if (state.ended !== undefined) return [state, []]
    const isLate = input._tag === "Tick" && now - wakesAt(state) >= Timing.ASLEEP
    return settle(object, accept(object, isLate ? disrupted(state, now) : state, input, now), now)
  },
  deadline: wakesAt
})

/** Decides when what has been accepted is due, and sends what is due now. */
export const settle = <S>(
  object: SyncObject<S>,
  state: State<S>,
  now: Millis
): readonly [State<S>, ReadonlyArray<Output>] => {
  const due = schedule(object, state, now)
  if (isAcknowledgedShutdown(due)) return end(due, [], "Acknowledged")
  if (isShutdownTimedOut(due, now)) return end(due, [], "TimedOut")
  if (!due.attached || now < nextOf(due)) return [due, []]
  const [sent, instruction] = tick(object, due, now)
  if (instruction === undefined) return [schedule(object, sent, now), []]
  const outputs: ReadonlyArray<Output> = [{ _tag: "Send", instruction }]
  // One instruction that tells the peer we know of its end is all it gets (spec 5.7).
  if (sent.received === SHUTDOWN) return end(sent, outputs, "PeerShutdown")
  return [schedule(object, sent, now), outputs]
}

const nextOf = <S>({ nextAck, nextProbe, nextSend }: State<S>): Millis => Math.min(nextAck, nextSend, nextProbe)

const wakesAt = <S>(state: State<S>): Millis => {
  if (state.ended !== undefined) return Infinity
  const giveUp = state.shutdown === undefined ? Infinity : state.shutdown.since + Timing.SHUTDOWN_TIMEOUT
  return state.attached ? Math.min(nextOf(state), giveUp) : giveUp
}

const end = <S>(
  state: State<S>,
  outputs: ReadonlyArray<Output>,
  how: How
): readonly [State<S>, ReadonlyArray<Output>] => [{ ...state, ended: how }, [...outputs, { _tag: "Ended", how }]]

const isAcknowledgedShutdown = <S>(state: State<S>): boolean => acknowledged(state).number === SHUTDOWN

const isShutdownTimedOut = <S>(state: State<S>, now: Millis): boolean =>
  state.shutdown !== undefined &&
  (now - state.shutdown.since >= Timing.SHUTDOWN_TIMEOUT ||
    state.shutdown.refused >= Timing.SHUTDOWN_REFUSALS ||
    // The last try, too, gets some time to be answered in.
    (state.shutdown.tries >= shutdownTries(state) && now >= state.nextAck))

/** Takes an input into account. Nothing is sent before `settle`. */
export const accept = <S>(object: SyncObject<S>, state: State<S>, input: Input<S>, now: Millis): State<S> => {
  switch (input._tag) {
    case "Tick":
      return state
    case "Publish":
      return state.shutdown === undefined ? present(object, state, input.state) : state
    case "PeerAcknowledged":
      return acknowledge(object, state, input.number, now)
    case "Heard":
      return {
        ...state,
        contact: PathLiveness.heard(state.contact, state.link.rto, now),
        shutdown: state.shutdown === undefined ? undefined : { ...state.shutdown, refused: 0 }
      }
    case "Refused":
      return state.shutdown === undefined
        ? state
        : { ...state, shutdown: { ...state.shutdown, refused: state.shutdown.refused + 1 } }
    case "Received": {
      // A peer that was out of reach may have news that it holds back: it is told at once that we are there.
      const isUrgent = state.contact.isBack || (!input.wantsAck && isQuestion(state, now))
      const nextAck = isUrgent ? now : input.wantsAck ? state.nextAck : Math.min(state.nextAck, emptyAckAt(state, now))
      const ackPending = state.ackPending || input.wantsAck
      const contact = { ...state.contact, isBack: false }
      const received = { ...state, received: input.number, ackPending, nextAck, contact }
      if (!input.wantsAck) return received
      const isPrompted = state.role === "Server" || now - state.pace.at <= Timing.UNASKED
      return { ...received, toldAt: now, contact: PathLiveness.told(contact, now, isPrompted) }
    }
    case "ReceivedAgain":
      // It was said again when our acknowledgement ought to have been there: that is lost. A replay is not answered.
      // Nor do two large repeats that cross keep each other from ever being put together: they hold their pieces still.
      return now === state.contact.at && now - last(state).at >= state.link.rto && !isLarge(state)
        ? { ...state, nextAck: now }
        : state
    case "RoundTrip":
      return { ...state, link: input.link }
    case "PeerMisses":
      return { ...state, repeats: Retransmission.missed(state.repeats, input.share) }
    case "Attached":
      return input.attached ? { ...state, attached: true, nextAck: now, lostAt: now } : { ...state, attached: false }
    case "Disrupted":
      return disrupted(state, now)
    case "PeerFeatures":
      return { ...state, peerFeatures: input.features, alike: undefined, said: undefined }
    case "Shutdown":
      return state.shutdown === undefined ? { ...state, shutdown: { since: now, tries: 0, refused: 0 } } : state
  }
}

/**
 * Whether a sign of life, when we have said nothing for a while, is to be answered at once rather than at our next
 * heartbeat: the peer may be waiting for that, and it costs nothing, for the next one is due so much later.
 */
const isQuestion = <S>(state: State<S>, now: Millis): boolean =>
  now - last(state).at >= Math.max(Timing.QUIET, 2 * (state.link.srtt ?? Timing.SRTT_INITIAL))

/**
 * When a new state without a difference is acknowledged at the latest.
 *
 * A stock server that sends a screen equal in content, but not in identity, to one that we acknowledged sends an empty
 * difference. From its retransmission timeout on it polls without a pause until that state is acknowledged (spec 5.2
 * step 4, 5.3 step 4). A stock client has nothing to gain: the states of a `UserStream` are equal or differ in content.
 */
const emptyAckAt = <S>(state: State<S>, now: Millis): Millis =>
  isStockServer(state) ? now + Timing.EMPTY_ACK_DELAY : Infinity

/** Whether what is under way takes several datagrams. */
const isLarge = <S>({ said }: State<S>): boolean => Retransmission.datagrams(said?.diff.length ?? 0) > 1

const disrupted = <S>(state: State<S>, now: Millis): State<S> => ({
  ...state,
  contact: PathLiveness.lost(state.link.rto, now),
  nextAck: now,
  lostAt: now
})

const present = <S>(object: SyncObject<S>, state: State<S>, whole: S): State<S> => {
  const base = acknowledged(state).state
  const present = object.subtract(whole, base)
  return { ...state, present, goal: object.advance?.(base, present, state.flight) ?? present }
}

/** Spec 5.6. Numbers that we do not hold, or no longer, mean nothing. */
const acknowledge = <S>(object: SyncObject<S>, state: State<S>, number: bigint, now: Millis): State<S> => {
  const index = state.sent.findIndex((sent) => sent.number === number)
  if (index <= 0) return state
  const base = (state.sent[index] as Sent<S>).state
  const sent = state.sent.slice(index).map((entry) => ({ ...entry, state: object.subtract(entry.state, base) }))
  // A shutdown that still has much to deliver is not late as long as it gets on.
  const shutdown = state.shutdown?.tries === 0 ? { ...state.shutdown, since: now } : state.shutdown
  const settled = object.equals(last(state).state, base) ? { flight: nextFlight(object, state), repeated: false } : {}
  const isSaid = object.equals(acknowledged(state).state, base)
  const isOutage = PathLiveness.isOverdue(state.contact, state.link.rto, now)
  const repeats = isSaid ? state.repeats : Retransmission.acknowledged(state.repeats, isOutage)
  return present(object, { ...state, ...settled, sent, shutdown, repeats, said: undefined }, state.present)
}

/**
 * The flight to go on with, once nothing is under way: smaller after a repeat, larger after a full one without. While
 * something is under way it stays, for the goal must never fall behind what was sent.
 */
const nextFlight = <S>(object: SyncObject<S>, state: State<S>): number => {
  if (state.repeated) return Math.max(Timing.FLIGHT_LEAST, state.flight / 2)
  return object.equals(state.goal, state.present) ? state.flight : Math.min(Timing.FLIGHT_MOST, state.flight * 2)
}
