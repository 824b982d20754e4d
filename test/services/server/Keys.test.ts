import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import * as KeyDecoder from "../../../src/domain/keyboard/KeyDecoder.ts"
import * as Keys from "../../../src/services/server/Keys.ts"

const encoder = new TextEncoder()
const name = (key: KeyDecoder.Key): string => (key._tag === "Key" ? key.name : key.text)

describe("Keys", () => {
  it.effect("joins split sequences, and reports a lone escape as a key when nothing follows in time", () =>
    Effect.gen(function* () {
      const typed = yield* Queue.unbounded<Uint8Array>()
      const seen = yield* Queue.unbounded<string>()
      const type = (text: string) => Queue.offer(typed, encoder.encode(text))
      yield* Effect.forkChild(
        Stream.runForEach(Keys.decode(Stream.fromQueue(typed)), (key) => Queue.offer(seen, name(key))),
        { startImmediately: true }
      )
      yield* type("a\x1b")
      expect(yield* Queue.take(seen)).toBe("a")
      yield* TestClock.adjust(KeyDecoder.HOLD - 1)
      yield* type("[A\x1b")
      expect(yield* Queue.take(seen)).toBe("Up")
      yield* TestClock.adjust(KeyDecoder.HOLD - 1)
      expect(yield* Queue.size(seen)).toBe(0)
      yield* TestClock.adjust(1)
      expect(yield* Queue.take(seen)).toBe("Escape")
    })
  )

  it.effect("ends with the stream, and fails with it", () =>
    Effect.gen(function* () {
      const reading = yield* Effect.forkChild(Stream.runCollect(Keys.decode(Stream.make(encoder.encode("q\x1b")))), {
        startImmediately: true
      })
      yield* TestClock.adjust(KeyDecoder.HOLD)
      expect((yield* Fiber.join(reading)).map(name)).toEqual(["q", "Escape"])
      expect(yield* Effect.flip(Stream.runDrain(Keys.decode(Stream.fail("broken"))))).toBe("broken")
    })
  )

  it.effect("reads no further while its reader is busy", () =>
    Effect.gen(function* () {
      let read = 0
      const chunks = Stream.fromIterable(Array.from({ length: 100 }, () => encoder.encode("x".repeat(1000)))).pipe(
        Stream.rechunk(1),
        Stream.tap(() => Effect.sync(() => read++))
      )
      const first = yield* Deferred.make<void>()
      const busy = yield* Effect.forkChild(
        Stream.runForEach(Keys.decode(chunks), () => Effect.andThen(Deferred.succeed(first, undefined), Effect.never)),
        { startImmediately: true }
      )
      yield* Deferred.await(first)
      yield* TestClock.adjust("1 minute")
      expect(read).toBeLessThan(10)
      yield* Fiber.interrupt(busy)
    })
  )
})
