/**
 * Lets other work have its turn between datagrams that are expensive to receive.
 *
 * Node hands over up to 32 datagrams in one turn of the event loop. After one that was expensive, those that follow wait
 * for the next turn, so that keystrokes and timers are handled in between. What waits is bounded: more than that is
 * dropped, as the network may.
 */
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import type * as Scope from "effect/Scope"

export interface Turns<Item> {
  /** Handles `item` now, or in a later turn when an expensive one came before it in this turn. */
  readonly offer: (item: Item) => void
  /** The item in hand was expensive. */
  readonly rest: () => void
}

/** Items that may wait; with datagrams of at most 2048 bytes, half a megabyte. */
export const WAITING = 256

/** `handle` must not throw. */
export const make = Effect.fnUntraced(function* <Item>(
  handle: (item: Item) => void
): Effect.fn.Return<Turns<Item>, never, Scope.Scope> {
  const start = yield* FiberHandle.runtime(yield* FiberHandle.make<void>())()
  let waiting: Array<Item> = []
  let resting = false

  const resume = Effect.gen(function* () {
    while (resting) {
      yield* Effect.yieldNow
      resting = false
      const items = waiting
      waiting = []
      // An expensive item has those after it wait again, in their order.
      for (const item of items) {
        if (resting) waiting.push(item)
        else handle(item)
      }
    }
  })

  return {
    offer: (item) => {
      if (resting) {
        if (waiting.length < WAITING) waiting.push(item)
        return
      }
      handle(item)
      if (resting) start(resume)
    },
    rest: () => {
      resting = true
    }
  }
})
