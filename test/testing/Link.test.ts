import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Link from "../../src/testing/Link.ts"

const Seed = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 }))

/** Sends `count` datagrams of `bytes` bytes, one every `every` ms. Returns their arrivals, by time of sending. */
const send = (seed: number, path: Partial<Link.Path>, count: number, every: number, bytes = 100) => {
  let link = Link.init(seed)
  return Array.from({ length: count }, (_, i) => {
    const [next, arrivals] = Link.carry(link, { ...Link.PERFECT, ...path }, bytes, i * every)
    link = next
    return arrivals
  })
}

const lost = (arrivals: ReadonlyArray<ReadonlyArray<Link.Arrival>>) =>
  arrivals.filter(({ length }) => length === 0).length / arrivals.length

describe("A link", () => {
  it.prop("behaves the same for the same seed", [Seed], ([seed]) => {
    const path = { loss: 0.2, jitter: 30, duplicate: 0.1, corrupt: 0.1, reorder: 0.1, reorderDelay: 9 }
    expect(send(seed, path, 50, 3)).toEqual(send(seed, path, 50, 3))
  })

  it.prop("loses its share, each datagram independently", [Seed], ([seed]) => {
    const arrivals = send(seed, { loss: 0.29 }, 5000, 1)
    expect(Math.abs(lost(arrivals) - 0.29)).toBeLessThan(0.04)
    const pairs = arrivals.filter((arrival, i) => arrival.length === 0 && arrivals[i + 1]?.length === 0).length
    expect(Math.abs(pairs / 5000 - 0.29 ** 2)).toBeLessThan(0.03)
  })

  it("loses in bursts: as large a share as the bad times, and mostly in a row", () => {
    const bursts = { good: 900, bad: 100, loss: 1 }
    const arrivals = send(5, { bursts }, 50_000, 5)
    expect(Math.abs(lost(arrivals) - 0.1)).toBeLessThan(0.025)
    const pairs = arrivals.filter((arrival, i) => arrival.length === 0 && arrivals[i + 1]?.length === 0).length
    expect(pairs / 50_000 / lost(arrivals)).toBeGreaterThan(0.9)
    // The share does not depend on how often datagrams are sent.
    expect(Math.abs(lost(send(6, { bursts }, 10_000, 3000)) - 0.1)).toBeLessThan(0.025)
  })

  it("delivers no more than its bandwidth, and keeps queued datagrams in order", () => {
    const arrivals = send(1, { bandwidth: 80_000, queue: 2000, delay: 10 }, 1000, 1, 72)
    const times = arrivals.flatMap((copies, i) => copies.map(({ after }) => i + after))
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    // 100 bytes with headers take 10 ms, and at most 20 of them wait.
    expect(Math.abs(times.length - 120)).toBeLessThanOrEqual(1)
    expect(Math.max(...times)).toBeLessThanOrEqual(1000 + 200 + 10)
  })

  it("shares its bandwidth with downloads that keep the queue nearly full, and drops what arrives while it is full", () => {
    const path = { bandwidth: 5e6, queue: 3_125_000, delay: 25, downloads: 4 }
    const arrivals = send(1, path, 5000, 97)
    const waits = arrivals.flatMap((copies) => copies.map(({ after }) => after))
    expect(Math.max(...waits)).toBeLessThanOrEqual(5025)
    // After a loss the windows are cut by 30 %, and the queue with them.
    expect(Math.min(...waits)).toBeGreaterThan(0.6 * 5025)
    expect(lost(arrivals)).toBeGreaterThan(0.02)
    expect(lost(arrivals)).toBeLessThan(0.15)
    expect(send(1, path, 300, 97)).toEqual(arrivals.slice(0, 300))
    expect(send(2, path, 300, 97)).not.toEqual(arrivals.slice(0, 300))
  })

  it("holds some back, repeats some and damages one bit of some", () => {
    const held = send(2, { delay: 10, reorder: 0.2, reorderDelay: 40 }, 2000, 1).flat()
    expect(new Set(held.map(({ after }) => after))).toEqual(new Set([10, 50]))
    expect(Math.abs(held.filter(({ after }) => after === 50).length / 2000 - 0.2)).toBeLessThan(0.04)
    expect(Math.abs(send(3, { duplicate: 0.3 }, 2000, 1).flat().length / 2000 - 1.3)).toBeLessThan(0.04)
    const datagram = new Uint8Array(50)
    for (const arrival of send(4, { corrupt: 0.5 }, 200, 1).flat()) {
      const bits = Link.arrived(datagram, arrival).reduce(
        (sum, byte) => sum + byte.toString(2).replaceAll("0", "").length,
        0
      )
      expect(bits).toBe(arrival.flip === undefined ? 0 : 1)
    }
  })

  it("refuses values outside their ranges, by name", () => {
    const bad: ReadonlyArray<readonly [string, Partial<Link.Path>]> = [
      ["loss", { loss: NaN }],
      ["loss", { loss: 30 }],
      ["corrupt", { corrupt: -0.1 }],
      ["delay", { delay: -1 }],
      ["jitter", { jitter: NaN }],
      ["bandwidth", { bandwidth: 0 }],
      ["mtu", { mtu: NaN }],
      ["downloads", { downloads: 1.5 }],
      ["bursts.bad", { bursts: { good: 1, bad: 0, loss: 1 } }],
      ["bursts.loss", { bursts: { good: 1, bad: 1, loss: 2 } }]
    ]
    for (const [name, path] of bad) expect(() => Link.pathOf(Link.PERFECT, path)).toThrow(`${name} is `)
    expect(Link.pathOf(Link.PERFECT, { delay: 5 })).toEqual({ ...Link.PERFECT, delay: 5 })
  })
})
