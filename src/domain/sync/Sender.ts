/**
 * The sending half of SSP: it brings the peer's copy of our object to the present state, over a network that may lose,
 * repeat and reorder, and paces itself by the round trip.
 *
 * The sender keeps the states that the peer may hold. The first of them is acknowledged for certain; the *assumed* one
 * is the newest that ought to have arrived by now. Every instruction is a difference between one of these and the
 * present state, so nothing is ever "resent": a late peer is simply told the news. Source: spec 5.
 */
import type { Machine, Millis } from "../Machine.ts"
import { type Instruction, SHUTDOWN } from "../wire/Instruction.ts"
import type { Features, SyncObject } from "./SyncObject.ts"
import * as Timing from "./Timing.ts"

export type Input<S> =
  | { readonly _tag: "Tick" }
  /** `state` is the present local state. Ignored once shutting down. */
  | { readonly _tag: "Publish"; readonly state: S }
  /** The peer said that `number` is the newest state it received. */
  | { readonly _tag: "PeerAcknowledged"; readonly number: bigint }
  /** `number` is the newest state received from the peer; `wantsAck` when it said something new. */
  | { readonly _tag: "Received"; readonly number: bigint; readonly wantsAck: boolean }
  | { readonly _tag: "RoundTrip"; readonly srtt: number | undefined; readonly rto: number }
  /** Whether there is an address to send to. */
  | { readonly _tag: "Attached"; readonly attached: boolean }
  | { readonly _tag: "PeerFeatures"; readonly features: Features }
  /** Starts the shutdown handshake; more of them do nothing. */
  | { readonly _tag: "Shutdown" }

export type Output =
  | { readonly _tag: "Send"; readonly instruction: Instruction }
  /** The last output of all. */
  | { readonly _tag: "Ended"; readonly how: How }

/** How a session ended, as `Ended` of `Transport` explains. */
export type How = "Acknowledged" | "PeerShutdown" | "TimedOut"

/** A state that was sent, and when last. */
export interface Sent<S> {
  readonly number: bigint
  readonly state: S
  readonly at: Millis
}

export interface State<S> {
  /** From the newest acknowledged state to the newest sent one: 1 to 32 of them, by number. */
  readonly sent: ReadonlyArray<Sent<S>>
  /** The present local state, less what the peer has acknowledged. */
  readonly present: S
  /** As much of `present` as is to be sent now: a flight of about so many bytes beyond what is acknowledged. */
  readonly goal: S
  readonly flight: number
  /** Whether something had to be sent more than once since nothing was under way. */
  readonly repeated: boolean
  /** How many instructions said a state once more that had been sent before. */
  readonly retransmissions: number
  /** A goal that turned out to look to the peer like sent state `number`, though it is not equal to it. */
  readonly alike: { readonly goal: S; readonly number: bigint } | undefined
  /** When the next acknowledgement, and the next difference, is due. */
  readonly nextAck: Millis
  readonly nextSend: Millis
  /** What paces news: when some was last sent, and how much more could have been sent then, in sends. */
  readonly pace: Pace
  /** When `goal` first differed from the last sent state by something that is not minor. */
  readonly changedAt: Millis | undefined
  /** The newest state received from the peer, when that was, and whether the peer waits to hear of it. */
  readonly received: bigint
  readonly heardAt: Millis
  readonly ackPending: boolean
  readonly srtt: number | undefined
  readonly rto: number
  readonly attached: boolean
  readonly features: Features
  readonly peerFeatures: Features
  readonly minDelay: Millis
  readonly shutdown: { readonly since: Millis; readonly tries: number } | undefined
  readonly ended: How | undefined
}

export interface Pace {
  readonly at: Millis
  readonly sends: number
}

export interface Options<S> {
  /** State number 0, on which both sides agree. */
  readonly initial: S
  /** What we understand beyond stock mosh. */
  readonly features: Features
  /** How long a new state waits for more: `Timing.MIN_DELAY_CLIENT` or `MIN_DELAY_SERVER`. */
  readonly minDelay: Millis
  /** Whether the peer's address is known from the start, as it is on a client. Default: no. */
  readonly attached?: boolean
  readonly now: Millis
}

export const init = <S>(options: Options<S>): State<S> => ({
  sent: [{ number: 0n, state: options.initial, at: options.now }],
  present: options.initial,
  goal: options.initial,
  flight: Timing.FLIGHT_FIRST,
  repeated: false,
  retransmissions: 0,
  alike: undefined,
  nextAck: options.now,
  nextSend: options.now,
  pace: { at: -Infinity, sends: Timing.SENDS_AT_ONCE },
  changedAt: undefined,
  received: 0n,
  heardAt: -Infinity,
  ackPending: false,
  srtt: undefined,
  rto: Timing.RTO_MAX,
  attached: options.attached ?? false,
  features: options.features,
  peerFeatures: 0,
  minDelay: options.minDelay,
  shutdown: undefined,
  ended: undefined
})

/** The newest state that the peer is known to have. */
export const acknowledged = <S>(state: State<S>): Sent<S> => state.sent[0] as Sent<S>

/** The newest state that was sent. */
export const last = <S>(state: State<S>): Sent<S> => state.sent[state.sent.length - 1] as Sent<S>

export const machine = <S>(object: SyncObject<S>): Machine<State<S>, Input<S>, Output> => ({
  step: (state, input, now) => {
    if (state.ended !== undefined) return [state, []]
    const due = schedule(object, accept(object, state, input, now), now)
    if (isAcknowledgedShutdown(due)) return end(due, [], "Acknowledged")
    if (isShutdownTimedOut(due, now)) return end(due, [], "TimedOut")
    if (!due.attached || (now < due.nextAck && now < due.nextSend)) return [due, []]
    const [sent, instruction] = tick(object, due, now)
    if (instruction === undefined) return [schedule(object, sent, now), []]
    const outputs: ReadonlyArray<Output> = [{ _tag: "Send", instruction }]
    // One instruction that tells the peer we know of its end is all it gets (spec 5.7).
    if (sent.received === SHUTDOWN) return end(sent, outputs, "PeerShutdown")
    return [schedule(object, sent, now), outputs]
  },
  deadline: (state) => {
    if (state.ended !== undefined) return Infinity
    const giveUp = state.shutdown === undefined ? Infinity : state.shutdown.since + Timing.SHUTDOWN_TIMEOUT
    return state.attached ? Math.min(state.nextAck, state.nextSend, giveUp) : giveUp
  }
})

const end = <S>(
  state: State<S>,
  outputs: ReadonlyArray<Output>,
  how: How
): readonly [State<S>, ReadonlyArray<Output>] => [{ ...state, ended: how }, [...outputs, { _tag: "Ended", how }]]

const isAcknowledgedShutdown = <S>(state: State<S>): boolean => acknowledged(state).number === SHUTDOWN

const isShutdownTimedOut = <S>(state: State<S>, now: Millis): boolean =>
  state.shutdown !== undefined &&
  (now - state.shutdown.since >= Timing.SHUTDOWN_TIMEOUT ||
    // The last try, too, gets a send interval to be answered in.
    (state.shutdown.tries >= Timing.SHUTDOWN_RETRIES && now >= state.nextAck))

/** Takes an input into account, before anything is sent. */
const accept = <S>(object: SyncObject<S>, state: State<S>, input: Input<S>, now: Millis): State<S> => {
  switch (input._tag) {
    case "Tick":
      return state
    case "Publish":
      return state.shutdown === undefined ? present(object, state, input.state) : state
    case "PeerAcknowledged":
      return acknowledge(object, state, input.number, now)
    case "Received":
      return {
        ...state,
        received: input.number,
        heardAt: now,
        ackPending: state.ackPending || input.wantsAck
      }
    case "RoundTrip":
      return { ...state, srtt: input.srtt, rto: input.rto }
    case "Attached":
      return { ...state, attached: input.attached }
    case "PeerFeatures":
      return { ...state, peerFeatures: input.features, alike: undefined }
    case "Shutdown":
      return state.shutdown === undefined ? { ...state, shutdown: { since: now, tries: 0 } } : state
  }
}

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
  const shutdown = state.shutdown?.tries === 0 ? { since: now, tries: 0 } : state.shutdown
  const settled = object.equals(last(state).state, base) ? { flight: nextFlight(object, state), repeated: false } : {}
  return present(object, { ...state, ...settled, sent, shutdown }, state.present)
}

/**
 * The flight to go on with, once nothing is under way: smaller after a repeat, larger after a full one without. While
 * something is under way it stays, for the goal must never fall behind what was sent.
 */
const nextFlight = <S>(object: SyncObject<S>, state: State<S>): number => {
  if (state.repeated) return Math.max(Timing.FLIGHT_LEAST, state.flight / 2)
  return object.equals(state.goal, state.present) ? state.flight : Math.min(Timing.FLIGHT_MOST, state.flight * 2)
}

/** Whether the peer, holding a sent state, would have something to learn. */
const isNews = <S>(object: SyncObject<S>, state: State<S>, sent: Sent<S>): boolean =>
  !object.equals(state.goal, sent.state) && !(state.alike?.goal === state.goal && state.alike.number === sent.number)

/**
 * The newest state that the peer ought to have by now (spec 5.2 step 1).
 *
 * The shutdown state is never assumed: an instruction that starts from it would be of no use to a peer that missed it.
 */
const assumed = <S>(state: State<S>, now: Millis): number => {
  let index = 0
  for (let i = 1; i < state.sent.length; i++) {
    const sent = state.sent[i] as Sent<S>
    if (sent.number === SHUTDOWN || now - sent.at >= state.rto + Timing.ACK_DELAY) break
    index = i
  }
  return index
}

/** Whether everything is said but the end. */
const isEnding = <S>(object: SyncObject<S>, state: State<S>): boolean =>
  state.shutdown !== undefined && object.equals(state.goal, state.present)

/** Whether the news since the last sent state is nothing that a person waits for. */
const isMinor = <S>(object: SyncObject<S>, state: State<S>): boolean =>
  object.isMinor?.(last(state).state, state.goal) ?? false

/** When news may be sent again: at once if there was little lately, else one send each interval. */
const nextPaced = ({ at, sends }: Pace, interval: Millis): Millis =>
  at + Math.max(Timing.SEND_INTERVAL_MIN, Math.ceil((1 - sends) * interval))

/** The pace after news was sent. */
const paceAfter = ({ at, sends }: Pace, interval: Millis, now: Millis): Pace => ({
  at: now,
  sends: Math.max(0, Math.min(Timing.SENDS_AT_ONCE, sends + (now - at) / interval) - 1)
})

/**
 * Computes when what is due (spec 5.2). News is paced by the news before: where stock also counts acknowledgements, and
 * paces always, a key that is pressed after some silence waits for half a round trip.
 */
const schedule = <S>(object: SyncObject<S>, state: State<S>, now: Millis): State<S> => {
  const newest = last(state)
  const interval = Timing.sendInterval(state.srtt)
  const isActive = state.heardAt + Timing.ACTIVE_RETRY > now
  let { nextAck, changedAt } = state
  let nextSend = Infinity
  if (state.ackPending) nextAck = Math.min(nextAck, now + Timing.ACK_DELAY)
  if (isNews(object, state, newest) && isMinor(object, state)) nextSend = newest.at + interval
  else if (isNews(object, state, newest)) {
    changedAt ??= now
    nextSend = Math.max(changedAt + state.minDelay, nextPaced(state.pace, interval))
  } else if (isActive && isNews(object, state, state.sent[assumed(state, now)] as Sent<S>)) {
    nextSend = Math.max(newest.at + interval, changedAt === undefined ? -Infinity : changedAt + state.minDelay)
  } else if (isActive && isNews(object, state, acknowledged(state))) {
    nextSend = newest.at + state.rto + Timing.ACK_DELAY
  }
  if (isEnding(object, state) || state.received === SHUTDOWN) nextAck = newest.at + interval
  return { ...state, nextAck, nextSend, changedAt }
}

/** Says what is due (spec 5.3). */
const tick = <S>(object: SyncObject<S>, state: State<S>, now: Millis): readonly [State<S>, Instruction | undefined] => {
  let base = state.sent[assumed(state, now)] as Sent<S>
  let diff = object.diff(base.state, state.goal, state.peerFeatures)
  if (base !== acknowledged(state)) {
    // When it costs little, say it to the state that the peer has for certain: no loss can spoil that.
    const whole = object.diff(acknowledged(state).state, state.goal, state.peerFeatures)
    if (whole.length <= diff.length || (whole.length < 1000 && whole.length - diff.length < 100)) {
      base = acknowledged(state)
      diff = whole
    }
  }
  const newest = last(state)
  if (diff.length > 0) return send(object, state, base, diff, now)
  // An empty difference is a message, too, where the peer may have something else on its screen by now.
  if (now >= state.nextAck || (base !== newest && isNews(object, state, newest)))
    return send(object, state, base, diff, now)
  return [{ ...state, changedAt: undefined, alike: { goal: state.goal, number: base.number } }, undefined]
}

/** Sends the goal as a difference to `base`: as a new state, or once more as the one it was sent as (spec 5.4, 5.5). */
const send = <S>(
  object: SyncObject<S>,
  state: State<S>,
  base: Sent<S>,
  diff: Uint8Array,
  now: Millis
): readonly [State<S>, Instruction] => {
  const newest = last(state)
  const ending = isEnding(object, state)
  const isRepeat = diff.length > 0 && object.equals(state.goal, newest.state)
  const number = ending ? SHUTDOWN : isRepeat ? newest.number : newest.number + 1n
  const entry: Sent<S> = { number, state: state.goal, at: now }
  const sent = state.sent.filter((other) => other.number !== number)
  sent.push(entry)
  if (sent.length > Timing.SENT_STATES) sent.splice(sent.length - 1 - Timing.SENT_STATE_GIVEN_UP, 1)
  const instruction: Instruction = {
    oldNumber: base.number,
    newNumber: number,
    acknowledged: state.received,
    throwaway: acknowledged(state).number,
    diff,
    features: state.features
  }
  const next: State<S> = {
    ...state,
    sent,
    nextAck: now + Timing.ACK_INTERVAL,
    nextSend: Infinity,
    pace:
      diff.length === 0 || isMinor(object, state)
        ? state.pace
        : paceAfter(state.pace, Timing.sendInterval(state.srtt), now),
    changedAt: undefined,
    ackPending: false,
    repeated: state.repeated || isRepeat,
    retransmissions: state.retransmissions + (isRepeat && number === newest.number ? 1 : 0),
    shutdown:
      ending && state.shutdown !== undefined ? { ...state.shutdown, tries: state.shutdown.tries + 1 } : state.shutdown
  }
  return [next, instruction]
}
