/**
 * Runs a session's notification bar: `Notification` driven by a clock.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Millis } from "../../domain/Machine.ts"
import * as Notification from "../../domain/client/Notification.ts"
import * as Actor from "../runtime/Actor.ts"

/** A running notification bar. Its functions are synchronous, and may be called from any callback. */
export interface Notifier {
  /** Reports an event to the bar. */
  readonly offer: (input: Notification.Input) => void
  /** Shows the status line for 10 s, or hides it if it is shown. */
  readonly toggleStatus: () => void
  /** The bar's current text; `undefined` if it has none. */
  readonly text: () => string | undefined
}

/** The fixed parts of the bar's texts, and its callbacks. */
export interface NotifierOptions {
  readonly words: Notification.Words
  /** How long to wait for the server's first answer, ms. Default: 15 s. */
  readonly giveUpAfter: Millis | undefined
  /** Returns the current state of the connection. Must not throw. */
  readonly report: () => Notification.Report
  /** Called when `text` has changed. Must not throw. */
  readonly onRedraw: () => void
  /**
   * Called once when the server has not answered for `giveUpAfter`, so that the session should shut down. Must not
   * throw.
   */
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
