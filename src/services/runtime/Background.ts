/**
 * Starts effects from callbacks, which cannot wait for them. Unlike a fiber that waits to be told, one that may never be needed
 * takes no memory.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Starts an effect after the callback. It is interrupted when the scope closes. Callable from any callback. */
export type Start = (effect: Effect.Effect<unknown, never, Scope.Scope>) => void

/** Starts effects in the scope of the current one, with its services. */
export const start: Effect.Effect<Start, never, Scope.Scope> = Effect.map(
  Effect.context<Scope.Scope>(),
  (context) => (effect) => void Effect.runForkWith(context)(Effect.forkScoped(effect))
)
