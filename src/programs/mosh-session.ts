/**
 * `mosh [user@]host`: start a server there, then be its client, in this very process (spec 1.2).
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import { performance } from "node:perf_hooks"
import * as Tty from "node:tty"
import type { Environment } from "../domain/bootstrap/Locale.ts"
import * as SshCommand from "../domain/bootstrap/SshCommand.ts"
import * as Terminfo from "../domain/bootstrap/Terminfo.ts"
import type { SessionRequest } from "../domain/bootstrap/WrapperArguments.ts"
import { obstacles } from "../domain/client/Requirements.ts"
import * as SessionKey from "../domain/crypto/SessionKey.ts"
import { GIVE_UP } from "../domain/prediction/Notification.ts"
import * as NodeSshBootstrap from "../services/node/NodeSshBootstrap.ts"
import * as NodeTerminfo from "../services/node/NodeTerminfo.ts"
import * as SshBootstrap from "../services/SshBootstrap.ts"
import * as ExternalClient from "./mosh-external-client.ts"
import * as Fallback from "./mosh-fallback.ts"
import * as Progress from "./mosh-progress.ts"
import * as Program from "./run.ts"
import * as Siblings from "./siblings.ts"
import * as Verbose from "./verbose.ts"

/** As ssh's: whatever went wrong, no session was opened. */
const NO_SESSION = 255

/** The session cannot be opened from here; `message` says why, in lines for a person. */
class NotReady extends Data.TaggedError("NotReady")<{ readonly message: string }> {}

/** This process was told to end before there was a session. */
class Signalled extends Data.TaggedError("Signalled")<{ readonly signal: NodeJS.Signals }> {}

/**
 * Opens the session, and ends this process when it has ended. `settings` are what ssh says of its settings, if it has been
 * asked.
 */
export const run = (request: SessionRequest, settings?: Promise<string>): void => {
  const status = session({ request, settings, environment: wrapperEnvironment() }).pipe(
    Effect.catchTag("Signalled", ({ signal }) => Effect.succeed(128 + Os.constants.signals[signal])),
    Effect.catch((error) => Effect.as(say(error.message), NO_SESSION)),
    Effect.provide(NodeSshBootstrap.layer)
  )
  Program.run(status, (message) => {
    process.stderr.write(`mosh: internal error: ${message}\n`)
    return NO_SESSION
  })
}

interface Call {
  readonly request: SessionRequest
  readonly settings: Promise<string> | undefined
  readonly environment: Environment
}

const session = Effect.fnUntraced(function* (call: Call) {
  const { client } = call.request
  return client === undefined ? yield* withOwnClient(call) : yield* withClient(client, call)
})

const withOwnClient = Effect.fnUntraced(function* (call: Call) {
  const { environment, request, settings } = call
  const missing = obstacles(environment, Tty.isatty(1))
  if (missing.length > 0) return yield* new NotReady({ message: missing.join("\n") })
  const verbose = request.verbose === undefined ? undefined : yield* Verbose.open(request.verbose.file)
  const server = yield* startServer(call, ownColors(environment), () => void import("./mosh-client-main.ts"))
  const key = yield* Effect.fromResult(SessionKey.parse(server.key))
  const { runClient } = yield* Effect.promise(() => import("./mosh-client-main.ts"))
  const started = performance.now()
  const giveUpAfter = request.fallback === undefined ? GIVE_UP : Fallback.PATIENCE
  const { neverConnected, status } = yield* runClient({
    host: server.address,
    port: server.port,
    key,
    prediction: request.prediction,
    predictOverwrite: request.predictOverwrite || environment["MOSH_PREDICTION_OVERWRITE"] === "yes",
    environment: request.initTerminal ? environment : { ...environment, MOSH_NO_TERM_INIT: "1" },
    verbose,
    giveUpAfter
  })
  // Whoever leaves before that wants to leave.
  const givenUp = neverConnected && performance.now() - started >= giveUpAfter
  const { place } = request
  if (!givenUp || place._tag === "Local") return status
  const told = settings === undefined ? "" : yield* Effect.promise(() => settings)
  const hostname = SshCommand.setting(told, "hostname")
  return yield* Fallback.run({ request, place, server, hostname, environment, status })
})

const withClient = Effect.fnUntraced(function* (client: string, call: Call) {
  const { environment, request } = call
  const colors = yield* ExternalClient.colors(client)
  const server = yield* startServer(call, colors, () => undefined)
  return yield* ExternalClient.run(client, { request, server, environment })
})

/** `meanwhile` is called when others are at work. */
const startServer = Effect.fnUntraced(function* (call: Call, colors: number, meanwhile: () => void) {
  const { environment, request, settings } = call
  const progress = Progress.make(environment)
  const server = yield* SshBootstrap.start(request, {
    environment,
    self: Siblings.words("mosh"),
    ownServer: Siblings.words("mosh-server"),
    colors,
    show: progress.show,
    onStage: (stage) => {
      progress.tell(stage)
      setImmediate(meanwhile)
    },
    ...(settings === undefined ? {} : { settings: Effect.promise(() => settings) })
  }).pipe(
    Effect.raceFirst(signalled),
    Effect.onExit(() => Effect.sync(progress.end))
  )
  if (server.addressUncertain) {
    yield* say(`the session goes to ${server.address}: that is how the server's own ssh calls it.`)
  }
  return server
})

/** Fails when this process is told to end: what has been started so far is ended with it. */
const signalled = Effect.callback<never, Signalled>((resume) => {
  const onSignal = (signal: NodeJS.Signals) => resume(Effect.fail(new Signalled({ signal })))
  for (const signal of ENDING) process.on(signal, onSignal)
  return Effect.sync(() => {
    for (const signal of ENDING) process.removeListener(signal, onSignal)
  })
})

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** What ssh, the server and the client start from. */
const wrapperEnvironment = (): Environment => {
  const { MOSH_KEY: _key, MOSH_PREDICTION_DISPLAY: _prediction, ...environment } = process.env
  const named = ["LC_ALL", "LC_CTYPE", "LANG"].some((variable) => (environment[variable] ?? "") !== "")
  return {
    ...environment,
    MOSH_CLIENT_PID: String(process.pid),
    // Where nobody has chosen a locale, as in most containers, the terminal speaks UTF-8 all the same.
    ...(named ? {} : { LANG: "C.UTF-8" })
  }
}

/** Servers know two kinds of terminal: with 256 colours, and with fewer. */
const ownColors = (environment: Environment): number =>
  Math.min(NodeTerminfo.colors(environment) ?? Terminfo.colorsByName(environment["TERM"] ?? ""), 256)

const say = (text: string) => Effect.sync(() => process.stderr.write(`mosh: ${text}\n`))
