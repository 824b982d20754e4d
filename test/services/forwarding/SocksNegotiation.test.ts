/**
 * SOCKS clients that are slow, in virtual time.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as SocksNegotiation from "../../../src/services/forwarding/SocksNegotiation.ts"

const REQUEST = Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 80)

/** A client that sends a byte of its request after each pause. Returns the negotiation. */
const clientOf = Effect.fnUntraced(function* (pause: number) {
  let at = 0
  const read = Effect.delay(
    Effect.sync(() => REQUEST.subarray(at, ++at)),
    pause
  )
  const negotiation = SocksNegotiation.negotiate({ read, write: () => Effect.void }, () => Effect.succeed("connected"))
  return yield* Effect.forkChild(negotiation)
})

it.effect("a SOCKS client that sends a byte a minute, or a second, has 20 s for its request", () =>
  Effect.gen(function* () {
    const clients = yield* Effect.all([clientOf(60_000), clientOf(2000), clientOf(1000)])
    const isOver = () => clients.map((client) => client.pollUnsafe() !== undefined)
    yield* TestClock.adjust("13 seconds")
    expect(isOver()).toEqual([false, false, true])
    yield* TestClock.adjust("6999 millis")
    expect(isOver()).toEqual([false, false, true])
    yield* TestClock.adjust("1 millis")
    expect(isOver()).toEqual([true, true, true])
    const results = yield* Effect.forEach(clients, Fiber.join)
    expect(results.map((result) => result?.connection)).toEqual([undefined, undefined, "connected"])
  })
)
