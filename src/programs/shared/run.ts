/**
 * Runs a program's effect to its exit code, and ends the process with it.
 *
 * Effect's `runMain` answers SIGINT and SIGTERM by interrupting the program. A session must instead
 * shut down over the network, which takes time: it handles signals itself, and so is not interruptible.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Os from "node:os"

/** `onDefect` reports an internal error in one line, and returns the exit status. */
export const run = (effect: Effect.Effect<number>, onDefect: (message: string) => number): void => {
  const reported = Effect.catchCause(effect, (cause) => {
    const error = Cause.squash(cause)
    return Effect.sync(() => onDefect(error instanceof Error ? error.message : String(error)))
  })
  // Not left to end by itself: standard input would keep the process alive.
  const main = Effect.flatMap(reported, (code) => Effect.sync(() => process.exit(code)))
  NodeRuntime.runMain(Effect.uninterruptible(main), { disableErrorReporting: true })
}

/** Lets signals end a program at once, if it has nothing to shut down. */
export const endOnSignals = (): void => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(128 + Os.constants.signals[signal]))
  }
}
