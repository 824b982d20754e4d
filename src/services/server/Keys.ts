/**
 * Decodes the bytes that a terminal sends into keys: `KeyDecoder` driven by a clock.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as KeyDecoder from "../../domain/keyboard/KeyDecoder.ts"
import * as Actor from "../runtime/Actor.ts"

/** Bytes decoded at a time: a decoded key takes far more memory than its byte. */
const SLICE = 1024

/**
 * Decodes `chunks` into keys as they arrive. A lone `ESC` becomes the Escape key once `KeyDecoder.HOLD` ms pass without
 * another byte. While the reader is busy, no further chunks are read.
 *
 * ```ts
 * import { Stream } from "effect"
 * import { type Application, Keys } from "effect-mosh"
 *
 * // Prints the name of each key, until Escape is pressed.
 * export const names: Application = (terminal) =>
 *   Keys.decode(terminal.keys).pipe(
 *     Stream.takeWhile((key) => key._tag !== "Key" || key.name !== "Escape"),
 *     Stream.runForEach((key) => terminal.write(`${key._tag === "Key" ? key.name : key.text}\r\n`))
 *   )
 * ```
 */
export const decode = <E, R>(chunks: Stream.Stream<Uint8Array, E, R>): Stream.Stream<KeyDecoder.Key, E, R> =>
  Stream.callback<KeyDecoder.Key, E, R>(
    Effect.fnUntraced(function* (keys) {
      const now = yield* Actor.millis
      const typed = yield* Queue.bounded<Option.Option<Uint8Array>>(1)
      let state = KeyDecoder.initial

      const step = (input: KeyDecoder.Input) =>
        Effect.suspend(() => {
          const [next, outputs] = KeyDecoder.machine.step(state, input, now())
          state = next
          return Queue.offerAll(keys, outputs)
        })

      const slices = function* (chunk: Uint8Array): Generator<Uint8Array> {
        for (let at = 0; at < chunk.length; at += SLICE) yield chunk.subarray(at, at + SLICE)
      }

      const next = Effect.suspend(() => {
        const deadline = KeyDecoder.machine.deadline(state)
        const taken = Queue.take(typed)
        return deadline === Infinity ? Effect.asSome(taken) : Effect.timeoutOption(taken, Math.max(1, deadline - now()))
      })

      yield* Effect.forkScoped(
        Stream.runForEach(chunks, (chunk) => Queue.offer(typed, Option.some(chunk))).pipe(
          Effect.andThen(Queue.offer(typed, Option.none())),
          Effect.catchCause((cause) => Queue.failCause(keys, cause))
        )
      )
      for (;;) {
        const arrived = yield* next
        if (Option.isNone(arrived)) {
          yield* step({ _tag: "Tick" })
          continue
        }
        if (Option.isNone(arrived.value)) break
        for (const bytes of slices(arrived.value.value)) yield* step({ _tag: "Typed", bytes })
      }
      // At the end of input, an incomplete character is dropped, but a held escape sequence is decoded when its time is
      // up.
      while (KeyDecoder.machine.deadline(state) !== Infinity) {
        yield* Effect.sleep(Math.max(1, KeyDecoder.machine.deadline(state) - now()))
        yield* step({ _tag: "Tick" })
      }
      return yield* Queue.end(keys)
    }),
    { bufferSize: SLICE }
  )
