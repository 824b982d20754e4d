import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as EchoSession from "./EchoSession.ts"
import { seedOr } from "../support/seed.ts"

const seed = seedOr(61)

it.effect(`an idle hour costs a heartbeat every three seconds, and no memory (seed ${seed})`, () =>
  Effect.gen(function* () {
    const { client, network, server } = yield* EchoSession.make({ seed, path: { delay: 30, jitter: 10, loss: 0.01 } })
    client.say("hello")
    yield* TestClock.adjust(5000)
    network.sent.length = 0
    for (let minute = 0; minute < 60; minute++) {
      yield* TestClock.adjust("1 minute")
      for (const { transport } of [client, server]) {
        const { held } = transport.status()
        expect(held.local).toBeLessThanOrEqual(6)
        expect(held.remote).toBeLessThanOrEqual(6)
      }
    }
    expect(network.sent.length).toBeGreaterThan(2 * 1150)
    expect(network.sent.length).toBeLessThan(2 * 1250)
    client.say(", still there?")
    yield* TestClock.adjust(2000)
    expect(client.heard()).toBe("hello, still there?")
  })
)
