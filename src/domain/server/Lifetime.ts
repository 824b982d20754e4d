/**
 * How long a server lives: what ends it, and how (spec 1.9).
 */
import type { Machine, Millis } from "../Machine.ts"

/** How long a server waits for its first client, ms. */
export const FIRST_CONTACT = 60_000

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
  readonly phase: Phase
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

export type Why = "NoClient" | "Terminated" | "Ended"

export const initial = (limits: Limits, now: Millis): State => ({
  limits,
  started: now,
  heard: undefined,
  phase: "Running"
})

const step = (state: State, input: Input, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  if (state.phase === "Over") return [state, []]
  switch (input._tag) {
    case "Heard":
      return [{ ...state, heard: now }, []]
    case "ProgramEnded":
      return shutdown(state)
    case "Terminate":
      return state.phase === "Running" && input.attached ? shutdown(state) : exit(state, "Terminated")
    case "HangupIdle":
      return now - (state.heard ?? state.started) >= state.limits.signal ? shutdown(state) : [state, []]
    case "TransportEnded":
      return exit(state, "Ended")
    case "Tick":
      if (state.phase !== "Running" || now < deadline(state)) return [state, []]
      return state.heard === undefined ? exit(state, "NoClient") : shutdown(state)
  }
}

const deadline = (state: State): Millis => {
  if (state.phase !== "Running") return Infinity
  return state.heard === undefined ? state.started + FIRST_CONTACT : state.heard + state.limits.network
}

const shutdown = (state: State): readonly [State, ReadonlyArray<Output>] =>
  state.phase === "Running" ? [{ ...state, phase: "ShuttingDown" }, [{ _tag: "Shutdown" }]] : [state, []]

const exit = (state: State, why: Why): readonly [State, ReadonlyArray<Output>] => [
  { ...state, phase: "Over" },
  [{ _tag: "Exit", why }]
]

export const machine: Machine<State, Input, Output> = { step, deadline }

/**
 * Reads a limit from the environment: a whole number of seconds, `undefined` or 0 for none. A failure is a line that says
 * the value is ignored.
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
  return { milliseconds: seconds === 0 ? undefined : seconds * 1000, warning: undefined }
}
