import { expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as EchoSession from "./EchoSession.ts"
import { seedOr } from "../support/seed.ts"

const seed = seedOr(31)
const HOUR = 3_600_000

it.effect(`a client whose clock leaps ahead by an hour continues at once (seed ${seed})`, () =>
  Effect.gen(function* () {
    const outer = yield* Clock.clockWith(Effect.succeed)
    let leap = 0n
    const clock: Clock.Clock = {
      ...outer,
      monotonicTimeNanosUnsafe: () => outer.monotonicTimeNanosUnsafe() + leap,
      monotonicTimeNanos: Effect.map(outer.monotonicTimeNanos, (nanos) => nanos + leap)
    }
    const { client, server } = yield* EchoSession.make({ seed, path: { delay: 30 }, clock })
    client.say("good night ")
    yield* TestClock.adjust(5000)
    const { srtt } = client.transport.status()
    leap = BigInt(HOUR) * 1_000_000n
    client.say("good morning")
    yield* TestClock.adjust(3500)
    expect(server.heard()).toBe("good night good morning")
    expect(client.heard()).toBe("good night good morning")
    // The time of the sleep is not measured as a round trip.
    expect(Math.abs((client.transport.status().srtt ?? 0) - (srtt ?? 0))).toBeLessThan(60)
  })
)

it.effect(`a host that slept for an hour continues from another network (seed ${seed})`, () =>
  Effect.gen(function* () {
    const { client, network, server } = yield* EchoSession.make({ seed, path: { delay: 30 } })
    client.say("good night ")
    yield* TestClock.adjust(5000)
    network.shape("both", { loss: 1 })
    yield* TestClock.adjust(HOUR)
    network.moveClient("203.0.113.7")
    network.shape("both", { loss: 0 })
    client.say("good morning")
    yield* TestClock.adjust(1000)
    expect(server.heard()).toBe("good night good morning")
    expect(client.heard()).toBe("good night good morning")
    expect(server.transport.status().held.local).toBeLessThanOrEqual(32)
  })
)
