/**
 * The receiving half of SSP: it keeps the states of the peer that its next difference may start from.
 *
 * Applying an instruction a second time changes nothing. So repeats, reordering and replays are harmless. Source: spec 6.
 */
import * as Result from "effect/Result"
import type { Machine, Millis } from "../Machine.ts"
import type { Instruction } from "../wire/Instruction.ts"
import type { DropReason } from "./DropReason.ts"
import type { Features, SyncObject } from "./SyncObject.ts"
import * as Timing from "./Timing.ts"
import type { StateNumber } from "../wire/Numbers.ts"

/** An instruction of the right protocol version, as decoded by `Instruction.decode`. */
export type Input = Instruction

export type Output<R> =
  /** The peer's features. Emitted once, before any other output for the first instruction. */
  | { readonly _tag: "PeerFeatures"; readonly features: Features }
  /** The share of our datagrams that the peer does not receive, 0 to 1, if it reports one. Before `PeerAcknowledged`. */
  | { readonly _tag: "PeerLoss"; readonly share: number }
  /** The peer holds our state `number`. Emitted for every instruction, even one that is otherwise dropped. */
  | { readonly _tag: "PeerAcknowledged"; readonly number: StateNumber }
  /** The newest state is now `number`; `wantsAck` if its difference was not empty. */
  | { readonly _tag: "Received"; readonly number: StateNumber; readonly wantsAck: boolean }
  | ({ readonly _tag: "RemoteChanged" } & RemoteState<R>)
  /** The newest state was received again: the peer may not know that we hold it. */
  | { readonly _tag: "DuplicateNewest" }
  | { readonly _tag: "Dropped"; readonly reason: DropReason }

/** A state of the peer. */
export interface RemoteState<State> {
  /** SSP state number; 2^64 − 1 is the shutdown state. */
  readonly number: StateNumber
  /** The state. */
  readonly state: State
  /** When it was received. */
  readonly at: Millis
}

/** A state that is kept as a base of differences. */
export interface Received<R> extends RemoteState<R> {
  /** An upper bound of the memory that it holds, in bytes. */
  readonly weight: number
}

export interface State<R> {
  /** Ascending by number; at least one. */
  readonly received: ReadonlyArray<Received<R>>
  /** Until when no further state is admitted beyond the limits. */
  readonly quenchedUntil: Millis
  readonly peerFeatures: Features | undefined
}

export interface Options<R> {
  /** State number 0, on which both ends agree. */
  readonly initial: R
  readonly now: Millis
}

export const init = <R>(options: Options<R>): State<R> => ({
  received: [{ number: 0n, state: options.initial, at: options.now, weight: 0 }],
  quenchedUntil: -Infinity,
  peerFeatures: undefined
})

export const newest = <R>(state: State<R>): Received<R> => state.received[state.received.length - 1] as Received<R>

export const machine = <R>(object: SyncObject<R>): Machine<State<R>, Input, Output<R>> => ({
  step: (state, instruction, now) => {
    const outputs: Array<Output<R>> = []
    const { features } = instruction
    if (state.peerFeatures === undefined) outputs.push({ _tag: "PeerFeatures", features })
    if (instruction.lost !== undefined) outputs.push({ _tag: "PeerLoss", share: instruction.lost / 100 })
    outputs.push({ _tag: "PeerAcknowledged", number: instruction.acknowledged })
    const known = state.peerFeatures === undefined ? { ...state, peerFeatures: features } : state
    return [receive(object, known, instruction, now, outputs), outputs]
  },
  deadline: () => Infinity
})

const receive = <R>(
  object: SyncObject<R>,
  state: State<R>,
  instruction: Instruction,
  now: Millis,
  outputs: Array<Output<R>>
): State<R> => {
  const { oldNumber, newNumber, throwaway, diff } = instruction
  const drop = (reason: DropReason, next = state): State<R> => {
    outputs.push({ _tag: "Dropped", reason })
    return next
  }
  if (state.received.some((entry) => entry.number === newNumber)) {
    if (newNumber === newest(state).number) outputs.push({ _tag: "DuplicateNewest" })
    return drop("late")
  }
  // An honest peer never discards the base of its difference. A hostile one must not empty our list.
  if (throwaway > oldNumber || newNumber < oldNumber) return drop("instruction")
  if (!state.received.some((entry) => entry.number === oldNumber)) return drop("late")

  const kept = forget(object, state, throwaway)
  const full = isFull(kept)
  if (full && now < kept.quenchedUntil) return drop("limit", kept)
  const quenchedUntil = full ? now + Timing.QUENCH : kept.quenchedUntil

  const reference = kept.received.find((entry) => entry.number === oldNumber) as Received<R>
  const patched = diff.length === 0 ? Result.succeed(reference.state) : object.patch(reference.state, diff)
  if (Result.isFailure(patched)) return drop("diff", kept)

  const entry: Received<R> = {
    number: newNumber,
    state: patched.success,
    at: now,
    weight: object.weight?.(patched.success) ?? Timing.DIFF_WEIGHT * diff.length
  }
  const before = full ? displace(kept.received, reference, entry.weight) : kept.received
  const later = before.findIndex((other) => other.number > newNumber)
  if (later >= 0) return { ...kept, quenchedUntil, received: before.toSpliced(later, 0, entry) }
  outputs.push(
    { _tag: "Received", number: newNumber, wantsAck: diff.length > 0 },
    { _tag: "RemoteChanged", number: newNumber, state: entry.state, at: now }
  )
  return { ...kept, quenchedUntil, received: [...before, entry] }
}

/**
 * Makes room for a state beyond the limits, by dropping states of the same weight, at least one. It keeps the first state,
 * which any peer can build on until it discards it, the reference, which this peer builds on, and the newest.
 */
const displace = <R>(
  received: ReadonlyArray<Received<R>>,
  reference: Received<R>,
  weight: number
): ReadonlyArray<Received<R>> => {
  let freed = -1
  return received.filter((entry, i) => {
    if (i === 0 || i === received.length - 1 || entry === reference || freed >= weight) return true
    freed = Math.max(freed, 0) + entry.weight
    return false
  })
}

/** Drops the states below `throwaway`, and subtracts the first remaining state from the others. */
const forget = <R>(object: SyncObject<R>, state: State<R>, throwaway: StateNumber): State<R> => {
  const first = state.received.findIndex((entry) => entry.number >= throwaway)
  if (first <= 0) return state
  const base = (state.received[first] as Received<R>).state
  const received = state.received.slice(first)
  return {
    ...state,
    received: received.map((entry) => {
      const rest = object.subtract(entry.state, base)
      return rest === entry.state ? entry : { ...entry, state: rest, weight: object.weight?.(rest) ?? entry.weight }
    })
  }
}

const isFull = <R>(state: State<R>): boolean => {
  if (state.received.length > Timing.RECEIVED_STATES) return true
  let weight = 0
  for (const entry of state.received) weight += entry.weight
  return weight > Timing.RECEIVED_WEIGHT
}
