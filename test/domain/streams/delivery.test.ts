/**
 * Every byte once and in order, whatever the network does.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Limits from "../../../src/domain/streams/Limits.ts"
import * as Link from "../../../src/testing/Link.ts"
import { random } from "../wire/hostile.ts"
import * as Network from "./network.ts"
import * as Transfer from "./transfer.ts"

const complete = (plan: Transfer.Plan, until: number) => {
  const { network, progress } = Transfer.start(plan)
  network.run(until, () => Transfer.isComplete(plan, progress))
  return { network, progress }
}

const expectComplete = (plan: Transfer.Plan, until: number) => {
  const result = complete(plan, until)
  const { network, progress } = result
  expect(progress.failures).toEqual([])
  expect([progress.ended.size, progress.finished.client.size, progress.finished.server.size]).toEqual(
    [1, 1, 1].map((each) => each * plan.sizes.length)
  )
  for (const { state } of [network.client, network.server]) {
    expect(state.table.streams.size).toBe(0)
    expect(state.flow.receivePool).toBe(Limits.RECEIVE_POOL)
    expect(state.flow.sendPool).toBe(Limits.SEND_POOL)
    expect(state.flow.consumed).toBe(state.flow.received)
  }
  return result
}

const hostilePath = (next: () => number): Link.Path => ({
  ...Link.PERFECT,
  delay: next() * 100,
  jitter: next() < 0.5 ? 0 : next() * 60,
  loss: next() * 0.4,
  duplicate: next() * 0.2,
  reorder: next() * 0.2,
  reorderDelay: next() * 200,
  bursts: next() < 0.3 ? { good: 500, bad: 100, loss: 0.8 } : undefined,
  bandwidth: next() < 0.5 ? Infinity : 2e5 + next() * 1e7,
  queue: 20_000 + next() * 100_000
})

const ZEROS = new Uint8Array(2e6)

const Seed = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 }))

describe("streams", () => {
  it.prop(
    "deliver every byte once and in order under loss, reordering and duplication",
    [Seed],
    ([seed]) => {
      const next = random(seed)
      const paths = { up: hostilePath(next), down: hostilePath(next) }
      const sizes = Array.from({ length: 1 + Math.floor(next() * 5) }, () => Math.floor(next() ** 2 * 60_000))
      expectComplete(
        {
          seed,
          path: (direction) => paths[direction],
          sizes,
          stateEvery: 5 + next() * 200,
          readSize: 1 + next() * 1e4
        },
        600_000
      )
    },
    { arbitrary: { runs: 40 } }
  )

  it("are read a few bytes at a time", () => {
    const path = { ...Link.PERFECT, delay: 10 }
    const plan = { seed: 1, path: () => path, sizes: [30_000], readSize: 1, readDelay: 1000 }
    const { progress } = expectComplete(plan, 60_000)
    expect(progress.read.get(1)).toBe(30_000)
  })

  it("converge at 40 % loss in both directions", () => {
    const path = { ...Link.PERFECT, delay: 50, loss: 0.4 }
    const { progress } = expectComplete({ seed: 3, path: () => path, sizes: [300_000], stateEvery: 100 }, 120_000)
    expect(progress.lastAt).toBeLessThan(60_000)
  })

  it("survive a blackout of an hour, and go on within a round trip of the first datagram after it", () => {
    const [from, to] = [300, 3_600_000]
    const good = { ...Link.PERFECT, delay: 30, bandwidth: 1e7, queue: 100_000 }
    const path = (_: string, now: number) => (now > from && now < to ? { ...good, loss: 1 } : good)
    const { network, progress } = Transfer.start({ seed: 5, path, sizes: [2_000_000], stateEvery: 3000 })
    network.run(to)
    const before = progress.read.get(1) ?? 0
    expect(before).toBeLessThan(2_000_000)
    const probes = network.datagrams.server
    // Probes never end and never become many: at most two every 3 s, besides those of the states.
    expect(probes).toBeLessThan(3_600 + 1_200 + 1_000)
    network.run(to + 3500, () => (progress.read.get(1) ?? 0) > before + 20_000)
    expect(progress.read.get(1)).toBeGreaterThan(before + 20_000)
    network.run(to + 20_000)
    expect([progress.failures, progress.ended.size]).toEqual([[], 1])
  })

  it("move to a path that is ten times longer", () => {
    const plan: Transfer.Plan = {
      seed: 9,
      path: (_, now) => ({ ...Link.PERFECT, delay: now < 400 ? 8 : 80, bandwidth: 5e6, queue: 60_000 }),
      sizes: [1_500_000]
    }
    const { network, progress } = Transfer.start(plan)
    network.after(400, () => {
      for (const end of [network.client, network.server]) network.give(end, { _tag: "PathChanged" })
    })
    network.run(60_000, () => Transfer.isComplete(plan, progress))
    expect([progress.failures, progress.ended.size]).toEqual([[], 1])
    expect(progress.lastAt).toBeLessThan(4000)
  })

  it("open as many as asked for, one after the other, though few at a time are allowed", () => {
    const path = { ...Link.PERFECT, delay: 5, loss: 0.1 }
    const opened: Array<number> = []
    const read: Array<number> = []
    const network = Network.make({ seed: 1, path: () => path }, (network, end, output) => {
      const open = () => network.give(end, { _tag: "Open", kind: 2, header: new Uint8Array() })
      switch (output._tag) {
        case "Opened":
          opened.push(output.stream)
          network.give(end, { _tag: "Write", stream: output.stream, bytes: new Uint8Array(10) })
          network.give(end, { _tag: "Finish", stream: output.stream })
          if (opened.length < 1000) open()
          return
        case "Openable":
          if (opened.length < 1000) open()
          return
        case "Readable":
          return network.give(end, { _tag: "Read", stream: output.stream, max: 100 })
        case "Data":
          if (!output.isEnd) return
          if (end === network.server) read.push(output.stream)
          return network.give(end, { _tag: "Finish", stream: output.stream })
        default:
          return
      }
    })
    network.give(network.client, { _tag: "Open", kind: 2, header: new Uint8Array() })
    network.run(60_000, () => read.length === 1000)
    expect(opened).toEqual(Array.from({ length: 1000 }, (_, i) => 2 * i))
    expect(read.length).toBe(1000)
    network.run(70_000)
    expect([network.client.state.table.streams.size, network.server.state.table.streams.size]).toEqual([0, 0])
  })

  it("that are not read stop no other stream", () => {
    const path = { ...Link.PERFECT, delay: 5, bandwidth: 4e7, queue: 1e6 }
    const got = new Map<number, number>()
    const network = Network.make({ seed: 1, path: () => path }, (network, end, output) => {
      switch (output._tag) {
        case "Opened":
          return network.give(end, { _tag: "Write", stream: output.stream, bytes: ZEROS })
        case "Writable":
          return network.give(end, { _tag: "Write", stream: output.stream, bytes: ZEROS })
        case "Readable":
          // Even streams that grow their window first are never read again.
          if (output.stream % 8 !== 1 && (got.get(output.stream) ?? 0) > 100_000) return
          if (output.stream % 8 === 5) return
          return network.give(end, { _tag: "Read", stream: output.stream, max: 1e5 })
        case "Data":
          got.set(output.stream, (got.get(output.stream) ?? 0) + output.bytes.length)
          return
        default:
          return
      }
    })
    for (let i = 0; i < 128; i++) network.give(network.server, { _tag: "Open", kind: 3, header: new Uint8Array() })
    network.run(2500)
    const before = new Map(got)
    network.run(4000)
    const reading = [...got.keys()].filter((stream) => stream % 8 === 1)
    expect(reading.length).toBe(32)
    for (const stream of reading) expect((got.get(stream) ?? 0) - (before.get(stream) ?? 0)).toBeGreaterThan(20_000)
  })

  it("give turns to each of the same urgency, and none to those of a lower one", () => {
    const path = { ...Link.PERFECT, delay: 5, bandwidth: 1e7, queue: 1e5 }
    const got = new Map<number, number>()
    const network = Network.make({ seed: 1, path: () => path }, (network, end, output) => {
      if (output._tag === "Opened" || output._tag === "Writable")
        network.give(end, { _tag: "Write", stream: output.stream, bytes: ZEROS })
      if (output._tag === "Readable") network.give(end, { _tag: "Read", stream: output.stream, max: 1e6 })
      if (output._tag === "Data") got.set(output.stream, (got.get(output.stream) ?? 0) + output.bytes.length)
    })
    for (const urgency of [5, 2, 2])
      network.give(network.server, { _tag: "Open", kind: 1, header: new Uint8Array(), urgency })
    network.run(2000)
    const [last = 0, a = 0, b = 0] = [1, 3, 5].map((stream) => got.get(stream))
    expect(a + b).toBeGreaterThan(1e6)
    expect(Math.abs(a - b)).toBeLessThan(0.1 * a)
    expect(last).toBeLessThan(0.05 * a)
  })

  it("end in a reset, and in a stop, whatever is lost of it", () => {
    const path = { ...Link.PERFECT, delay: 20, loss: 0.3 }
    const seen: Array<string> = []
    const network = Network.make({ seed: 11, path: () => path }, (network, end, output) => {
      if (output._tag === "Opened")
        network.give(end, { _tag: "Write", stream: output.stream, bytes: new Uint8Array(2e5) })
      if (output._tag === "PeerOpened" && output.stream === 2)
        network.give(end, { _tag: "StopReading", stream: output.stream, code: 9 })
      if (output._tag === "Reset" || output._tag === "Stopped")
        seen.push(`${end.name}: ${output._tag} ${output.stream} ${output.code}`)
      if (output._tag === "Finished") seen.push(`${end.name}: Finished ${output.stream}`)
    })
    for (let i = 0; i < 2; i++) network.give(network.client, { _tag: "Open", kind: 1, header: new Uint8Array() })
    network.run(1000)
    network.give(network.client, { _tag: "ResetSending", stream: 0, code: 7 })
    network.run(5000)
    for (const stream of [0, 2]) network.give(network.server, { _tag: "Finish", stream })
    network.run(6000)
    for (const stream of [0, 2]) network.give(network.client, { _tag: "Read", stream, max: 1 })
    network.run(20_000)
    expect(seen.sort()).toEqual([
      "client: Finished 0",
      "client: Finished 2",
      "client: Stopped 2 9",
      "server: Finished 0",
      "server: Finished 2",
      "server: Reset 0 7"
    ])
    for (const { state } of [network.client, network.server]) expect(state.flow.consumed).toBe(state.flow.received)
  })
})
