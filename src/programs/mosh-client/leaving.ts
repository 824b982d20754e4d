/**
 * Leaves a session when the user, a signal or the terminal requests it.
 *
 * The first request shuts the session down or detaches from it, and waits for the server. A further one of the user or of a
 * signal does not wait.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ClientSession } from "../../services/client/MoshClient.ts"
import type { Chronicle } from "./verboseLog.ts"

export interface LeavingOptions {
  /** The session; `undefined` until it is open. */
  readonly session: () => ClientSession | undefined
  readonly journal: Chronicle
  /** Whether this process writes to connections, whose end also raises SIGPIPE. */
  readonly hasConnections: () => boolean
  /** The server cannot detach, so the session continues with this client. */
  readonly onUndetachable: (session: ClientSession) => void
}

export interface Leaving {
  /** Shuts the session down, as soon as it is open. */
  readonly leave: (why: string) => void
  /** Shuts down. The second request does not wait for the server. */
  readonly insist: (why: string) => void
  /** Leaves the session running, and exits. The second request shuts down. */
  readonly detach: (session: ClientSession) => void
  /** The session is open: an earlier request to leave applies to it. */
  readonly opened: () => void
  /** Whether `leave` or `insist` was called. */
  readonly isLeaving: () => boolean
  /** Whether the client waits for the server to detach it, or was detached. */
  readonly isDetaching: () => boolean
  /** The first signal that requested the end. */
  readonly signal: () => NodeJS.Signals | undefined
  /** Resumes when the client is to exit without waiting for the server. */
  readonly abandoned: Effect.Effect<{ readonly _tag: "Abandoned" }>
}

/** What a user sees who leaves by a key. */
export const BY_USER = "Exiting on user request..."

/** Handles the signals that end the client, until the scope is closed. */
export const make = Effect.fnUntraced(function* ({
  hasConnections,
  journal,
  onUndetachable,
  session
}: LeavingOptions): Effect.fn.Return<Leaving, never, Scope.Scope> {
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const abandoned = yield* Deferred.make<{ readonly _tag: "Abandoned" }>()
  let reason: string | undefined
  let detaching = false
  let signal: NodeJS.Signals | undefined

  const abandon = (): void => void Deferred.doneUnsafe(abandoned, Effect.succeed({ _tag: "Abandoned" }))

  const leave = (why: string): void => {
    reason = why
    const open = session()
    if (open === undefined) return
    // A shutdown would end the session, which is to continue.
    if (detaching) return abandon()
    if (!open.status().shuttingDown) journal.log({ _tag: "Leaving", why })
    open.shutdownUnsafe(why)
  }

  const insist = (why: string): void => {
    if (session()?.status().shuttingDown === true) abandon()
    leave(why)
  }

  yield* onSignals((received) => {
    // A connection to a forwarded program, the agent or a relay broke. A closed pipe or terminal is also reported by the terminal.
    if (received === "SIGPIPE" && hasConnections()) return
    signal ??= received
    const why = "Signal received, shutting down..."
    // A closed pipe or terminal is reported in several ways, which count as one request.
    if (received === "SIGPIPE" || received === "SIGHUP") leave(why)
    else insist(why)
  })

  return {
    leave,
    insist,
    detach: (open) => {
      if (detaching || open.status().shuttingDown) return insist(BY_USER)
      detaching = true
      journal.log({ _tag: "Leaving", why: "Detaching..." })
      fork(
        Effect.catch(open.detach, () =>
          Effect.sync(() => {
            detaching = false
            onUndetachable(open)
          })
        )
      )
    },
    opened: () => {
      if (reason !== undefined) leave(reason)
    },
    isLeaving: () => reason !== undefined,
    isDetaching: () => detaching,
    signal: () => signal,
    abandoned: Deferred.await(abandoned)
  }
})

/** Stock's, and SIGUSR1, for which Node would open a debugger on a process that holds the session's key. */
const SIGNALS: ReadonlyArray<NodeJS.Signals> = ["SIGTERM", "SIGINT", "SIGHUP", "SIGPIPE", "SIGUSR1"]

const onSignals = (handler: (signal: NodeJS.Signals) => void) =>
  Effect.acquireRelease(
    Effect.sync(() => SIGNALS.forEach((signal) => process.on(signal, handler))),
    () => Effect.sync(() => SIGNALS.forEach((signal) => process.removeListener(signal, handler)))
  )
