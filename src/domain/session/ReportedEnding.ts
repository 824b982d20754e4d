/**
 * What a server reports to its client about the end of a session, with the last screen.
 */
import * as Exit from "effect/Exit"
import type { SessionEnding } from "../wire/SessionEnding.ts"
import type { EndReason } from "./Lifetime.ts"

/** How the program of a session ended. */
export type ProgramEnd =
  | { readonly _tag: "Exited"; readonly exit: { readonly code: number; readonly signal: number } }
  | { readonly _tag: "Finished"; readonly exit: Exit.Exit<unknown, unknown> }
  | { readonly _tag: "NotStarted" }

/** How the session's program ended. */
export const ofProgram = (end: ProgramEnd): SessionEnding => {
  const isKilled = end._tag === "Exited" && end.exit.signal > 0
  const why = isKilled ? "ProgramKilled" : end._tag === "NotStarted" ? "ProgramNotStarted" : "ProgramEnded"
  return { why, status: exitStatus(end) }
}

/** The exit status as a shell reports it: 128 + N after signal N, 127 for a program that could not be started. */
const exitStatus = (end: ProgramEnd): number => {
  switch (end._tag) {
    case "Exited":
      return (end.exit.signal === 0 ? end.exit.code : 128 + end.exit.signal) & 0xff
    case "Finished":
      return Exit.isSuccess(end.exit) ? 0 : 1
    case "NotStarted":
      return 127
  }
}

/** A transport that is closed while its session continues. */
export interface Closed {
  /** The address of the client that took over. */
  readonly by: string | undefined
  /** What the session is called, see `ListenOptions.name`. */
  readonly name: string | undefined
}

/**
 * The reason why a transport shuts down; `undefined` if the client learns that otherwise. `program`: how the session's program
 * ended, if it has. `closed`: `undefined` if the session ends.
 */
export const ofTransport = (
  reason: EndReason,
  program: SessionEnding | undefined,
  closed: Closed | undefined
): SessionEnding | undefined => {
  const why = REPORTED.get(reason)
  if (why === undefined) return undefined
  return {
    why,
    status: program?.status,
    ...(closed?.by !== undefined && { from: closed.by }),
    // The session of a viewer ends with its last other client, and cannot be attached to again.
    ...(closed?.name !== undefined && why !== "ClientLeft" && { session: closed.name })
  }
}

/** The reasons that are reported, in the words of the wire. */
const REPORTED: ReadonlyMap<EndReason, SessionEnding["why"]> = new Map([
  ["Terminated", "Terminated"],
  ["HungUp", "HungUp"],
  ["ClientSilent", "ClientSilent"],
  ["Detached", "Detached"],
  ["TakenOver", "TakenOver"],
  ["ClientLeft", "ClientLeft"]
] as const)
