/**
 * A session at the terminal of this process: what `mosh-client` does once it knows where to connect, and what `mosh`
 * does after its bootstrap (spec 10).
 *
 * Keys from a keyboard to a screen: the session's picture fills the screen. If either is something else (a pipe, a file,
 * a terminal that can only print), the session is told as plain text instead, and the end of piped keys is passed on.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as EscapeKey from "../domain/client/EscapeKey.ts"
import * as ExitMessage from "../domain/client/ExitMessage.ts"
import * as Typing from "../domain/client/Typing.ts"
import type * as SessionKey from "../domain/crypto/SessionKey.ts"
import type { DisplayPreference } from "../domain/prediction/DisplayPreference.ts"
import type { BindError } from "../services/Datagrams.ts"
import { LocalTerminal } from "../services/LocalTerminal.ts"
import { type ClientSession, MoshClient } from "../services/MoshClient.ts"
import * as NodeLocalTerminal from "../services/node/NodeLocalTerminal.ts"
import * as NodeMoshClient from "../services/node/NodeMoshClient.ts"
import type { Ended } from "../services/Transport.ts"
import { picture, type Surface, transcript } from "./mosh-client-surface.ts"

export interface ClientOptions {
  /** The server's IP address, numeric, and its UDP port. */
  readonly host: string
  readonly port: number
  readonly key: SessionKey.SessionKey
  readonly prediction: DisplayPreference
  readonly predictOverwrite: boolean
  /** `TERM`, `MOSH_ESCAPE_KEY`, `MOSH_TITLE_NOPREFIX`, `MOSH_NO_TERM_INIT` and `TERM_PROGRAM` are looked at. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Tells, after the session, what became of its datagrams. */
  readonly verbose: boolean
  /** ms after which a server that was never heard is given up; 15 s without it. */
  readonly giveUpAfter?: number | undefined
}

/** What became of a session. */
export interface ClientResult {
  /** The exit status: 0 when both sides know that the session is over, else 1. */
  readonly status: number
  /** Whether nothing was ever heard from the server. */
  readonly neverConnected: boolean
}

/** Runs a session to its end, and tells a person how it ended where that needs words. */
export const runClient = (options: ClientOptions): Effect.Effect<ClientResult, BindError> =>
  attend(options).pipe(
    Effect.scoped,
    Effect.tap((outcome) => Effect.sync(() => report(options, outcome))),
    Effect.map(({ clean, connected }) => ({ status: clean ? 0 : 1, neverConnected: !connected })),
    Effect.provide(Layer.merge(NodeMoshClient.layer, NodeLocalTerminal.layer))
  )

interface Outcome extends ExitMessage.Ending {
  readonly counters: ReturnType<ClientSession["status"]>["counters"]
  readonly predicted: ReturnType<ClientSession["predicted"]>
  readonly screen: boolean
}

const attend = Effect.fnUntraced(function* (
  options: ClientOptions
): Effect.fn.Return<Outcome, BindError, LocalTerminal | MoshClient | Scope.Scope> {
  const { environment } = options
  const local = yield* LocalTerminal
  const client = yield* MoshClient
  const escapeKey = local.keyboard ? EscapeKey.parse(environment["MOSH_ESCAPE_KEY"]) : undefined
  const full = local.keyboard && local.screen && environment["TERM"] !== "dumb"
  const abandoned = yield* Deferred.make<Ended>()
  const surface: Surface = yield* full ? picture(environment) : transcript
  let typing = Typing.initial(escapeKey)

  const session = yield* client.connect({
    host: options.host,
    port: options.port,
    key: options.key,
    size: local.size(),
    // A guess that was told as text cannot be taken back.
    prediction: full ? options.prediction : "never",
    predictOverwrite: options.predictOverwrite,
    notifications: full,
    titlePrefix: full && environment["MOSH_TITLE_NOPREFIX"] === undefined,
    quitHint: escapeKey === undefined ? undefined : EscapeKey.quitHint(escapeKey),
    help: escapeKey === undefined ? undefined : EscapeKey.help(escapeKey),
    giveUpAfter: options.giveUpAfter,
    onPicture: surface.show,
    onStatus: surface.progressed
  })

  const onSignal = (): void => {
    // A second signal means it: whoever sent it does not want to wait for the server.
    if (session.status().shuttingDown) Deferred.doneUnsafe(abandoned, Effect.succeed({ _tag: "TimedOut" }))
    session.shutdownUnsafe("Signal received, shutting down...")
  }
  yield* onSignals(["SIGTERM", "SIGINT", "SIGHUP"], onSignal)

  const perform = (action: Typing.Action): void => {
    switch (action._tag) {
      case "Send":
        if (!session.typeUnsafe(action.bytes)) waitForRoom()
        return
      case "Repaint":
        return surface.repaint()
      case "ShowHelp":
        return session.showHelp(true)
      case "HideHelp":
        return session.showHelp(false)
      case "Suspend":
        return terminal.suspend(SUSPENDED)
      case "Quit":
        return session.shutdownUnsafe("Exiting on user request...")
    }
  }
  const fork = yield* Effect.context<never>().pipe(Effect.map((context) => Effect.runForkWith(context)))
  const waitForRoom = (): void => {
    terminal.pauseKeys()
    fork(Effect.andThen(session.room, Effect.sync(terminal.resumeKeys)))
  }
  const terminal = yield* local.open({
    opening: surface.opening,
    closing: () => surface.closing(session.picture()),
    onKeys: (bytes) => {
      const [next, actions] = Typing.step(typing, bytes)
      typing = next
      actions.forEach(perform)
    },
    onKeysEnd: () => {
      if (local.keyboard) session.shutdownUnsafe("Exiting...")
      else surface.endInput()
    },
    onResize: session.resize,
    onDrain: surface.drained,
    onContinue: surface.repaint,
    onGone: () => session.shutdownUnsafe("Exiting...")
  })
  surface.start(terminal, session)

  const ended = yield* Effect.raceFirst(session.ended, Deferred.await(abandoned))
  const { counters, lastHeard } = session.status()
  return {
    host: options.host,
    port: options.port,
    connected: lastHeard > -Infinity,
    clean: ended._tag === "Acknowledged" || ended._tag === "PeerShutdown",
    keyExhausted: ended._tag === "KeyExhausted",
    undelivered: ended._tag !== "PeerShutdown" && session.held() > 0,
    counters,
    predicted: session.predicted(),
    screen: local.screen
  }
})

const SUSPENDED = "\x1b[37;44m[mosh is suspended.]\x1b[0m\r\n"

const onSignals = (signals: ReadonlyArray<NodeJS.Signals>, handler: () => void) =>
  Effect.acquireRelease(
    Effect.sync(() => signals.forEach((signal) => process.on(signal, handler))),
    () => Effect.sync(() => signals.forEach((signal) => process.removeListener(signal, handler)))
  )

/** The last words, when the terminal is the person's again. */
const report = (options: ClientOptions, outcome: Outcome): void => {
  for (const line of ExitMessage.lines(outcome)) process.stderr.write(`${line}\n`)
  if (options.verbose)
    process.stderr.write(`${JSON.stringify({ ...outcome.counters, predicted: outcome.predicted })}\n`)
  if (outcome.screen) process.stdout.write("[mosh is exiting.]\n")
}
