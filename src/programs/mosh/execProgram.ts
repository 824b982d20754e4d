/**
 * Runs another program in place of `mosh`.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Os from "node:os"
import type { Environment } from "../../domain/environment/Locale.ts"
import { replaceProcess } from "./replaceProcess.ts"

/** The system did not start the program; `reason` is the system's error message. */
export class ProgramNotStarted extends Data.TaggedError("ProgramNotStarted")<{
  readonly program: string
  readonly reason: string
}> {
  override get message() {
    return `${this.program} could not be started: ${this.reason}`
  }
}

/**
 * Replaces this process with the program `words[0]`, found on the environment's `PATH`, and does not return. Where the
 * platform cannot replace a process, runs the program as a child with our terminal, forwards signals to it, and succeeds
 * with its exit status: 128 and the signal's number if a signal ended it.
 */
export const run = (words: ReadonlyArray<string>, environment: Environment): Effect.Effect<number, ProgramNotStarted> =>
  Effect.callback<void>((resume) => replaceProcess(words, environment, () => resume(Effect.void))).pipe(
    Effect.andThen(runChild(words, environment))
  )

const runChild = (words: ReadonlyArray<string>, environment: Environment): Effect.Effect<number, ProgramNotStarted> =>
  Effect.callback<number, ProgramNotStarted>((resume) => {
    const [program = "", ...parameters] = words
    // Registered before the child exists: a signal in between must not end this process and leave the child.
    const forward = (signal: NodeJS.Signals) => child.kill(signal)
    for (const signal of FORWARDED) process.on(signal, forward)
    const child = ChildProcess.spawn(program, parameters, { stdio: "inherit", env: environment })
    child.on("error", (error) => resume(Effect.fail(new ProgramNotStarted({ program, reason: error.message }))))
    child.on("exit", (code, signal) => {
      resume(Effect.succeed(code ?? 128 + (signal === null ? 0 : Os.constants.signals[signal])))
    })
  })

const FORWARDED: ReadonlyArray<NodeJS.Signals> = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"]
