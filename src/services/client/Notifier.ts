/**
 * Keeps a session's notification bar up to date.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Millis } from "../../domain/Machine.ts"
import * as Notification from "../../domain/client/Notification.ts"
import * as Actor from "../runtime/Actor.ts"

export interface Notifier {
  /** Tells it what happened. Synchronous; callable from any callback. */
  readonly offer: (input: Notification.Input) => void
  /** Shows how the session fares, for a while; hides it when it is shown. */
  readonly toggleStatus: () => void
  /** What the bar reads now; `undefined` when there is none. */
  readonly text: () => string | undefined
}

export interface NotifierOptions {
  readonly words: Notification.Words
  /** ms after which a server that was never heard is given up; 15 s without it. */
  readonly giveUpAfter: Millis | undefined
  /** How the session fares now. Must not throw. */
  readonly report: () => Notification.Report
  /** Called when `text` changed. Must not throw. */
  readonly onRedraw: () => void
  /** Called once when no server was heard for so long that the session should be shut down. Must not throw. */
  readonly onGiveUp: () => void
}

/** Starts a notifier, which lives as long as the scope. */
export const make = Effect.fnUntraced(function* (
  options: NotifierOptions
): Effect.fn.Return<Notifier, never, Scope.Scope> {
  const now = yield* Actor.millis
  const actor: Actor.Actor<Notification.Notification, Notification.Input> = yield* Actor.spawn({
    machine: Notification.machine,
    initial: Notification.initial(options.words, now(), options.giveUpAfter),
    tick: { _tag: "Tick" },
    perform: (output: Notification.Output) => {
      switch (output._tag) {
        case "Redraw":
          return options.onRedraw()
        case "Sample":
          return actor.offer({ _tag: "Report", report: options.report() })
        case "GiveUp":
          return options.onGiveUp()
      }
    }
  })
  return {
    offer: actor.offer,
    text: () => actor.state().text,
    toggleStatus: () => actor.offer({ _tag: "Status", report: options.report() })
  }
})
