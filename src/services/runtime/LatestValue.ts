/**
 * A value that changes, as a stream for any number of readers: each gets it as it is, and then the newest one after each
 * change. A reader that is slower than the changes misses what lies in between, and holds nothing up.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"

/** The functions are callable from any callback. Without readers, a change costs nothing. */
export interface Newest<Value> {
  readonly stream: Stream.Stream<Value>
  /** The value may have changed. */
  readonly changed: () => void
  /** The value will not change any more: the streams end. */
  readonly end: () => void
}

/** `read` tells the value as it is; it must not throw. */
export const make = <Value>(read: () => Value): Newest<Value> => {
  const readers = new Set<Queue.Queue<Value, Cause.Done>>()
  let over = false
  const stream = Stream.unwrap(
    Effect.gen(function* () {
      const reader = yield* Effect.acquireRelease(Queue.sliding<Value, Cause.Done>(1), (queue) =>
        Effect.andThen(
          Effect.sync(() => readers.delete(queue)),
          Queue.shutdown(queue)
        )
      )
      Queue.offerUnsafe(reader, read())
      if (over) Queue.endUnsafe(reader)
      else readers.add(reader)
      return Stream.fromQueue(reader)
    })
  )
  return {
    stream,
    changed: () => {
      if (readers.size === 0) return
      const value = read()
      for (const reader of readers) Queue.offerUnsafe(reader, value)
    },
    end: () => {
      over = true
      for (const reader of readers) Queue.endUnsafe(reader)
    }
  }
}
