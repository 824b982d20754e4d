/**
 * Decides which attachments a session has, whose size its screen has, which attachments end, and when the session itself ends.
 *
 * An attachment is one listener of the session, with its own port and key, and its client. A new one is pending until its
 * client connects. If it takes over, all earlier ones are closed then. Later ones stay: their clients are on the way. A client
 * that never connects replaces no other. Viewers have no effect on the session: they neither type nor set its size, and do not
 * keep it running.
 */
import type { Machine, Millis } from "../Machine.ts"
import type { EndReason } from "./Lifetime.ts"
import * as SizeLeader from "./SizeLeader.ts"

/** How many attachments may wait for their client; a further one closes the oldest of them. */
export const MAX_PENDING = 4

/** How many clients a session has at most; a further one takes the place of the one that was admitted first. */
export const MAX_ATTACHED = 16

/** When a session ends. */
export interface Policy {
  /** Whether the session keeps running after its client left. Without it, only a detach keeps it. */
  readonly persistent: boolean
  /** How long the session runs without any attachment, ms; `Infinity` for no limit. */
  readonly network: Millis
  /** `HangUpIfIdle` ends a session without attachments only if it had none for this long, ms. */
  readonly signal: Millis
}

/** What a client may do. */
export type Mode =
  /** It types, and when it connects, it replaces the clients that were admitted before. */
  | "TakeOver"
  /** It types, beside the others. */
  | "Share"
  /** It watches, beside the others. */
  | "View"

export type Phase =
  /** Its client has not connected yet. */
  | "Pending"
  /** Its client has connected. */
  | "Attached"
  /** It was closed, and waits for its client's acknowledgement. Nothing its client sends has an effect. */
  | "Closing"

export interface Attachment {
  readonly id: number
  readonly mode: Mode
  readonly phase: Phase
  /** Its turn to lead, the latest of all attachments when it typed last; 0 before its first. */
  readonly turn: number
}

export interface State {
  readonly policy: Policy
  /** In the order of their admission. */
  readonly attachments: ReadonlyArray<Attachment>
  /** The attachment whose client's size the screen has; `undefined` until one connects. */
  readonly leader: number | undefined
  /** Whether any client ever connected that may type. */
  readonly everAttached: boolean
  /** Whether the session has a client, and since when. */
  readonly attached: boolean
  readonly since: Millis
  /** Whether the last client left and the session ends unless a pending client connects. */
  readonly leaving: boolean
  /** Why the session ends as soon as its viewers have ended; `undefined` while it does not. */
  readonly ending: EndReason | undefined
  readonly over: boolean
}

/** Why an attachment is closed. */
export type CloseReason =
  /** Its client asked to detach, or the application closed it. */
  | { readonly _tag: "Detached" }
  /** Another client took over; `from` is that client's address. */
  | { readonly _tag: "TakenOver"; readonly from: string }
  /** It is a viewer, and the session ends because its last other client left. */
  | { readonly _tag: "ClientLeft" }

export type Input =
  /** A listener is about to be made. */
  | { readonly _tag: "Admitted"; readonly id: number; readonly mode: Mode }
  /** The listener could not be made. */
  | { readonly _tag: "Failed"; readonly id: number }
  /** The first state of its client arrived, from this address. */
  | { readonly _tag: "Connected"; readonly id: number; readonly from: string }
  /** Its user typed. */
  | { readonly _tag: "Typed"; readonly id: number }
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
  /** Give the screen the size of this client. */
  | { readonly _tag: "Lead"; readonly id: number }
  /** Pass `terminate` or `hangUpIfIdle` on to the listener. */
  | { readonly _tag: "Terminate"; readonly id: number }
  | { readonly _tag: "HangUpIfIdle"; readonly id: number }
  /** The session is over. */
  | { readonly _tag: "Over"; readonly because: EndReason }

export const initial = (policy: Policy, now: Millis): State => ({
  policy,
  attachments: [],
  leader: undefined,
  everAttached: false,
  attached: false,
  since: now,
  leaving: false,
  ending: undefined,
  over: false
})

type Step = readonly [State, ReadonlyArray<Output>]

const step = (state: State, input: Input, now: Millis): Step => {
  if (state.over) return [state, []]
  switch (input._tag) {
    case "Admitted":
      return admit(state, input, now)
    case "Failed":
      return failed(state, input.id, now)
    case "Connected":
      return connect(state, input.id, input.from, now)
    case "Typed":
      return lead(state, SizeLeader.typed(state, input.id))
    case "Detach":
      return find(state, input.id)?.phase === "Closing" ? [state, []] : close(state, [input.id], DETACHED, now)
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

const DETACHED: CloseReason = { _tag: "Detached" }
const CLIENT_LEFT: CloseReason = { _tag: "ClientLeft" }

const find = (state: State, id: number): Attachment | undefined => state.attachments.find((one) => one.id === id)

const isTypist = ({ mode, phase }: Attachment): boolean => mode !== "View" && phase !== "Closing"

const admit = (state: State, { id, mode }: { readonly id: number; readonly mode: Mode }, now: Millis): Step => {
  if (find(state, id) !== undefined) return [state, []]
  const added: State = { ...state, attachments: [...state.attachments, { id, mode, phase: "Pending", turn: 0 }] }
  if (state.ending !== undefined) return close(added, [id], CLIENT_LEFT, now)
  const pending = added.attachments.filter(({ phase }) => phase === "Pending")
  return close(added, firstOf(pending, pending.length - MAX_PENDING), DETACHED, now)
}

const firstOf = (attachments: ReadonlyArray<Attachment>, count: number): ReadonlyArray<number> =>
  attachments.slice(0, Math.max(0, count)).map(({ id }) => id)

/** A session that waited for this attachment only, because its client has left, ends. */
const failed = (state: State, id: number, now: Millis): Step => {
  const [rest, outputs] = settle(without(state, id), now)
  return rest.leaving && !rest.attachments.some(isTypist) ? finish(rest, "ClientLeft", now) : [rest, outputs]
}

const connect = (state: State, id: number, from: string, now: Millis): Step => {
  const pending = find(state, id)
  if (pending?.phase !== "Pending") return [state, []]
  const attachments = state.attachments.map((one): Attachment => (one.id === id ? { ...one, phase: "Attached" } : one))
  const before = attachments.slice(
    0,
    attachments.findIndex((one) => one.id === id)
  )
  const present = attachments.filter(({ phase }) => phase === "Attached")
  const others =
    pending.mode === "TakeOver"
      ? before.filter(({ phase }) => phase !== "Closing").map((one) => one.id)
      : firstOf(
          present.filter((one) => one.id !== id),
          present.length - MAX_ATTACHED
        )
  const isTyping = pending.mode !== "View"
  const connected: State = {
    ...state,
    attachments,
    everAttached: state.everAttached || isTyping,
    attached: true,
    since: state.attached && pending.mode !== "TakeOver" ? state.since : now,
    leaving: state.leaving && !isTyping
  }
  const [next, outputs] = close(connected, others, { _tag: "TakenOver", from }, now)
  const [led, leading] = lead(next, SizeLeader.next(next))
  return [led, [...outputs, ...leading]]
}

/** Makes an attachment the leader. */
const lead = (state: State, by: SizeLeader.Leading): Step => [
  { ...state, ...by },
  by.leader === state.leader || by.leader === undefined ? [] : [{ _tag: "Lead", id: by.leader }]
]

const close = (state: State, ids: ReadonlyArray<number>, reason: CloseReason, now: Millis): Step => {
  const closing = state.attachments.filter(({ id }) => ids.includes(id))
  if (closing.length === 0) return [state, []]
  const attachments = state.attachments.map((one): Attachment =>
    closing.includes(one) ? { ...one, phase: "Closing" } : one
  )
  const [settled, outputs] = settle({ ...state, attachments }, now)
  return [settled, [...closing.map(({ id }): Output => ({ _tag: "Close", id, reason })), ...outputs]]
}

/** Notes since when the session has no client, and who leads without those that left. */
const settle = (state: State, now: Millis): Step => {
  const attached = state.attachments.some(({ phase }) => phase === "Attached")
  return lead(attached === state.attached ? state : { ...state, attached, since: now }, SizeLeader.next(state))
}

const without = (state: State, id: number): State => ({
  ...state,
  attachments: state.attachments.filter((one) => one.id !== id)
})

const ended = (state: State, id: number, because: EndReason, now: Millis): Step => {
  const gone = find(state, id)
  if (gone === undefined) return [state, []]
  const [rest, outputs] = settle(without(state, id), now)
  if (rest.ending !== undefined) return finish(rest, rest.ending, now)
  const hasLeft = because === "ClientLeft" && isTypist(gone) && gone.phase === "Attached" && !rest.policy.persistent
  const others = rest.attachments.filter(isTypist)
  const leaving = rest.leaving || (hasLeft && !others.some(({ phase }) => phase === "Attached"))
  if (others.length > 0 || staysAfter(rest, gone, because)) return [{ ...rest, leaving }, outputs]
  return finish(rest, rest.leaving ? "ClientLeft" : because, now)
}

/** Whether the session continues without an attachment that ended, if that was the last one that may type. */
const staysAfter = (state: State, { mode, phase }: Attachment, because: EndReason): boolean => {
  switch (because) {
    case "Detached":
    case "TakenOver":
      return !state.leaving
    case "NoClient":
      return (state.everAttached || mode === "View") && !state.leaving
    case "ClientLeft":
      return phase === "Closing" || mode === "View" || state.policy.persistent
    default:
      return mode === "View" && state.attachments.some((one) => one.phase !== "Closing")
  }
}

/** Reports the end to the viewers, and ends the session when they have acknowledged it; without viewers, at once. */
const finish = (state: State, because: EndReason, now: Millis): Step => {
  const viewers = state.attachments.filter(({ phase }) => phase !== "Closing").map(({ id }) => id)
  if (viewers.length === 0 && (state.ending === undefined || state.attachments.length === 0))
    return over(state, because)
  const ending: State = { ...state, ending: because }
  // These ends reach every client by themselves.
  return because === "ProgramEnded" || because === "Terminated"
    ? [ending, []]
    : close(ending, viewers, CLIENT_LEFT, now)
}

const over = (state: State, because: EndReason): Step => [{ ...state, over: true }, [{ _tag: "Over", because }]]

export const machine: Machine<State, Input, Output> = { step, deadline }
