/**
 * A changing value as a stream for any number of readers. Each reader receives the current value, then the newest after
 * each change. A reader that is slower than the changes skips the values in between, and delays no other.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"

/** The functions are callable from any callback. Without readers, a change costs nothing. */
export interface LatestValue<Value> {
  readonly stream: Stream.Stream<Value>
  /** The value may have changed. */
  readonly changed: () => void
  /** The value has changed for the last time: ends the streams. */
  readonly end: () => void
}

/** `read` returns the current value; it must not throw. */
export const make = <Value>(read: () => Value): LatestValue<Value> => {
  /** Made for the first reader: most values have none. */
  let readers: Set<Queue.Queue<Value, Cause.Done>> | undefined
  let over = false
  return {
    stream: Stream.unwrap(
      Effect.gen(function* () {
        const reader = yield* Effect.acquireRelease(Queue.sliding<Value, Cause.Done>(1), (queue) =>
          Effect.andThen(
            Effect.sync(() => readers?.delete(queue)),
            Queue.shutdown(queue)
          )
        )
        Queue.offerUnsafe(reader, read())
        if (over) Queue.endUnsafe(reader)
        else (readers ??= new Set()).add(reader)
        return Stream.fromQueue(reader)
      })
    ),
    changed: () => {
      if (readers === undefined || readers.size === 0) return
      const value = read()
      for (const reader of readers) Queue.offerUnsafe(reader, value)
    },
    end: () => {
      over = true
      for (const reader of readers ?? []) Queue.endUnsafe(reader)
    }
  }
}
