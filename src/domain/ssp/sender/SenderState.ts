/**
 * The state of a `Sender`, composed of parts with a file each, and what follows from several of them.
 */
import type { Millis } from "../../Machine.ts"
import type { Instruction } from "../../wire/Instruction.ts"
import type { EndReason } from "../EndReason.ts"
import * as Pacer from "./Pacer.ts"
import * as PathState from "../path/PathState.ts"
import * as PeerState from "./PeerState.ts"
import * as Postponement from "./Postponement.ts"
import * as Retransmission from "./Retransmission.ts"
import type { Role } from "../Role.ts"
import * as SendWindow from "./SendWindow.ts"
import * as SentStates from "./SentStates.ts"
import type * as Shutdown from "./Shutdown.ts"
import { Features, type SyncObject } from "../SyncObject.ts"
import * as Timers from "./Timers.ts"
import * as Timing from "../Timing.ts"
import type { StateNumber } from "../../wire/Numbers.ts"

export interface State<S> {
  readonly role: Role
  /** What this end understands beyond stock mosh. */
  readonly features: Features
  /** How long a new local state waits for more changes. */
  readonly minDelay: Millis
  /** What the peer may hold. */
  readonly sent: SentStates.SentStates<S>
  /** What to send. */
  readonly window: SendWindow.SendWindow<S>
  /** When to send. */
  readonly timers: Timers.Timers
  readonly pacer: Pacer.Pacer
  readonly retransmission: Retransmission.Retransmission
  readonly postponement: Postponement.Postponement
  readonly peer: PeerState.PeerState
  readonly path: PathState.PathState
  readonly news: News<S>
  /** The last instruction with a difference, which a retransmission may repeat; `undefined` once it was acknowledged. */
  readonly lastInstruction: Instruction | undefined
  /** Instructions that sent a state which had been sent before. */
  readonly retransmissions: number
  readonly shutdown: Shutdown.Shutdown | undefined
  readonly ended: EndReason | undefined
}

/** What is known about the change that waits to be sent. */
export interface News<S> {
  /** When the target first differed from the newest sent state by a change that is not minor. */
  readonly changedAt: Millis | undefined
  /** When a change that is not minor will be sent, however much follows until then; -Infinity without one. */
  readonly turnAt: Millis
  /** A target whose difference to the sent state `number` is empty, although the two are not equal. */
  readonly equivalentTo: { readonly target: S; readonly number: StateNumber } | undefined
}

export interface Options<S> {
  /** A client probes for its peer. */
  readonly role: Role
  /** State number 0, on which both ends agree. */
  readonly initial: S
  /** What this end understands beyond stock mosh. */
  readonly features: Features
  /** How long a new local state waits for more changes: `Timing.MIN_DELAY_CLIENT` or `MIN_DELAY_SERVER`. */
  readonly minDelay: Millis
  /** Whether the peer's address is known from the start, as on a client. Default: no. */
  readonly attached?: boolean
  readonly now: Millis
}

export const init = <S>(options: Options<S>): State<S> => ({
  role: options.role,
  features: options.features,
  minDelay: options.minDelay,
  sent: SentStates.init(options.initial, options.now),
  window: SendWindow.init(options.initial),
  timers: Timers.init(options.now),
  pacer: Pacer.FULL,
  retransmission: Retransmission.NONE,
  postponement: Postponement.NONE,
  peer: PeerState.INITIAL,
  path: PathState.init(options.attached ?? false, options.now),
  news: { changedAt: undefined, turnAt: -Infinity, equivalentTo: undefined },
  lastInstruction: undefined,
  retransmissions: 0,
  shutdown: undefined,
  ended: undefined
})

/** The newest state that the peer is known to hold. */
export const acknowledged = <S>({ sent }: State<S>): SentStates.SentState<S> => SentStates.acknowledged(sent)

/** The newest state that was sent. */
export const newest = <S>({ sent }: State<S>): SentStates.SentState<S> => SentStates.newest(sent)

/** Whether the target has something for a peer that holds the sent state. */
export const isNews = <S>(object: SyncObject<S>, state: State<S>, sent: SentStates.SentState<S>): boolean => {
  const { target } = state.window
  const { equivalentTo } = state.news
  return !object.equals(target, sent.state) && !(equivalentTo?.target === target && equivalentTo.number === sent.number)
}

/** Whether no user waits for what the target changes since the newest sent state. */
export const isMinor = <S>(object: SyncObject<S>, state: State<S>): boolean =>
  object.isMinor?.(newest(state).state, state.window.target) ?? false

/** The newest state that the peer should have received by now. */
export const assumed = <S>({ path, peer, sent }: State<S>, now: Millis): SentStates.SentState<S> =>
  SentStates.assumed(
    sent,
    path.changedAt,
    path.estimate.rto + Retransmission.maxAckDelay(path.estimate, peer.features),
    now
  )

/**
 * Whether the shutdown began at least `Timing.UNHEARD` after the start, without a state or an acknowledgement from the
 * peer.
 */
export const isNeverHeard = <S>({ peer, sent: [first], shutdown }: State<S>): boolean =>
  peer.received === 0n && first?.number === 0n && (shutdown?.since ?? -Infinity) - first.at >= Timing.UNHEARD

/** How many shutdown instructions to send in all. */
export const maxShutdownTries = <S>(state: State<S>): number =>
  isNeverHeard(state) ? Timing.SHUTDOWN_RETRIES_UNHEARD : Timing.SHUTDOWN_RETRIES

/** Whether only the shutdown state remains to be sent. */
export const isEnding = <S>(object: SyncObject<S>, { shutdown, window }: State<S>): boolean =>
  shutdown !== undefined && object.equals(window.target, window.current)

/** How many datagrams the last instruction with a difference took. */
export const lastDatagrams = <S>({ lastInstruction }: State<S>): number =>
  Retransmission.datagrams(lastInstruction?.diff.length ?? 0)

/** Whether the peer is a stock server. */
export const isStockServer = <S>({ peer, role }: State<S>): boolean =>
  role === "Client" && peer.features === Features.stock

/** Whether both ends announced all of these features. */
export const areNegotiated = <S>(state: State<S>, features: Features): boolean =>
  (state.features & state.peer.features & features) === features

/** Whether the peer is a client of ours, and this server announces features, so that the client does not take it for stock's. */
export const isOwnClient = <S>({ features, peer, role }: State<S>): boolean =>
  role === "Server" && features !== Features.stock && peer.features !== Features.stock
