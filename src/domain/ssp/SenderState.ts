/**
 * What a `Sender` knows, and what follows from it.
 */
import type { Millis } from "../Machine.ts"
import { type Instruction, SHUTDOWN } from "../wire/Instruction.ts"
import * as PathLiveness from "./PathLiveness.ts"
import * as Pacer from "./Pacer.ts"
import * as Retransmission from "./Retransmission.ts"
import type { Role } from "./Role.ts"
import { Features, type SyncObject } from "./SyncObject.ts"
import * as Timing from "./Timing.ts"

/** How a session ended, as `Ended` of `Transport` explains. */
export type How = "Acknowledged" | "PeerShutdown" | "TimedOut"

/** A state that was sent. */
export interface Sent<S> {
  readonly number: bigint
  readonly state: S
  /** When it was sent last. */
  readonly at: Millis
  /** The same, but for early repeats: from then on it may become overdue. */
  readonly since: Millis
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
  /** When the next acknowledgement, the next difference, and the next look for a silent peer is due. */
  readonly nextAck: Millis
  readonly nextSend: Millis
  readonly nextProbe: Millis
  /** When news that somebody waits for has its turn, however much more of it comes until then; -Infinity without any. */
  readonly turnAt: Millis
  readonly pace: Pacer.Pace
  readonly repeats: Retransmission.Repeats
  /** The last instruction with a difference, to be sent again as it was; `undefined` when there is nothing to say again. */
  readonly said: Instruction | undefined
  /** When `goal` first differed from the last sent state by something that is not minor. */
  readonly changedAt: Millis | undefined
  /** The newest state received from the peer, whether the peer waits to hear of it, and when it had news. */
  readonly received: bigint
  readonly ackPending: boolean
  readonly toldAt: Millis
  readonly contact: PathLiveness.Contact
  /** What was sent before this went where the peer is no more. */
  readonly lostAt: Millis
  readonly link: Retransmission.Link
  readonly role: Role
  readonly attached: boolean
  readonly features: Features
  readonly peerFeatures: Features
  readonly minDelay: Millis
  /** `tries`: shutdown instructions sent; `refused`: how many the peer's host refused since the peer was last heard. */
  readonly shutdown: { readonly since: Millis; readonly tries: number; readonly refused: number } | undefined
  readonly ended: How | undefined
}

export interface Options<S> {
  /** A client is the one that looks for its peer. */
  readonly role: Role
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
  sent: [{ number: 0n, state: options.initial, at: options.now, since: options.now }],
  present: options.initial,
  goal: options.initial,
  flight: Timing.FLIGHT_FIRST,
  repeated: false,
  retransmissions: 0,
  alike: undefined,
  nextAck: options.now,
  nextSend: options.now,
  nextProbe: Infinity,
  turnAt: -Infinity,
  pace: Pacer.FULL,
  repeats: Retransmission.NONE,
  said: undefined,
  changedAt: undefined,
  received: 0n,
  ackPending: false,
  toldAt: -Infinity,
  contact: PathLiveness.init(options.now),
  lostAt: -Infinity,
  link: { srtt: undefined, least: undefined, rto: Timing.RTO_MAX, loss: undefined },
  role: options.role,
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

/** Whether the peer, holding a sent state, would have something to learn. */
export const isNews = <S>(object: SyncObject<S>, state: State<S>, sent: Sent<S>): boolean =>
  !object.equals(state.goal, sent.state) && !(state.alike?.goal === state.goal && state.alike.number === sent.number)

/**
 * The newest state that the peer ought to have by now (spec 5.2 step 1).
 *
 * The shutdown state is never assumed: an instruction that starts from it would be of no use to a peer that missed it.
 */
export const assumed = <S>(state: State<S>, now: Millis): number => {
  let index = 0
  for (let i = 1; i < state.sent.length; i++) {
    const sent = state.sent[i] as Sent<S>
    if (
      sent.number === SHUTDOWN ||
      sent.at < state.lostAt ||
      now - sent.at >= state.link.rto + Retransmission.answerDelay(state.link, state.peerFeatures)
    )
      break
    index = i
  }
  return index
}

/** Whether the shutdown began after the peer had been silent for a while since the very start. */
export const isNeverHeard = <S>({ received, sent: [first], shutdown }: State<S>): boolean =>
  received === 0n && first?.number === 0n && (shutdown?.since ?? -Infinity) - first.at >= Timing.UNHEARD

/** Whether everything is said but the end. */
export const isEnding = <S>(object: SyncObject<S>, state: State<S>): boolean =>
  state.shutdown !== undefined && object.equals(state.goal, state.present)

/** Whether the news since the last sent state is nothing that a person waits for. */
export const isMinor = <S>(object: SyncObject<S>, state: State<S>): boolean =>
  object.isMinor?.(last(state).state, state.goal) ?? false

/** Whether the peer is a stock server. */
export const isStockServer = <S>({ peerFeatures, role }: State<S>): boolean =>
  role === "Client" && peerFeatures === Features.stock
