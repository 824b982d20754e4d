/**
 * What a `Sender` sends when a timer is due (spec 5.3 to 5.5).
 */
import type { Millis } from "../../Machine.ts"
import { type Instruction, SHUTDOWN } from "../../wire/Instruction.ts"
import * as Pacer from "./Pacer.ts"
import { isDeeplyQueued, isQueued } from "../path/PathEstimate.ts"
import * as PathLiveness from "../path/PathLiveness.ts"
import * as PathState from "../path/PathState.ts"
import * as Retransmission from "./Retransmission.ts"
import { timeoutAt } from "./SenderSchedule.ts"
import {
  acknowledged,
  assumed,
  isEnding,
  isMinor,
  isNews,
  isOwnClient,
  isStockServer,
  newest,
  type State
} from "./SenderState.ts"
import { add, type SentState } from "./SentStates.ts"
import * as Shutdown from "./Shutdown.ts"
import type { SyncObject } from "../SyncObject.ts"
import * as Timing from "../Timing.ts"
import type { StateNumber } from "../../wire/Numbers.ts"

/** The instruction that is due, and the state after it was sent; no instruction if the peer would learn nothing from it. */
export const next = <S>(
  object: SyncObject<S>,
  state: State<S>,
  now: Millis
): readonly [State<S>, Instruction | undefined] => {
  const { timers } = state
  if (now >= timers.retransmission) return retransmit(object, state, now)
  const [base, diff] = difference(object, state, now)
  // An empty difference is news, too, if the peer may show another state by now.
  if (isNews(object, state, newest(state)) && (diff.length > 0 || base !== newest(state)))
    return sendNews(object, state, base, diff, now)
  return now >= Math.min(timers.acknowledgement, timers.probe)
    ? send(object, state, base, diff, now)
    : equivalent(state, base)
}

/** The base of the next instruction, and the difference from it to the target. */
const difference = <S>(
  object: SyncObject<S>,
  state: State<S>,
  now: Millis
): readonly [base: SentState<S>, diff: Uint8Array] => {
  const { path, peer, retransmission, window } = state
  const base = assumed(state, now)
  const diff = object.diff(base.state, window.target, peer.features)
  const certain = acknowledged(state)
  // On a short path without loss there are many instructions a second: no large difference is computed twice.
  const isFast = Timing.sendInterval(path.estimate.srtt) === Timing.SEND_INTERVAL_MIN
  const isWorthIt = diff.length < SMALL || !isFast || Retransmission.redundancy(retransmission, path.estimate) > 1
  if (base === certain || !isWorthIt) return [base, diff]
  // If it costs little, start from the acknowledged state: then no loss can make the instruction useless.
  const whole = object.diff(certain.state, window.target, peer.features)
  const isCheap = whole.length <= diff.length || (whole.length < SMALL && whole.length - diff.length < 100)
  return isCheap ? [certain, whole] : [base, diff]
}

/** Below this many bytes a difference is small. */
const SMALL = 1000

/** Records that the target looks like `base`, so there is nothing to send to a peer that holds `base`. */
const equivalent = <S>(state: State<S>, base: SentState<S>): readonly [State<S>, undefined] => {
  const equivalentTo = { target: state.window.target, number: base.number }
  return [{ ...state, news: { ...state.news, changedAt: undefined, equivalentTo } }, undefined]
}

const sendNews = <S>(
  object: SyncObject<S>,
  state: State<S>,
  base: SentState<S>,
  diff: Uint8Array,
  now: Millis
): readonly [State<S>, Instruction] => {
  const { estimate } = state.path
  const interval = Timing.paceInterval(estimate.srtt)
  const min = isDeeplyQueued(estimate) ? Pacer.MIN_COST_DEEPLY_QUEUED : Pacer.MIN_COST
  const cost = Pacer.cost(diff.length, interval, isInteractive(state, now), min)
  const pacer = isMinor(object, state) ? state.pacer : Pacer.spend(state.pacer, interval, now, cost)
  const retransmission = Retransmission.newsSent(state.retransmission)
  return send(object, { ...state, pacer, retransmission }, base, diff, now)
}

/** Whether a user waits for the news: it is a keystroke, or the response to one. */
const isInteractive = <S>({ path, peer, role }: State<S>, now: Millis): boolean =>
  (role === "Client" || now - peer.newsAt <= Timing.RESPONSE) &&
  (!isQueued(path.estimate) || isDeeplyQueued(path.estimate))

/** Sends the newest state once more, as a difference to the acknowledged one. */
const retransmit = <S>(
  object: SyncObject<S>,
  state: State<S>,
  now: Millis
): readonly [State<S>, Instruction | undefined] => {
  const base = acknowledged(state)
  const diff = object.diff(base.state, state.window.target, state.peer.features)
  if (diff.length === 0) return equivalent(state, base)
  const counted = { ...state, retransmissions: state.retransmissions + 1 }
  if (now >= timeoutAt(object, state, now)) {
    const retransmission = Retransmission.timedOut(state.retransmission)
    const window = { ...state.window, isTimedOut: true }
    return send(object, { ...counted, window, retransmission }, base, diff, now)
  }
  const datagrams = Retransmission.datagrams(diff.length)
  const retransmission = Retransmission.speculate(state.retransmission, state.path.estimate, now, datagrams)
  return retransmission === undefined
    ? [{ ...state, retransmission: Retransmission.stopSpeculating(state.retransmission) }, undefined]
    : send(object, { ...counted, retransmission }, base, diff, now)
}

/**
 * Sends the target as a difference to `base`: as a new state, or again under its number if it was sent before (spec
 * 5.4, 5.5). A large instruction is repeated byte for byte, because the peer may hold some of its fragments.
 */
const send = <S>(
  object: SyncObject<S>,
  state: State<S>,
  base: SentState<S>,
  diff: Uint8Array,
  now: Millis
): readonly [State<S>, Instruction] => {
  const { lastInstruction, path, peer, retransmission, timers } = state
  const isLast = isEnding(object, state)
  const last = newest(state)
  const isRepeat = diff.length > 0 && object.equals(state.window.target, last.state)
  // To a stock peer that has received nothing for long, a new number proves that we are alive; an old one does not.
  const isSame = isRepeat && !PathState.isOverdue(path, now)
  const number = isLast ? SHUTDOWN : isSame ? last.number : last.number + 1n
  const isSpeculative = isSame && retransmission.speculative > 0 && retransmission.timeouts === 0
  const timeoutFrom = isSpeculative ? last.timeoutFrom : now
  const isLarge = Retransmission.datagrams(diff.length) > 1
  const isIdentical =
    lastInstruction?.oldNumber === base.number &&
    lastInstruction.newNumber === number &&
    isLarge &&
    now < timers.acknowledgement
  const instruction = isIdentical ? lastInstruction : compose(state, base, number, diff)
  // A repeated instruction carries its former acknowledgement: the new one stays due.
  const isStale = instruction.acknowledged !== peer.received
  const isAckKept = isStale && (peer.isAckPending || isStockServer(state))
  const sent: State<S> = {
    ...state,
    sent: add(state.sent, { number, state: state.window.target, at: now, timeoutFrom }),
    lastInstruction: diff.length > 0 ? instruction : lastInstruction,
    timers: { ...timers, acknowledgement: isAckKept ? timers.acknowledgement : now + heartbeat(state) },
    news: { ...state.news, changedAt: undefined },
    peer: { ...peer, isAckPending: peer.isAckPending && isStale },
    path: { ...path, liveness: PathLiveness.instructionSent(path.liveness, now) },
    shutdown: isLast ? Shutdown.tried(state.shutdown) : state.shutdown
  }
  return [sent, instruction]
}

const compose = <S>(state: State<S>, base: SentState<S>, number: StateNumber, diff: Uint8Array): Instruction => {
  const { path, peer } = state
  const certain = acknowledged(state).number
  return {
    oldNumber: base.number,
    newNumber: number,
    acknowledged: peer.received,
    throwaway: certain,
    diff,
    // Once the peer has acknowledged anything, it knows our features.
    features: certain === 0n ? state.features : 0,
    // Only a peer with features reads the loss.
    ...(peer.features !== 0 && { lost: Math.round(100 * (path.estimate.loss ?? 0)) })
  }
}

/**
 * The time from the last instruction to the next heartbeat. One end lets the heartbeat of the other, due every
 * `ACK_INTERVAL`, come first, and acknowledges it instead: two heartbeats that cross answer no timestamp,
 * and with a stock server cost a third datagram. A client yields to a stock server. A server yields to a client of ours,
 * which keeps its own interval for the NATs on the way; the server answers at once (`isQuestion`), and if the client's heartbeat is
 * lost, it sends its own `ACK_DELAY` later. Towards a stock client nothing changes.
 */
const heartbeat = <S>(state: State<S>): Millis =>
  isStockServer(state) || isOwnClient(state) ? Timing.ACK_INTERVAL + Timing.ACK_DELAY : Timing.ACK_INTERVAL
