import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as EchoSession from "./EchoSession.ts"
import { random, seedOr } from "../support/seed.ts"

const seed = seedOr(41)

/** Text that does not compress. */
const noise = (length: number): string => {
  const next = random(seed)
  return Array.from({ length }, () => String.fromCharCode(33 + Math.floor(next() * 94))).join("")
}

for (const [family, limit] of [
  ["IPv4", 1252],
  ["IPv6", 1216]
] as const) {
  it.effect(`a long message over ${family} is cut into datagrams of at most ${limit} bytes (seed ${seed})`, () =>
    Effect.gen(function* () {
      const { client, network, server } = yield* EchoSession.make({ seed, family, path: { delay: 10 } })
      client.say(noise(20_000))
      yield* TestClock.adjust(1000)
      expect(server.heard()).toBe(client.said())
      expect(client.heard()).toBe(client.said())
      expect(Math.max(...network.sent.map(({ datagram }) => datagram.length))).toBe(limit)
    })
  )
}

it.effect(`a path that starts to refuse large datagrams gets small ones (seed ${seed})`, () =>
  Effect.gen(function* () {
    const { client, network, server } = yield* EchoSession.make({ seed, path: { delay: 10 } })
    client.say(noise(5000))
    yield* TestClock.adjust(1000)
    network.shape("both", { mtu: 600 })
    network.sent.length = 0
    client.say(noise(20_000))
    yield* TestClock.adjust(3000)
    expect(server.heard()).toBe(client.said())
    expect(client.heard()).toBe(client.said())
    expect(Math.max(...network.sent.map(({ datagram }) => datagram.length))).toBe(500)
    expect(client.transport.status().counters.sendErrors).toBeGreaterThan(0)
    expect(client.transport.status().trouble).toBeUndefined()
  })
)
