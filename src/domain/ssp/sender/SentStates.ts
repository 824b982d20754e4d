/**
 * The local states that the peer may hold, ascending by number: 1 to 32. The first is acknowledged; the last is the newest
 * that was sent (spec 5.2, 5.5, 5.6).
 */
import type { Millis } from "../../Machine.ts"
import { SHUTDOWN } from "../../wire/Instruction.ts"
import type { SyncObject } from "../SyncObject.ts"
import * as Timing from "../Timing.ts"
import type { StateNumber } from "../../wire/Numbers.ts"

/** A state that was sent. */
export interface SentState<S> {
  readonly number: StateNumber
  readonly state: S
  /** When it was last sent. */
  readonly at: Millis
  /** When it was last sent other than speculatively: its retransmission timeout starts here. */
  readonly timeoutFrom: Millis
}

export type SentStates<S> = ReadonlyArray<SentState<S>>

/** State number 0, which both ends hold from the start. */
export const init = <S>(state: S, now: Millis): SentStates<S> => [{ number: 0n, state, at: now, timeoutFrom: now }]

/** The newest state that the peer is known to hold. */
export const acknowledged = <S>(sent: SentStates<S>): SentState<S> => sent[0] as SentState<S>

/** The newest state that was sent. */
export const newest = <S>(sent: SentStates<S>): SentState<S> => sent[sent.length - 1] as SentState<S>

/** The oldest state that differs from the acknowledged one; the newest if none does. */
export const oldestUnacknowledged = <S>(object: SyncObject<S>, sent: SentStates<S>): SentState<S> => {
  const base = acknowledged(sent)
  return sent.find(({ state }) => !object.equals(state, base.state)) ?? newest(sent)
}

/**
 * The newest state that the peer should have received by now (spec 5.2 step 1): each state up to it was sent on the current
 * path (`pathSince`), less than `patience` ago.
 *
 * The shutdown state is never assumed: a peer that missed it could not use an instruction based on it.
 */
export const assumed = <S>(sent: SentStates<S>, pathSince: Millis, patience: Millis, now: Millis): SentState<S> => {
  let result = acknowledged(sent)
  for (let i = 1; i < sent.length; i++) {
    const next = sent[i] as SentState<S>
    if (next.number === SHUTDOWN || next.at < pathSince || now - next.at >= patience) break
    result = next
  }
  return result
}

/** Adds a state, in place of an earlier one of the same number. Beyond the limit, a state in the middle is given up. */
export const add = <S>(sent: SentStates<S>, entry: SentState<S>): SentStates<S> => {
  const next = sent.filter(({ number }) => number !== entry.number)
  next.push(entry)
  if (next.length > Timing.SENT_STATES) next.splice(next.length - 1 - Timing.SENT_STATE_GIVEN_UP, 1)
  return next
}

/**
 * Drops the states before `number`, and subtracts that state from the rest. `undefined` if `number` is not held, or is
 * acknowledged already: such an acknowledgement carries no information.
 */
export const acknowledge = <S>(
  object: SyncObject<S>,
  sent: SentStates<S>,
  number: StateNumber
): SentStates<S> | undefined => {
  const index = sent.findIndex((entry) => entry.number === number)
  if (index <= 0) return undefined
  const base = (sent[index] as SentState<S>).state
  return sent.slice(index).map((entry) => ({ ...entry, state: object.subtract(entry.state, base) }))
}
