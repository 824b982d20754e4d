/**
 * The session of a server that runs commands without a terminal: it has no program, no screen, and no emulator. What is typed
 * into it is discarded.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as ImageStore from "../../domain/images/ImageStore.ts"
import * as Frame from "../../domain/terminal/Frame.ts"
import * as SessionHistory from "../history/SessionHistory.ts"
import * as DeliveredEvents from "../server/DeliveredEvents.ts"
import type { Session, SessionEnd } from "../server/Session.ts"

export interface CommandSession {
  readonly session: Session
  /** Ends the session. Its client is notified. */
  readonly end: () => void
}

export const make: Effect.Effect<CommandSession> = Effect.map(Deferred.make<SessionEnd>(), (ended) => {
  const frame = Frame.blank({ columns: 80, rows: 24 })
  return {
    session: {
      start: () => undefined,
      isStarted: () => false,
      type: () => undefined,
      announce: () => undefined,
      resize: () => undefined,
      frame: () => frame,
      history: SessionHistory.none,
      ring: undefined,
      position: () => undefined,
      applicationCursorKeys: () => false,
      pid: () => undefined,
      foreground: () => undefined,
      observeEcho: () => undefined,
      expectTerminal: () => undefined,
      reportTerminal: () => undefined,
      joinClusters: () => undefined,
      echo: () => undefined,
      images: ImageStore.make(),
      lineColumn: () => undefined,
      inputs: () => 0,
      delivered: DeliveredEvents.make(),
      watch: () => Effect.void,
      frames: Stream.make(frame),
      ended: Deferred.await(ended)
    },
    end: () => Deferred.doneUnsafe(ended, Effect.succeed({ _tag: "Finished", exit: Exit.void }))
  }
})
