import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { seedOr } from "../support/seed.ts"
import * as EchoSession from "./EchoSession.ts"

const seed = seedOr(62)

/** Bytes in use after a garbage collection. */
const inUse = (): number => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

it.effect(
  `six minutes of typing over a network that loses some keeps no more than a minute of it (seed ${seed})`,
  () =>
    Effect.gen(function* () {
      const { client, network, server } = yield* EchoSession.make({ seed, path: { delay: 40, jitter: 20, loss: 0.03 } })
      const samples: Array<number> = []
      for (let minute = 0; minute < 6; minute++) {
        for (let key = 0; key < 240; key++) {
          client.say("k")
          yield* TestClock.adjust(250)
        }
        network.sent.length = 0
        for (const { transport } of [client, server]) {
          const { held } = transport.status()
          expect(held.local).toBeLessThanOrEqual(32)
          expect(held.remote).toBeLessThanOrEqual(32)
          expect(transport.local().pieces.length).toBeLessThanOrEqual(64)
        }
        samples.push(inUse())
      }
      // Each sample contains garbage that its collection left: the minimum of several shows what stays.
      expect(Math.min(...samples.slice(-5)) - Math.min(...samples.slice(0, 5))).toBeLessThan(8_000_000)
      yield* TestClock.adjust(5000)
      expect(client.heard()).toBe(client.said())
      expect(client.said().length).toBe(6 * 240)
    }),
  // For a machine that is busy otherwise.
  120_000
)
