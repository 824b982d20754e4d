/**
 * Keeps a session's notification bar up to date.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Millis } from "../domain/Machine.ts"
import * as Notification from "../domain/prediction/Notification.ts"
import * as Actor from "./Actor.ts"

export interface Notifier {
  /** Tells it what happened. Synchronous; callable from any callback. */
  readonly offer: (input: Notification.Input) => void
  /** What the bar reads now; `undefined` when there is none. */
  readonly text: () => string | undefined
}

export interface NotifierOptions {
  readonly words: Notification.Words
  /** ms after which a server that was never heard is given up; 15 s without it. */
  readonly giveUpAfter: Millis | undefined
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
  const actor = yield* Actor.spawn({
    machine: Notification.machine,
    initial: Notification.initial(options.words, now(), options.giveUpAfter),
    tick: { _tag: "Tick" },
    perform: (output: Notification.Output) => {
      if (output._tag === "Redraw") options.onRedraw()
      else options.onGiveUp()
    }
  })
  return { offer: actor.offer, text: () => actor.state().text }
})
