/**
 * The client of `mosh --client=PATH`: another program, called as stock mosh calls `mosh-client` (spec 1.2).
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import type { ServerEndpoint } from "../../domain/bootstrap/BootstrapTranscript.ts"
import type { Environment } from "../../domain/environment/Locale.ts"
import type { SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import * as ExecProgram from "./execProgram.ts"

/** The client could not be started, or failed. */
export class ClientFailed extends Data.TaggedError("ClientFailed")<{
  readonly client: string
  readonly reason: string
}> {
  override get message() {
    return `the client ${this.client} cannot be used: ${this.reason}.`
  }
}

/** How many colours the terminal shows, according to the client; 0 when it prints no number. */
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

/** Replaces this process with the client, as `ExecProgram.run` does. */
export const run = (client: string, session: Session): Effect.Effect<number, ClientFailed> => {
  const { address, port } = session.server
  const words = [client, `-# ${process.argv.slice(2).join(" ")} |`, address, String(port)]
  return ExecProgram.run(words, clientEnvironment(session)).pipe(
    Effect.mapError(({ reason }) => new ClientFailed({ client, reason }))
  )
}

const clientEnvironment = ({ environment, request, server }: Session): Record<string, string | undefined> => ({
  ...environment,
  MOSH_KEY: server.key,
  MOSH_PREDICTION_DISPLAY: request.prediction,
  ...(request.predictOverwrite ? { MOSH_PREDICTION_OVERWRITE: "yes" } : {}),
  ...(request.initTerminal ? {} : { MOSH_NO_TERM_INIT: "1" }),
  ...(request.scrollback === undefined ? {} : { MOSH_SCROLLBACK: request.scrollback })
})
