/**
 * When a `Sender` speaks, and what it says then (spec 5.2–5.5).
 */
import type { Millis } from "../Machine.ts"
import { type Instruction, SHUTDOWN } from "../wire/Instruction.ts"
import * as PathLiveness from "./PathLiveness.ts"
import * as Pacer from "./Pacer.ts"
import * as Retransmission from "./Retransmission.ts"
import {
  acknowledged,
  assumed,
  isEnding,
  isMinor,
  isNeverHeard,
  isNews,
  isStockServer,
  last,
  type Sent,
  type State
} from "./SenderState.ts"
import type { SyncObject } from "./SyncObject.ts"
import * as Timing from "./Timing.ts"

/** Whether a person waits for the news: it is a key, or what came of one. */
const isInteractive = <S>(state: State<S>, now: Millis): boolean =>
  (state.role === "Client" || now - state.toldAt <= Timing.ANSWER) &&
  (!Retransmission.isQueued(state.link) || Retransmission.isDeep(state.link))

/**
 * Computes when what is due (spec 5.2). News is paced by the news before: where stock also counts acknowledgements, and
 * paces always, a key that is pressed after some silence waits for half a round trip.
 */
export const schedule = <S>(object: SyncObject<S>, state: State<S>, now: Millis): State<S> => {
  const newest = last(state)
  const { contact, link } = state
  const interval = Timing.sendInterval(link.srtt)
  let { nextAck, changedAt } = state
  let nextSend = Infinity
  let turnAt = -Infinity
  if (state.ackPending) nextAck = Math.min(nextAck, now + Retransmission.answerDelay(link, state.peerFeatures))
  if (isNews(object, state, newest) && isMinor(object, state)) {
    // Where keys follow each other, and where a program prints all the time, it goes with what is said next.
    const next = Pacer.due(state.pace, Timing.paceInterval(link.srtt))
    nextSend = Math.max(newest.at + 1.5 * interval, next + Timing.SEND_INTERVAL_MIN)
  } else if (isNews(object, state, newest)) {
    changedAt ??= now
    const isPause = changedAt - state.pace.at >= Timing.SEND_INTERVAL_MIN
    nextSend = Math.max(changedAt + (isPause ? 0 : state.minDelay), newsDue(state))
    turnAt = nextSend
  } else if (isNews(object, state, acknowledged(state)) && !isEnding(object, state)) {
    nextSend = nextRepeat(object, state, now)
  }
  const isLeaving = isEnding(object, state) || state.received === SHUTDOWN
  if (isLeaving) {
    const isLast = (state.shutdown?.tries ?? 0) >= shutdownTries(state)
    nextAck = newest.at + (isLast ? answerTime(state) : interval)
  }
  // Shutdown instructions are probes themselves. A probe after the last of them would postpone the end.
  const isProbing = state.role === "Client" && !isLeaving
  const nextProbe = isProbing ? PathLiveness.nextProbe(contact, link.rto, newest.at, now) : Infinity
  return { ...state, nextAck, nextSend, nextProbe, turnAt, changedAt }
}

/** How many shutdown instructions to send in all. */
export const shutdownTries = <S>(state: State<S>): number =>
  isNeverHeard(state) ? Timing.SHUTDOWN_RETRIES_UNHEARD : Timing.SHUTDOWN_RETRIES

/** How long to wait for the answer to the last shutdown instruction. A peer answers within its own send interval. */
const answerTime = <S>(state: State<S>): Millis => {
  const { rto, srtt } = state.link
  if (isNeverHeard(state)) return Timing.sendInterval(srtt)
  // Little is known of a session that ends soon after its start.
  return srtt === undefined ? Timing.RTO_MAX : Math.min(rto + Timing.sendInterval(srtt), Timing.RTO_MAX)
}

/** When news has its turn. A key beside an output without end does not wait for the turn of that: once, its answer goes. */
const newsDue = <S>({ link, pace, role, toldAt }: State<S>): Millis => {
  const due = Pacer.due(pace, Timing.paceInterval(link.srtt))
  const answer = toldAt + Timing.ANSWER_SOON
  if (role === "Client" || pace.at >= answer || Retransmission.isQueued(link)) return due
  return Math.min(due, Math.max(answer, pace.at + Timing.NEWS_SPACING))
}

/** When the newest state, which is as it should be but not acknowledged, is said again. */
const nextRepeat = <S>(object: SyncObject<S>, state: State<S>, now: Millis): Millis => {
  const timed = nextTimed(object, state, now)
  if (object.isMinor?.(acknowledged(state).state, state.goal) ?? false) return timed
  return Math.min(timed, Retransmission.nextEarly(state.repeats, state.link, last(state).at, saidDatagrams(state)))
}

const saidDatagrams = <S>(state: State<S>): number => Retransmission.datagrams(state.said?.diff.length ?? 0)

const nextTimed = <S>(object: SyncObject<S>, state: State<S>, now: Millis): Millis => {
  const { contact, link, lostAt, repeats } = state
  const newest = last(state)
  if (newest.at < lostAt) return -Infinity
  const base = acknowledged(state)
  const oldest = state.sent.find(({ state }) => !object.equals(state, base.state)) ?? newest
  return Retransmission.nextTimed(repeats, link, {
    oldestAt: oldest.since,
    at: newest.at,
    datagrams: saidDatagrams(state),
    silence: now - contact.at,
    peer: state.peerFeatures,
    isOutage: PathLiveness.isOverdue(contact, link.rto, now)
  })
}

/** Says what is due (spec 5.3). */
export const tick = <S>(
  object: SyncObject<S>,
  state: State<S>,
  now: Millis
): readonly [State<S>, Instruction | undefined] => {
  const newest = last(state)
  if (now >= state.nextSend && !isNews(object, state, newest)) return repeat(object, state, now)
  let base = state.sent[assumed(state, now)] as Sent<S>
  let diff = object.diff(base.state, state.goal, state.peerFeatures)
  // On a short way that loses nothing there are many of them a second: none that is large is worked out twice.
  const isFast = Timing.sendInterval(state.link.srtt) === Timing.SEND_INTERVAL_MIN
  const isWorthIt = diff.length < LITTLE || !isFast || Retransmission.copies(state.repeats, state.link) > 1
  if (base !== acknowledged(state) && isWorthIt) {
    // When it costs little, say it to the state that the peer has for certain: no loss can spoil that.
    const whole = object.diff(acknowledged(state).state, state.goal, state.peerFeatures)
    if (whole.length <= diff.length || (whole.length < LITTLE && whole.length - diff.length < 100)) {
      base = acknowledged(state)
      diff = whole
    }
  }
  // An empty difference is news, too, where the peer may have something else on its screen by now.
  if (isNews(object, state, newest) && (diff.length > 0 || base !== newest))
    return sendNews(object, state, base, diff, now)
  return now >= Math.min(state.nextAck, state.nextProbe) ? send(object, state, base, diff, now) : isAlike(state, base)
}

/** Up to how many bytes a difference is little. */
const LITTLE = 1000

/** Nothing is to be said to a peer that has state `base`. */
const isAlike = <S>(state: State<S>, base: Sent<S>): readonly [State<S>, undefined] => [
  { ...state, changedAt: undefined, alike: { goal: state.goal, number: base.number } },
  undefined
]

const sendNews = <S>(
  object: SyncObject<S>,
  state: State<S>,
  base: Sent<S>,
  diff: Uint8Array,
  now: Millis
): readonly [State<S>, Instruction] => {
  const interval = Timing.paceInterval(state.link.srtt)
  const least = Retransmission.isDeep(state.link) ? Pacer.LEAST_COST_DEEP : Pacer.LEAST_COST
  const cost = Pacer.cost(diff.length, interval, isInteractive(state, now), least)
  const pace = isMinor(object, state) ? state.pace : Pacer.after(state.pace, interval, now, cost)
  return send(object, { ...state, pace, repeats: Retransmission.renewed(state.repeats) }, base, diff, now)
}

/** Says the newest state again, to the state that the peer has for certain. */
const repeat = <S>(
  object: SyncObject<S>,
  state: State<S>,
  now: Millis
): readonly [State<S>, Instruction | undefined] => {
  const base = acknowledged(state)
  const diff = object.diff(base.state, state.goal, state.peerFeatures)
  if (diff.length === 0) return isAlike(state, base)
  const again = { ...state, retransmissions: state.retransmissions + 1 }
  if (now >= nextTimed(object, state, now))
    return send(object, { ...again, repeated: true, repeats: Retransmission.timed(state.repeats) }, base, diff, now)
  const repeats = Retransmission.early(state.repeats, state.link, now, Retransmission.datagrams(diff.length))
  return repeats === undefined
    ? [{ ...state, repeats: Retransmission.enough(state.repeats) }, undefined]
    : send(object, { ...again, repeats }, base, diff, now)
}

/**
 * Sends the goal as a difference to `base`: as a new state, or once more as the one it was sent as (spec 5.4, 5.5). A
 * large instruction that comes again comes as it was, byte for byte: the peer may hold some pieces of it already.
 */
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
  // A peer that has long heard nothing takes a new number for a sign of life, and an old one for nothing.
  const isSame = isRepeat && !PathLiveness.isOverdue(state.contact, state.link.rto, now)
  const number = ending ? SHUTDOWN : isSame ? newest.number : newest.number + 1n
  const isEarly = isSame && state.repeats.early > 0 && state.repeats.timed === 0
  const entry: Sent<S> = { number, state: state.goal, at: now, since: isEarly ? newest.since : now }
  const sent = state.sent.filter((other) => other.number !== number)
  sent.push(entry)
  if (sent.length > Timing.SENT_STATES) sent.splice(sent.length - 1 - Timing.SENT_STATE_GIVEN_UP, 1)
  const { said } = state
  const isLarge = Retransmission.datagrams(diff.length) > 1
  const isAgain = said?.oldNumber === base.number && said.newNumber === number && isLarge && now < state.nextAck
  const instruction: Instruction = isAgain
    ? said
    : {
        oldNumber: base.number,
        newNumber: number,
        acknowledged: state.received,
        throwaway: acknowledged(state).number,
        diff,
        // Whoever acknowledged something has heard of them.
        features: acknowledged(state).number === 0n ? state.features : 0,
        // A peer that speaks of features may make use of it.
        ...(state.peerFeatures !== 0 && { lost: Math.round(100 * (state.link.loss ?? 0)) })
      }
  const isStale = instruction.acknowledged !== state.received
  const next: State<S> = {
    ...state,
    sent,
    said: diff.length > 0 ? instruction : said,
    // As it was, it carries an old acknowledgement: the new one stays due.
    nextAck: isStale && (state.ackPending || isStockServer(state)) ? state.nextAck : now + heartbeat(state),
    nextSend: Infinity,
    changedAt: undefined,
    ackPending: state.ackPending && isStale,
    contact: PathLiveness.sent(state.contact, now),
    shutdown:
      ending && state.shutdown !== undefined ? { ...state.shutdown, tries: state.shutdown.tries + 1 } : state.shutdown
  }
  return [next, instruction]
}

/**
 * The time from the last instruction to the next heartbeat. A client waits for the heartbeat of a stock server, which is
 * due every `ACK_INTERVAL`, and acknowledges it instead: two heartbeats that cross cost a third datagram.
 */
const heartbeat = <S>(state: State<S>): Millis =>
  isStockServer(state) ? Timing.ACK_INTERVAL + Timing.ACK_DELAY : Timing.ACK_INTERVAL
