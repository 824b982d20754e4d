import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as EchoSession from "./EchoSession.ts"
import type { Path } from "../../src/testing/SimulatedNetwork.ts"
import { seedOr } from "../support/seed.ts"

const networks: ReadonlyArray<readonly [name: string, seed: number, path: Partial<Path>]> = [
  ["a perfect network", 1, {}],
  ["30 % loss", 2, { delay: 40, loss: 0.3 }],
  ["reordering", 3, { delay: 20, jitter: 400 }],
  ["duplicates", 4, { delay: 20, jitter: 50, duplicate: 0.5 }],
  ["corruption", 5, { delay: 20, corrupt: 0.3 }],
  ["half a second each way", 6, { delay: 500 }],
  ["all at once", 7, { delay: 100, jitter: 200, loss: 0.3, duplicate: 0.2, corrupt: 0.1 }]
]

for (const [name, given, path] of networks) {
  const seed = seedOr(given)
  it.effect(`all typed keys arrive once and in order, and so does their echo: ${name} (seed ${seed})`, () =>
    Effect.gen(function* () {
      const { client, network, server } = yield* EchoSession.make({ seed, path: { delay: 5, ...path } })
      for (let i = 0; i < 300; i++) {
        client.say(`${i},`)
        yield* TestClock.adjust(100)
      }
      yield* TestClock.adjust(10_000)
      expect(server.heard()).toBe(client.said())
      expect(client.heard()).toBe(client.said())
      expect(server.transport.status().held.local).toBeLessThanOrEqual(32)
      expect(client.transport.status().held.remote).toBeLessThanOrEqual(32)
      expect(network.sent.length).toBeGreaterThan(100)
      expect(network.sent.length).toBeLessThan(6000)
    })
  )
}
