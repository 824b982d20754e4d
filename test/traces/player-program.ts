/**
 * A pty whose program is a trace: it prints what the real program printed, with the same delay after each key.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as InputEcho from "../../src/domain/terminal/InputEcho.ts"
import { Pty, type PtyOptions } from "../../src/services/server/Pty.ts"
import * as Echo from "./echo.ts"
import { settled, type Truth } from "./score-truth.ts"

/** ms since an arbitrary start, with fractions, by the clock of the fiber. */
export const milliseconds: Effect.Effect<() => number> = Effect.map(
  Clock.clockWith(Effect.succeed),
  (clock) => () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
)

/** `onProduced` is called just before each piece of output. */
export const layer = (truth: Truth, onProduced: (at: number) => void): Layer.Layer<Pty> =>
  Layer.succeed(Pty, { spawn: (options) => spawn(truth, onProduced, options) })

const spawn = Effect.fnUntraced(function* (truth: Truth, onProduced: (at: number) => void, options: PtyOptions) {
  const { keys, output } = truth.trace
  const now = yield* milliseconds
  const due = yield* Queue.unbounded<{ readonly piece: number; readonly at: number }>()
  const ends = endsOf(keys.map(({ text }) => text))
  let typed = 0
  let delivered = 0
  let printing = false
  let printed = 0
  const echoBefore = Echo.before(truth.trace)

  /** Starts the output that follows a key, as if it had been typed now. The output before the first key starts by itself. */
  const answer = (key: number): void => {
    const typedAt = keys[key]?.at ?? 0
    const start = now()
    const from = key < 0 ? 0 : settled(truth, key - 1)
    for (let piece = from; piece < settled(truth, key); piece++) {
      Queue.offerUnsafe(due, { piece, at: start + (output[piece]?.at ?? 0) - typedAt })
    }
  }

  const play = Effect.gen(function* () {
    const { at, piece } = yield* Queue.take(due)
    const wait = at - now()
    if (wait > 0) yield* Effect.sleep(wait)
    onProduced(now())
    printing = true
    options.onOutput(output[piece]?.bytes ?? new Uint8Array())
    printing = false
    printed = Math.max(printed, piece + 1)
  })

  answer(-1)
  yield* Effect.forkScoped(Effect.forever(play))
  return {
    pid: 4711,
    write: (bytes: Uint8Array) => {
      // Input written while the program prints is the terminal's answers to its queries.
      if (printing) return
      typed += bytes.length
      while (typed >= (ends[delivered] ?? Infinity)) answer(delivered++)
    },
    pending: () => 0,
    resize: () => {},
    ...(echoBefore !== undefined && {
      sampleEcho: (onSampled: (sample: InputEcho.Sample) => void) => {
        const sample = echoBefore(delivered)
        // A program that has not printed its whole answer does not read yet.
        const isBusy = printed < settled(truth, delivered - 1) && InputEcho.isPredictable(sample.echo)
        onSampled(isBusy ? InputEcho.UNKNOWN : sample)
      }
    })
  }
})

/** How many bytes have been typed after each key. */
const endsOf = (keys: ReadonlyArray<string>): ReadonlyArray<number> => {
  let bytes = 0
  return keys.map((key) => (bytes += Buffer.byteLength(key)))
}
