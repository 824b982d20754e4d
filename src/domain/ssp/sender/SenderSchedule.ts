/**
 * When a `Sender` sends: sets its timers (spec 5.2).
 */
import type { Millis } from "../../Machine.ts"
import { SHUTDOWN } from "../../wire/Instruction.ts"
import * as Pacer from "./Pacer.ts"
import { isQueued } from "../path/PathEstimate.ts"
import * as PathLiveness from "../path/PathLiveness.ts"
import * as PathState from "../path/PathState.ts"
import * as Retransmission from "./Retransmission.ts"
import {
  acknowledged,
  isEnding,
  isMinor,
  isNeverHeard,
  isNews,
  lastDatagrams,
  maxShutdownTries,
  newest,
  type State
} from "./SenderState.ts"
import * as SentStates from "./SentStates.ts"
import * as Shutdown from "./Shutdown.ts"
import type { SyncObject } from "../SyncObject.ts"
import * as Timers from "./Timers.ts"
import * as Timing from "../Timing.ts"

/**
 * Sets all timers. News is paced by earlier news only. Stock also counts acknowledgements, and paces always, so that a
 * keystroke after some silence waits for half a round trip.
 */
export const schedule = <S>(object: SyncObject<S>, state: State<S>, now: Millis): State<S> => {
  const { postponement } = state
  const { changedAt, news, turnAt } = scheduleNews(object, state, now)
  const timers = {
    acknowledgement: acknowledgementAt(object, state, now),
    news,
    retransmission: isRetransmissionDue(object, state)
      ? Math.max(retransmissionAt(object, state, now), postponement.until)
      : Infinity,
    probe: Math.max(probeAt(object, state, now), postponement.until),
    giveUp: Shutdown.giveUpAt(state.shutdown)
  }
  const isNewsEqual = changedAt === state.news.changedAt && turnAt === state.news.turnAt
  if (isNewsEqual && Timers.equals(timers, state.timers)) return state
  return { ...state, timers, news: { ...state.news, changedAt, turnAt } }
}

interface NewsSchedule {
  readonly news: Millis
  readonly turnAt: Millis
  readonly changedAt: Millis | undefined
}

const scheduleNews = <S>(object: SyncObject<S>, state: State<S>, now: Millis): NewsSchedule => {
  const last = newest(state)
  const { srtt } = state.path.estimate
  const { changedAt = now } = state.news
  if (!isNews(object, state, last)) return { news: Infinity, turnAt: -Infinity, changedAt: state.news.changedAt }
  if (isMinor(object, state)) {
    // While keystrokes follow each other, or output is continuous, a minor change travels with the next news.
    const next = Pacer.due(state.pacer, Timing.paceInterval(srtt))
    const news = Math.max(last.at + 1.5 * Timing.sendInterval(srtt), next + Timing.SEND_INTERVAL_MIN)
    return { news, turnAt: -Infinity, changedAt: state.news.changedAt }
  }
  const isPause = changedAt - state.pacer.at >= Timing.SEND_INTERVAL_MIN
  const news = Math.max(changedAt + (isPause ? 0 : state.minDelay), pacedAt(state))
  return { news, turnAt: news, changedAt }
}

/** When the pacer admits news. While output is continuous, the response to a keystroke skips the pacing queue once. */
const pacedAt = <S>({ pacer, path, peer, role }: State<S>): Millis => {
  const due = Pacer.due(pacer, Timing.paceInterval(path.estimate.srtt))
  const response = peer.newsAt + Timing.RESPONSE_DELAY
  if (role === "Client" || pacer.at >= response || isQueued(path.estimate)) return due
  return Math.min(due, Math.max(response, pacer.at + Timing.NEWS_SPACING))
}

const acknowledgementAt = <S>(object: SyncObject<S>, state: State<S>, now: Millis): Millis => {
  const { path, peer, timers } = state
  if (isLeaving(object, state)) {
    const isLast = (state.shutdown?.tries ?? 0) >= maxShutdownTries(state)
    return newest(state).at + (isLast ? answerTime(state) : Timing.sendInterval(path.estimate.srtt))
  }
  if (!peer.isAckPending) return timers.acknowledgement
  return Math.min(timers.acknowledgement, now + Retransmission.maxAckDelay(path.estimate, peer.features))
}

/** Whether a shutdown, ours or the peer's, is all that remains. */
const isLeaving = <S>(object: SyncObject<S>, state: State<S>): boolean =>
  isEnding(object, state) || state.peer.received === SHUTDOWN

/** How long to wait for the answer to the last shutdown instruction. A peer answers within its own send interval. */
const answerTime = <S>(state: State<S>): Millis => {
  const { rto, srtt } = state.path.estimate
  if (isNeverHeard(state)) return Timing.sendInterval(srtt)
  // The estimate of a session that ends soon after its start is poor.
  return srtt === undefined ? Timing.RTO_MAX : Math.min(rto + Timing.sendInterval(srtt), Timing.RTO_MAX)
}

/** Shutdown instructions are probes themselves, and a probe after the last of them would postpone the end. */
const probeAt = <S>(object: SyncObject<S>, state: State<S>, now: Millis): Millis => {
  if (state.role !== "Client" || isLeaving(object, state)) return Infinity
  const { estimate, liveness } = state.path
  return PathLiveness.nextProbe(liveness, estimate.rto, newest(state).at, now)
}

/** Whether the newest sent state is up to date, but the acknowledged one is not. */
const isRetransmissionDue = <S>(object: SyncObject<S>, state: State<S>): boolean =>
  !isNews(object, state, newest(state)) && isNews(object, state, acknowledged(state)) && !isEnding(object, state)

const retransmissionAt = <S>(object: SyncObject<S>, state: State<S>, now: Millis): Millis => {
  const timeout = timeoutAt(object, state, now)
  if (object.isMinor?.(acknowledged(state).state, state.window.target) ?? false) return timeout
  const { path, retransmission } = state
  return Math.min(
    timeout,
    Retransmission.nextSpeculative(retransmission, path.estimate, newest(state).at, lastDatagrams(state))
  )
}

/** When the unacknowledged states time out: at once if the path changed since the newest was sent. */
export const timeoutAt = <S>(object: SyncObject<S>, state: State<S>, now: Millis): Millis => {
  const { path, peer, retransmission, sent } = state
  const last = newest(state)
  if (last.at < path.changedAt) return -Infinity
  return Retransmission.nextTimeout(retransmission, path.estimate, {
    oldestAt: SentStates.oldestUnacknowledged(object, sent).timeoutFrom,
    at: last.at,
    datagrams: lastDatagrams(state),
    silence: now - path.liveness.receivedAt,
    peer: peer.features,
    isOutage: PathState.isOverdue(path, now)
  })
}
