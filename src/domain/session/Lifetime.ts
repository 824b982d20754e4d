/**
 * Decides when and why a server ends: limits on the client's absence, signals, and the end of the program (spec 1.9).
 */
import type { Machine, Millis } from "../Machine.ts"

/** How long a server waits for its first client, ms. */
export const FIRST_CONTACT = 60_000

/**
 * How long a session waits for its client if `MOSH_SERVER_NETWORK_TMOUT` is not set, ms: 30 days. Stock waits forever.
 */
export const DEFAULT_NETWORK = 30 * 86_400_000

/**
 * Time that must pass without a suspension and without a client state before a session ends because its client is
 * silent, ms; half the limit if that is shorter. States that arrived while this host was suspended, and those that a
 * resuming client sends, are received within this time.
 */
export const GRACE = 30_000

/** How long a session runs without its client. */
export interface Limits {
  /** Time without a new client state after which the session ends, ms; `Infinity` for no limit. */
  readonly network: Millis
  /** `HangupIdle` ends the session only if no new client state arrived for this long, ms. */
  readonly signal: Millis
}

export interface State {
  readonly limits: Limits
  readonly started: Millis
  /** When the newest client state arrived; `undefined` before the first. */
  readonly lastReceived: Millis | undefined
  /** When the grace period before the end began; `undefined` outside of it. */
  readonly graceSince: Millis | undefined
  readonly phase: Phase
  /** Why the shutdown began; `undefined` before it. */
  readonly because: EndReason | undefined
}

export type Phase = "Running" | "ShuttingDown" | "Over"

export type Input =
  /** A new client state arrived. */
  | { readonly _tag: "ClientStateReceived" }
  /** The program ended. */
  | { readonly _tag: "ProgramEnded" }
  /** SIGTERM or SIGINT: end. `attached`: whether a client's address is known, so that it can be notified. */
  | { readonly _tag: "Terminate"; readonly attached: boolean }
  /** The session does without this client, or ends by itself: end. `attached` as in `Terminate`. */
  | { readonly _tag: "Close"; readonly because: CloseReason; readonly attached: boolean }
  /** SIGUSR1: end if no new client state arrived for `limits.signal`. */
  | { readonly _tag: "HangupIdle" }
  /** The shutdown handshake is complete, or the client shut down. */
  | { readonly _tag: "TransportEnded" }
  | { readonly _tag: "Tick" }

/** Why a listener is closed, see `EndReason`. */
export type CloseReason = "ClientLeft" | "Detached" | "TakenOver"

export type Output =
  /** Begin the shutdown handshake with the client. */
  | { readonly _tag: "Shutdown" }
  /** The session is over; release it now. */
  | { readonly _tag: "Exit"; readonly reason: EndReason }

/**
 * Why a listener ended.
 *
 * - `NoClient`: no client connected within a minute, or within `Limits.network` if that is shorter.
 * - `ClientSilent`: no new client state arrived for `Limits.network`.
 * - `ClientLeft`: the client shut down; of a viewer also: the session ended because its last other client left.
 * - `ProgramEnded`: the session's program ended.
 * - `Terminated`: `terminate` was called.
 * - `HungUp`: `hangUpIfIdle` was called.
 * - `Detached`: the client detached, or the listener was closed; the session continues.
 * - `TakenOver`: another client took over the session.
 */
export type EndReason =
  | "NoClient"
  | "ClientSilent"
  | "ClientLeft"
  | "ProgramEnded"
  | "Terminated"
  | "HungUp"
  | "Detached"
  | "TakenOver"

export const initial = (limits: Limits, now: Millis): State => ({
  limits,
  started: now,
  lastReceived: undefined,
  graceSince: undefined,
  phase: "Running",
  because: undefined
})

const step = (state: State, input: Input, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  if (state.phase === "Over") return [state, []]
  switch (input._tag) {
    case "ClientStateReceived":
      return [{ ...state, lastReceived: now, graceSince: undefined }, []]
    case "ProgramEnded":
      return shutdown(state, "ProgramEnded")
    case "Terminate":
      return state.phase === "Running" && input.attached
        ? shutdown(state, "Terminated")
        : exit(state, state.because ?? "Terminated")
    case "Close":
      return state.phase === "Running" && input.attached
        ? shutdown(state, input.because)
        : exit(state, state.because ?? input.because)
    case "HangupIdle":
      return now - (state.lastReceived ?? state.started) >= state.limits.signal
        ? shutdown(state, "HungUp")
        : [state, []]
    case "TransportEnded":
      return exit(state, state.because ?? "ClientLeft")
    case "Tick":
      return now < deadline(state) ? [state, []] : checkSilence(state, now)
  }
}

const deadline = (state: State): Millis => {
  if (state.phase !== "Running") return Infinity
  const { end, grace } = silence(state)
  return state.graceSince === undefined ? end - grace : Math.max(end, state.graceSince + grace)
}

/** A tick that is later than this, ms, shows that the host was suspended; a busy host is less late. */
const MAX_TICK_DELAY = 1000

/** When the client's silence reaches its limit, and the length of the grace period before that. */
const silence = ({ lastReceived, limits, started }: State): { readonly end: Millis; readonly grace: Millis } => {
  const limit = lastReceived === undefined ? Math.min(FIRST_CONTACT, limits.network) : limits.network
  // The difference of two infinities would be NaN.
  return { end: (lastReceived ?? started) + limit, grace: Math.min(limit / 2, GRACE) }
}

/**
 * Ends the session when the grace period has passed. Clocks may run while a host is suspended, and after resume timers
 * fire before queued packets are read. So a grace period counts only if its timer fired on time.
 */
const checkSilence = (state: State, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  const wasSuspended = now - deadline(state) >= Math.max(silence(state).grace, MAX_TICK_DELAY)
  if (state.graceSince === undefined || wasSuspended) return [{ ...state, graceSince: now }, []]
  return state.lastReceived === undefined ? exit(state, "NoClient") : shutdown(state, "ClientSilent")
}

const shutdown = (state: State, because: EndReason): readonly [State, ReadonlyArray<Output>] =>
  state.phase === "Running" ? [{ ...state, phase: "ShuttingDown", because }, [{ _tag: "Shutdown" }]] : [state, []]

const exit = (state: State, reason: EndReason): readonly [State, ReadonlyArray<Output>] => [
  { ...state, phase: "Over" },
  [{ _tag: "Exit", reason }]
]

export const machine: Machine<State, Input, Output> = { step, deadline }

/**
 * Parses an environment variable that holds a whole number of seconds. `milliseconds` is `undefined` if the variable is
 * unset or invalid; if it is invalid, `warning` is a line for the user, in stock's words.
 */
export const readSeconds = (
  variable: string,
  text: string | undefined
): { readonly milliseconds: Millis | undefined; readonly warning: string | undefined } => {
  if (text === undefined || text === "") return { milliseconds: undefined, warning: undefined }
  if (!/^[+-]?\d+$/.test(text)) {
    return { milliseconds: undefined, warning: `${variable} not a valid integer, ignoring` }
  }
  const seconds = Number(text)
  if (seconds < 0) return { milliseconds: undefined, warning: `${variable} is negative, ignoring` }
  return { milliseconds: seconds * 1000, warning: undefined }
}

/** The limit on the client's silence for a parsed setting: the default if it is `undefined`, no limit if it is 0. */
export const networkLimit = (read: Millis | undefined): Millis => {
  if (read === undefined) return DEFAULT_NETWORK
  return read === 0 ? Infinity : read
}

/** The reason as a phrase to follow "the session ended: ". */
export const explain = (reason: EndReason): string => EXPLANATIONS[reason]

const EXPLANATIONS: Readonly<Record<EndReason, string>> = {
  NoClient: "no client ever connected",
  ClientSilent: "its client was not heard for longer than MOSH_SERVER_NETWORK_TMOUT allows (30 days, if unset)",
  ClientLeft: "its client left",
  ProgramEnded: "its program ended",
  Terminated: "a signal ended it",
  HungUp: "SIGUSR1 ended it",
  Detached: "its client detached",
  TakenOver: "another client took over"
}
