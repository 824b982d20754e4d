/**
 * The line that says why a session ended.
 */
import type { Millis } from "../Machine.ts"
import { explain, type Why } from "./Lifetime.ts"
import { duration } from "./SessionTable.ts"

export interface Ending {
  /** How long the session lasted, ms. */
  readonly age: Millis
  /** How its program ended, if it did. */
  readonly end:
    | { readonly _tag: "Exited"; readonly exit: { readonly code: number; readonly signal: number } }
    | { readonly _tag: "Finished" }
    | { readonly _tag: "NotStarted"; readonly error: { readonly message: string } }
    | { readonly _tag: "Finished" }
    | undefined
}

export const line = (why: Why, ending: Ending): string =>
  `the session ended after ${duration(ending.age)}: ${explain(why)}${how(ending.end)}`

const how = (end: Ending["end"]): string => {
  if (end === undefined || end._tag === "Finished") return ""
  if (end._tag === "NotStarted") return `, for it could not be started: ${end.error.message}`
  return end.exit.signal > 0 ? ` by signal ${end.exit.signal}` : ` with status ${end.exit.code}`
}
