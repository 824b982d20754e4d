/**
 * Decides which attachments a session has, which of them end, and when the session itself ends.
 *
 * An attachment is one listener of the session, with its own port and key, and its client. A new one is pending until its
 * client connects. Then it takes over: all earlier ones are closed. Later ones stay: their clients are on the way. A client that
 * never connects replaces no other.
 */
import type { Machine, Millis } from "../Machine.ts"
import type { EndReason } from "./Lifetime.ts"

/** How many attachments may wait for their client; a further one closes the oldest of them. */
export const MAX_PENDING = 4

/** When a session ends. */
export interface Policy {
  /** Whether the session keeps running after its client left. Without it, only a detach keeps it. */
  readonly persistent: boolean
  /** How long the session runs without any attachment, ms; `Infinity` for no limit. */
  readonly network: Millis
  /** `HangUpIfIdle` ends a session without attachments only if it had none for this long, ms. */
  readonly signal: Millis
}

export type Phase =
  /** Its client has not connected yet. */
  | "Pending"
  /** Its client has connected. */
  | "Attached"
  /** It was closed, and waits for its client's acknowledgement. Nothing its client sends has an effect. */
  | "Closing"

export interface Attachment {
  readonly id: number
  readonly phase: Phase
}

export interface State {
  readonly policy: Policy
  /** In the order of their admission. */
  readonly attachments: ReadonlyArray<Attachment>
  /** Whether any client ever connected. */
  readonly everAttached: boolean
  /** Whether the session has a client, and since when. */
  readonly attached: boolean
  readonly since: Millis
  /** Whether the last client left and the session ends unless a pending client connects. */
  readonly leaving: boolean
  readonly over: boolean
}

/** Why an attachment is closed. */
export type CloseReason =
  /** Its client asked to detach, or the application closed it. */
  | { readonly _tag: "Detached" }
  /** Another client took over; `from` is that client's address. */
  | { readonly _tag: "TakenOver"; readonly from: string }

export type Input =
  /** A listener was made. */
  | { readonly _tag: "Admitted"; readonly id: number }
  /** The first state of its client arrived, from this address. */
  | { readonly _tag: "Connected"; readonly id: number; readonly from: string }
  /** Its client asked to detach, or the application closes it. */
  | { readonly _tag: "Detach"; readonly id: number }
  /** The listener ended. */
  | { readonly _tag: "Ended"; readonly id: number; readonly because: EndReason }
  /** The program ended. Attachments learn that by themselves. */
  | { readonly _tag: "ProgramEnded" }
  | { readonly _tag: "Terminate" }
  | { readonly _tag: "HangUpIfIdle" }
  | { readonly _tag: "Tick" }

export type Output =
  | { readonly _tag: "Close"; readonly id: number; readonly reason: CloseReason }
  /** Pass `terminate` or `hangUpIfIdle` on to the listener. */
  | { readonly _tag: "Terminate"; readonly id: number }
  | { readonly _tag: "HangUpIfIdle"; readonly id: number }
  /** The session is over. */
  | { readonly _tag: "Over"; readonly because: EndReason }

export const initial = (policy: Policy, now: Millis): State => ({
  policy,
  attachments: [],
  everAttached: false,
  attached: false,
  since: now,
  leaving: false,
  over: false
})

type Step = readonly [State, ReadonlyArray<Output>]

const step = (state: State, input: Input, now: Millis): Step => {
  if (state.over) return [state, []]
  switch (input._tag) {
    case "Admitted":
      return admit(state, input.id)
    case "Connected":
      return connect(state, input.id, input.from, now)
    case "Detach":
      return phaseOf(state, input.id) === "Closing" ? [state, []] : close(state, [input.id], { _tag: "Detached" }, now)
    case "Ended":
      return ended(state, input.id, input.because, now)
    case "ProgramEnded":
      return state.attachments.length === 0 ? over(state, "ProgramEnded") : [state, []]
    case "Terminate":
      return state.attachments.length === 0
        ? over(state, "Terminated")
        : [state, state.attachments.map(({ id }) => ({ _tag: "Terminate", id }))]
    case "HangUpIfIdle":
      if (state.attachments.length > 0) {
        return [state, state.attachments.map(({ id }) => ({ _tag: "HangUpIfIdle", id }))]
      }
      return now - state.since >= state.policy.signal ? over(state, "HungUp") : [state, []]
    case "Tick":
      return now < deadline(state) ? [state, []] : over(state, "ClientSilent")
  }
}

const deadline = ({ attachments, over, policy, since }: State): Millis =>
  over || attachments.length > 0 ? Infinity : since + policy.network

const phaseOf = (state: State, id: number): Phase | undefined => state.attachments.find((one) => one.id === id)?.phase

const admit = (state: State, id: number): Step => {
  if (phaseOf(state, id) !== undefined) return [state, []]
  const pending = state.attachments.filter(({ phase }) => phase === "Pending")
  const surplus = pending.slice(0, Math.max(0, pending.length + 1 - MAX_PENDING))
  const [next, outputs] = close(
    state,
    surplus.map((one) => one.id),
    { _tag: "Detached" },
    state.since
  )
  return [{ ...next, attachments: [...next.attachments, { id, phase: "Pending" }] }, outputs]
}

const connect = (state: State, id: number, from: string, now: Millis): Step => {
  if (phaseOf(state, id) !== "Pending") return [state, []]
  const attachments = state.attachments.map((one): Attachment => (one.id === id ? { id, phase: "Attached" } : one))
  const earlier = attachments.slice(
    0,
    attachments.findIndex((one) => one.id === id)
  )
  const others = earlier.filter(({ phase }) => phase !== "Closing").map((one) => one.id)
  const [next, outputs] = close({ ...state, attachments }, others, { _tag: "TakenOver", from }, now)
  return [{ ...next, everAttached: true, attached: true, since: now, leaving: false }, outputs]
}

const close = (state: State, ids: ReadonlyArray<number>, reason: CloseReason, now: Millis): Step => {
  const attachments = state.attachments.map((one): Attachment =>
    ids.includes(one.id) ? { id: one.id, phase: "Closing" } : one
  )
  return [
    settle({ ...state, attachments }, now),
    state.attachments.filter(({ id }) => ids.includes(id)).map(({ id }) => ({ _tag: "Close", id, reason }))
  ]
}

/** Notes since when the session has no client. */
const settle = (state: State, now: Millis): State => {
  const attached = state.attachments.some(({ phase }) => phase === "Attached")
  return attached === state.attached ? state : { ...state, attached, since: now }
}

const ended = (state: State, id: number, because: EndReason, now: Millis): Step => {
  const phase = phaseOf(state, id)
  if (phase === undefined) return [state, []]
  const rest = settle({ ...state, attachments: state.attachments.filter((one) => one.id !== id) }, now)
  const isLast = rest.attachments.every((one) => one.phase === "Closing")
  const stays = staysAfter(rest, phase, because)
  const leaving = rest.leaving || (because === "ClientLeft" && phase === "Attached" && !rest.policy.persistent)
  return isLast && !stays ? over(rest, rest.leaving ? "ClientLeft" : because) : [{ ...rest, leaving }, []]
}

/** Whether the session continues without an attachment that ended, if that was the last. */
const staysAfter = (state: State, phase: Phase, because: EndReason): boolean => {
  switch (because) {
    case "Detached":
    case "TakenOver":
      return !state.leaving
    case "NoClient":
      return state.everAttached && !state.leaving
    case "ClientLeft":
      return phase === "Closing" || state.policy.persistent
    default:
      return false
  }
}

const over = (state: State, because: EndReason): Step => [{ ...state, over: true }, [{ _tag: "Over", because }]]

export const machine: Machine<State, Input, Output> = { step, deadline }
