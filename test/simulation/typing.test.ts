import { describe, expect, it } from "@effect/vitest"
import { summary } from "../../bench/measure.ts"
import type { Path } from "../../src/testing/Link.ts"
import { typing } from "./TypingSession.ts"

const latency = async (path: Partial<Path>, keys: number) => summary((await typing({ path, keys, seed: 1 })).samples)

it("a key on a clean network takes the round trip, and nothing else", async () => {
  for (const delay of [0.5, 135]) {
    const { count, max } = await latency({ delay }, 60)
    expect(count).toBeGreaterThan(55)
    expect(max).toBe(2 * delay)
  }
})

it("a key on a slow network with a long queue waits for no other key", async () => {
  const { p99 } = await latency({ delay: 50, bandwidth: 1e6, queue: 125_000 }, 100)
  expect(p99).toBeLessThan(105)
})

it("a key behind a deep queue that downloads keep full waits for the queue, and hardly longer for losses", async () => {
  const toClient = { bandwidth: 5e6, queue: 3_125_000, downloads: 4 }
  const { samples } = await typing({ path: { delay: 25 }, toClient, keys: 400, seed: 2 })
  const { p95, p99 } = summary(samples)
  // The queue takes 5 s when it is full.
  expect(p95).toBeLessThan(5400)
  expect(p99).toBeLessThan(5600)
})

it("a lost key costs a tenth of the round trip once losses are known", async () => {
  const { mean, p99 } = await latency({ delay: 50, loss: 0.05 }, 300)
  expect(mean).toBeLessThan(103)
  expect(p99).toBeLessThanOrEqual(130)
})

it("if a third of all datagrams is lost each way, 95 % of keys take at most half a round trip more", async () => {
  const { mean, p95 } = await latency({ delay: 50, loss: 0.29 }, 300)
  expect(mean).toBeLessThan(120)
  expect(p95).toBeLessThanOrEqual(150)
})

it("during a gap of the network, a copy is sent every half round trip once losses are known", async () => {
  const { mean, p99 } = await latency({ delay: 50, bursts: { good: 1500, bad: 100, loss: 1 } }, 700)
  expect(mean).toBeLessThan(125)
  expect(p99).toBeLessThan(450)
})

describe("while rows of the history arrive", () => {
  const both = async (path: Partial<Path>, keys: number) => {
    const typed = (history: boolean) => typing({ path, keys, seed: 1, scrolled: { rows: 12_000, history } })
    const [without, during] = [await typed(false), await typed(true)]
    expect(during.samples.length).toBe(without.samples.length)
    return { without, during, later: during.samples.map((sample, key) => sample - (without.samples[key] ?? 0)) }
  }

  it("no key is shown a moment later, if the network has room for both", async () => {
    for (const delay of [0.5, 135]) {
      const { during, later, without } = await both({ delay }, 60)
      expect(Math.max(...later)).toBeLessThanOrEqual(0)
      expect(without.received).toBe(0)
      expect(during.received).toBeGreaterThan(2000)
    }
  })

  it("a key on a slow network is shown 2 % later on average, and never later than two of their packets take", async () => {
    const { during, later, without } = await both({ delay: 50, bandwidth: 1e6, queue: 125_000 }, 60)
    expect(summary(during.samples).mean).toBeLessThan(1.02 * summary(without.samples).mean)
    expect(Math.max(...later)).toBeLessThan(10)
    expect(during.received).toBeGreaterThan(2000)
    expect(during.received).toBeLessThan(12_000)
  })
})
