/**
 * Lets other work run between datagrams that are expensive to receive.
 *
 * Node delivers up to 32 datagrams in one turn of the event loop. After an expensive one, the following ones wait for the
 * next turn, so that keystrokes and timers are processed in between. The queue is bounded; further datagrams are dropped, as
 * by a network.
 */
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import type * as Scope from "effect/Scope"

export interface Turns<Item> {
  /** Handles `item` now, or in a later turn if an expensive item preceded it in this turn. */
  readonly offer: (item: Item) => void
  /** Marks the current item as expensive. */
  readonly rest: () => void
}

/** Maximum number of waiting items: half a megabyte of datagrams of 2048 bytes. */
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
      // After an expensive item, the following ones wait again, in order.
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
