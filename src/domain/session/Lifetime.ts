/**
 * How long a server lives: what ends it, and how (spec 1.9).
 */
import type { Machine, Millis } from "../Machine.ts"

/** How long a server waits for its first client, ms. */
export const FIRST_CONTACT = 60_000

/** How long a session waits for its client when `MOSH_SERVER_NETWORK_TMOUT` does not say, ms: 30 days. Stock waits for ever. */
export const DEFAULT_NETWORK = 30 * 86_400_000

/**
 * How long a session must have been awake, hearing nothing, before it gives up on its client, ms; half the limit where
 * that is less. Whatever a client sent while this machine slept, or sends when it wakes itself, arrives within that.
 */
export const LAST_LOOK = 30_000

/** How long a session goes on without its client. */
export interface Limits {
  /** Without new input or heartbeat from a client for so long, the session ends, ms; `Infinity` to wait for ever. */
  readonly network: Millis
  /** `HangupIdle` ends the session only after so long without a client, ms. */
  readonly signal: Millis
}

export interface State {
  readonly limits: Limits
  readonly started: Millis
  /** When the newest client state arrived. */
  readonly heard: Millis | undefined
  /** Since when the last look for a silent client goes on. */
  readonly looking: Millis | undefined
  readonly phase: Phase
  /** Why the shutdown began. */
  readonly because: Why | undefined
}

export type Phase = "Running" | "ShuttingDown" | "Over"

export type Input =
  /** A new client state arrived. */
  | { readonly _tag: "Heard" }
  /** The program ended. */
  | { readonly _tag: "ProgramEnded" }
  /** SIGTERM or SIGINT: end. `attached` is whether a client's address is known, so that it can be told. */
  | { readonly _tag: "Terminate"; readonly attached: boolean }
  /** SIGUSR1: end if no client has been heard for `limits.signal`. */
  | { readonly _tag: "HangupIdle" }
  /** The shutdown handshake is through, or a client shut down. */
  | { readonly _tag: "TransportEnded" }
  | { readonly _tag: "Tick" }

export type Output =
  /** Begin the shutdown handshake. */
  | { readonly _tag: "Shutdown" }
  /** Leave now. */
  | { readonly _tag: "Exit"; readonly why: Why }

/**
 * Why a listener ended: no client came within a minute, or `Limits.network` if that is less; its client was not heard for
 * `Limits.network`; its client left; the session's program ended; it was told to, by `terminate`; or by `hangUpIfIdle`.
 */
export type Why = "NoClient" | "ClientSilent" | "ClientLeft" | "ProgramEnded" | "Terminated" | "HungUp"

export const initial = (limits: Limits, now: Millis): State => ({
  limits,
  started: now,
  heard: undefined,
  looking: undefined,
  phase: "Running",
  because: undefined
})

const step = (state: State, input: Input, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  if (state.phase === "Over") return [state, []]
  switch (input._tag) {
    case "Heard":
      return [{ ...state, heard: now, looking: undefined }, []]
    case "ProgramEnded":
      return shutdown(state, "ProgramEnded")
    case "Terminate":
      return state.phase === "Running" && input.attached
        ? shutdown(state, "Terminated")
        : exit(state, state.because ?? "Terminated")
    case "HangupIdle":
      return now - (state.heard ?? state.started) >= state.limits.signal ? shutdown(state, "HungUp") : [state, []]
    case "TransportEnded":
      return exit(state, state.because ?? "ClientLeft")
    case "Tick":
      return now < deadline(state) ? [state, []] : look(state, now)
  }
}

const deadline = (state: State): Millis => {
  if (state.phase !== "Running") return Infinity
  const { end, lastLook } = silence(state)
  return state.looking === undefined ? end - lastLook : Math.max(end, state.looking + lastLook)
}

/** A tick may be late by this, ms, without the machine having slept: it was busy. */
const LATE = 1000

/** When the client will have been silent for too long, and how long before that the last look for it begins. */
const silence = ({ heard, limits, started }: State): { readonly end: Millis; readonly lastLook: Millis } => {
  const limit = heard === undefined ? Math.min(FIRST_CONTACT, limits.network) : limits.network
  // `Infinity` less itself would be no time.
  return { end: (heard ?? started) + limit, lastLook: Math.min(limit / 2, LAST_LOOK) }
}

/**
 * Clocks may run while a machine sleeps, and a machine that wakes finds its clock before its mail. So a session ends only
 * at the end of a look that began and ended when it should.
 */
const look = (state: State, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  const slept = now - deadline(state) >= Math.max(silence(state).lastLook, LATE)
  if (state.looking === undefined || slept) return [{ ...state, looking: now }, []]
  return state.heard === undefined ? exit(state, "NoClient") : shutdown(state, "ClientSilent")
}

const shutdown = (state: State, because: Why): readonly [State, ReadonlyArray<Output>] =>
  state.phase === "Running" ? [{ ...state, phase: "ShuttingDown", because }, [{ _tag: "Shutdown" }]] : [state, []]

const exit = (state: State, why: Why): readonly [State, ReadonlyArray<Output>] => [
  { ...state, phase: "Over" },
  [{ _tag: "Exit", why }]
]

export const machine: Machine<State, Input, Output> = { step, deadline }

/**
 * Reads a limit from the environment: a whole number of seconds. `milliseconds` is `undefined` when there is none, or none
 * that can be used; then `warning`, where there is one, is a line that says the value is ignored.
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

/** The network limit that an environment's value stands for: `undefined` is the default, 0 is for ever. */
export const networkLimit = (read: Millis | undefined): Millis => {
  if (read === undefined) return DEFAULT_NETWORK
  return read === 0 ? Infinity : read
}

/** Why a session ended, to go on after "the session ended: ". */
export const explain = (why: Why): string => EXPLANATIONS[why]

const EXPLANATIONS: Readonly<Record<Why, string>> = {
  NoClient: "no client ever connected",
  ClientSilent: "its client was not heard for longer than MOSH_SERVER_NETWORK_TMOUT allows (30 days, if unset)",
  ClientLeft: "its client left",
  ProgramEnded: "its program ended",
  Terminated: "it was told to, by a signal",
  HungUp: "it was told to, by SIGUSR1"
}
