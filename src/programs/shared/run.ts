/**
 * Runs a program's effect to its exit code, and ends the process with it.
 *
 * Effect's `runMain` answers SIGINT and SIGTERM by interrupting the program. A session rather takes its leave, which needs
 * the network and some time: it answers signals itself, and so is not interruptible.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Os from "node:os"

/** `onDefect` tells a person, in a line, of what should not have happened, and chooses the exit code. */
export const run = (effect: Effect.Effect<number>, onDefect: (message: string) => number): void => {
  const told = Effect.catchCause(effect, (cause) => {
    const error = Cause.squash(cause)
    return Effect.sync(() => onDefect(error instanceof Error ? error.message : String(error)))
  })
  // Not left to end by itself: standard input would keep the process alive.
  const main = Effect.flatMap(told, (code) => Effect.sync(() => process.exit(code)))
  NodeRuntime.runMain(Effect.uninterruptible(main), { disableErrorReporting: true })
}

/** For a program that has no leave to take: a signal ends it, as it ends most. */
export const endOnSignals = (): void => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(128 + Os.constants.signals[signal]))
  }
}
