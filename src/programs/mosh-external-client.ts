/**
 * The client of `mosh --client=PATH`: a program of its own, called as stock mosh calls `mosh-client` (spec 1.2).
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Os from "node:os"
import type { ServerEndpoint } from "../domain/bootstrap/BootstrapTranscript.ts"
import type { Environment } from "../domain/bootstrap/Locale.ts"
import type { SessionRequest } from "../domain/bootstrap/WrapperArguments.ts"

/** The client could not be run, or would not. */
export class ClientFailed extends Data.TaggedError("ClientFailed")<{
  readonly client: string
  readonly reason: string
}> {
  override get message() {
    return `the client ${this.client} cannot be used: ${this.reason}.`
  }
}

/** How many colours the terminal shows, in the client's opinion: 0 when it names no number. */
export const colors = Effect.fnUntraced(function* (client: string) {
  const asked = ChildProcess.spawnSync(client, ["-c"], { encoding: "utf8", stdio: ["inherit", "pipe", "inherit"] })
  if (asked.error !== undefined) return yield* new ClientFailed({ client, reason: asked.error.message })
  if (asked.status !== 0) {
    return yield* new ClientFailed({ client, reason: `it ended with exit status ${asked.status ?? "unknown"}` })
  }
  const text = asked.stdout.trim()
  return /^\d+$/.test(text) ? Number(text) : 0
})

export interface Session {
  readonly request: SessionRequest
  readonly server: ServerEndpoint
  readonly environment: Environment
}

/** Runs it in our place: with our terminal, with the signals that are sent to us, and with its exit status for ours. */
export const run = (client: string, session: Session): Effect.Effect<number, ClientFailed> =>
  Effect.callback<number, ClientFailed>((resume) => {
    const { address, port } = session.server
    // Before there is somebody to send them to: none may end this process and leave that one.
    const forward = (signal: NodeJS.Signals) => child.kill(signal)
    for (const signal of FORWARDED) process.on(signal, forward)
    const child = ChildProcess.spawn(client, [`-# ${process.argv.slice(2).join(" ")} |`, address, String(port)], {
      stdio: "inherit",
      env: clientEnvironment(session)
    })
    child.on("error", (error) => resume(Effect.fail(new ClientFailed({ client, reason: error.message }))))
    child.on("exit", (code, signal) => {
      resume(Effect.succeed(code ?? 128 + (signal === null ? 0 : Os.constants.signals[signal])))
    })
  })

const FORWARDED: ReadonlyArray<NodeJS.Signals> = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"]

const clientEnvironment = ({ environment, request, server }: Session): Record<string, string | undefined> => ({
  ...environment,
  MOSH_KEY: server.key,
  MOSH_PREDICTION_DISPLAY: request.prediction,
  ...(request.predictOverwrite ? { MOSH_PREDICTION_OVERWRITE: "yes" } : {}),
  ...(request.initTerminal ? {} : { MOSH_NO_TERM_INIT: "1" })
})
