/**
 * Another program in the place of `mosh`: with our terminal, with the signals that are sent to us, and with its exit
 * status for ours.
 */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Os from "node:os"
import type { Environment } from "../../domain/environment/Locale.ts"

/** Runs it to its end. Fails with the system's words when it cannot be started. */
export const run = (words: ReadonlyArray<string>, environment: Environment): Effect.Effect<number, string> =>
  Effect.callback<number, string>((resume) => {
    const [program = "", ...parameters] = words
    // Before there is somebody to send them to: none may end this process and leave that one.
    const forward = (signal: NodeJS.Signals) => child.kill(signal)
    for (const signal of FORWARDED) process.on(signal, forward)
    const child = ChildProcess.spawn(program, parameters, { stdio: "inherit", env: environment })
    child.on("error", (error) => resume(Effect.fail(error.message)))
    child.on("exit", (code, signal) => {
      resume(Effect.succeed(code ?? 128 + (signal === null ? 0 : Os.constants.signals[signal])))
    })
  })

const FORWARDED: ReadonlyArray<NodeJS.Signals> = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"]
