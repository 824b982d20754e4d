/**
 * The log line that reports why a session ended.
 */
import type { Millis } from "../Machine.ts"
import { explain, type EndReason } from "./Lifetime.ts"
import { duration } from "../registry/SessionTable.ts"

/** How long a session lasted, and how its program ended. */
export interface Ending {
  /** How long the session lasted, ms. */
  readonly age: Millis
  /** How the program ended; `undefined` if it had not. */
  readonly end:
    | { readonly _tag: "Exited"; readonly exit: { readonly code: number; readonly signal: number } }
    | { readonly _tag: "Finished" }
    | { readonly _tag: "NotStarted"; readonly error: { readonly message: string } }
    | undefined
}

/** The line for the log, without a line end: how long the session lasted, why it ended, and how its program ended. */
export const line = (reason: EndReason, ending: Ending): string =>
  `the session ended after ${duration(ending.age)}: ${explain(reason)}${programEnd(ending.end)}`

const programEnd = (end: Ending["end"]): string => {
  if (end === undefined || end._tag === "Finished") return ""
  if (end._tag === "NotStarted") return `; it could not be started: ${end.error.message}`
  return end.exit.signal > 0 ? ` by signal ${end.exit.signal}` : ` with status ${end.exit.code}`
}
