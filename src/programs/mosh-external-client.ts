/**
 * The client of `mosh --client=PATH`: a program of its own, called as stock mosh calls `mosh-client` (spec 1.2).
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as ChildProcess from "node:child_process"
import * as Os from "node:os"
import type { ServerEndpoint } from "../domain/bootstrap/BootstrapTranscript.ts"
import type { SessionRequest } from "../domain/bootstrap/WrapperArguments.ts"

/** How many colours the terminal shows, in the client's opinion: 0 when it names no number. */
export const colors = (client: string): Result.Result<number, string> => {
  const asked = ChildProcess.spawnSync(client, ["-c"], { encoding: "utf8", stdio: ["inherit", "pipe", "inherit"] })
  if (asked.error !== undefined) return Result.fail(`The client ${client} cannot be run: ${asked.error.message}.`)
  if (asked.status !== 0) return Result.fail(`The client ${client} refused to start (exit status ${asked.status ?? "unknown"}).`)
  const text = asked.stdout.trim()
  return Result.succeed(/^\d+$/.test(text) ? Number(text) : 0)
}

/** Runs it in our place: with our terminal, what is sent to us, and its exit status for ours. */
export const run = (client: string, request: SessionRequest, server: ServerEndpoint): Effect.Effect<number, string> =>
  Effect.callback<number, string>((resume) => {
    const child = ChildProcess.spawn(
      client,
      [`-# ${process.argv.slice(2).join(" ")} |`, server.address, String(server.port)],
      { stdio: "inherit", env: environment(request, server) }
    )
    const forward = (signal: NodeJS.Signals) => child.kill(signal)
    for (const signal of FORWARDED) process.on(signal, forward)
    child.on("error", (error) => resume(Effect.fail(`The client ${client} cannot be run: ${error.message}.`)))
    child.on("exit", (code, signal) => {
      for (const forwarded of FORWARDED) process.removeListener(forwarded, forward)
      resume(Effect.succeed(code ?? 128 + (signal === null ? 0 : Os.constants.signals[signal])))
    })
  })

const FORWARDED: ReadonlyArray<NodeJS.Signals> = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"]

const environment = (request: SessionRequest, server: ServerEndpoint): NodeJS.ProcessEnv => ({
  ...process.env,
  MOSH_KEY: server.key,
  MOSH_PREDICTION_DISPLAY: request.prediction,
  ...(request.predictOverwrite ? { MOSH_PREDICTION_OVERWRITE: "yes" } : {}),
  ...(request.initTerminal ? {} : { MOSH_NO_TERM_INIT: "1" })
})
