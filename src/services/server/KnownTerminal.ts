/**
 * Passes on what is known of the client's terminal. If a client has announced a report, replies that depend on it wait for it.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { TerminalReport } from "../../domain/terminal/TerminalReport.ts"
import { Timers } from "../runtime/Timer.ts"
import type { TerminalKnowledge } from "./Emulator.ts"

/** How long replies wait for the report of a client's terminal, ms. */
const PATIENCE = 1000

export interface KnownTerminal {
  /** A client will report its terminal soon. Has no effect after the first time, and after a report. */
  readonly expect: () => void
  /** The terminal of a client. */
  readonly report: (report: TerminalReport) => void
}

/** `know` gets each change. It must not throw. */
export const make = Effect.fnUntraced(function* (
  know: (terminal: TerminalKnowledge) => void
): Effect.fn.Return<KnownTerminal, never, Scope.Scope> {
  let isExpected = false
  let isReported = false
  const patience = yield* (yield* Timers).make(() => {
    if (!isReported) know("Unknown")
  })
  return {
    expect: () => {
      if (isExpected || isReported) return
      isExpected = true
      know("Expected")
      patience.arm(PATIENCE)
    },
    report: (report) => {
      isReported = true
      know(report)
    }
  }
})
