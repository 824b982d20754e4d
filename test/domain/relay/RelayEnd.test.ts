import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as RelayEnd from "../../../src/domain/relay/RelayEnd.ts"
import * as RelayFlow from "../../../src/domain/relay/RelayFlow.ts"
import * as RelayFrame from "../../../src/domain/relay/RelayFrame.ts"

/** An end that is stepped, and what it put out last. */
class Stepped {
  state: RelayEnd.RelayEnd
  constructor(role: "Client" | "Relay") {
    this.state = RelayEnd.init(role, 0)
  }
  send(datagram: Uint8Array, now: number): ReadonlyArray<Uint8Array> {
    return writesOf(this.#step({ _tag: "Send", datagram }, now))
  }
  receive(bytes: Uint8Array, now: number) {
    const outputs = this.#step({ _tag: "Receive", bytes }, now)
    return {
      datagrams: outputs.flatMap((output) => (output._tag === "Datagram" ? [output.datagram] : [])),
      writes: writesOf(outputs),
      isMalformed: this.state.isMalformed,
      endsConnection: outputs.some(({ _tag }) => _tag === "Malformed")
    }
  }
  #step(input: RelayEnd.Input, now: number): ReadonlyArray<RelayEnd.Output> {
    const [next, outputs] = RelayEnd.machine.step(this.state, input, now)
    expect(RelayEnd.machine.deadline(next)).toBe(Infinity)
    this.state = next
    return outputs
  }
}

const writesOf = (outputs: ReadonlyArray<RelayEnd.Output>): ReadonlyArray<Uint8Array> =>
  outputs.flatMap((output) => (output._tag === "Write" ? [output.bytes] : []))

interface Line {
  /** Bytes a millisecond, and how long a byte is on its way besides. */
  readonly rate: number
  readonly delay: number
}

/** The relay sends datagrams over a line that loses nothing and holds any amount, as TCP and ssh do. */
const simulate = ({ delay, rate }: Line, duration: number, offer: (now: number) => ReadonlyArray<Uint8Array>) => {
  const relay = new Stepped("Relay")
  const client = new Stepped("Client")
  client.receive(new TextEncoder().encode(RelayFrame.GREETING), 0)
  const toClient: Array<{ readonly at: number; readonly bytes: Uint8Array }> = []
  const toRelay: Array<{ readonly at: number; readonly bytes: Uint8Array }> = []
  const arrived: Array<{ readonly at: number; readonly datagram: Uint8Array }> = []
  let freeAt = 0
  let queued = 0
  const write = (pieces: ReadonlyArray<Uint8Array>, now: number): void => {
    for (const bytes of pieces) {
      freeAt = Math.max(freeAt, now) + bytes.length / rate
      toClient.push({ at: freeAt + delay, bytes })
    }
  }
  for (let now = 0; now < duration; now++) {
    for (const datagram of offer(now)) write(relay.send(datagram, now), now)
    queued = Math.max(queued, now < duration / 2 ? 0 : (freeAt - now) * rate)
    while ((toClient[0]?.at ?? Infinity) <= now) {
      const { datagrams, writes } = client.receive(toClient.shift()?.bytes ?? new Uint8Array(0), now)
      arrived.push(...datagrams.map((datagram) => ({ at: now, datagram })))
      for (const bytes of writes) toRelay.push({ at: now + delay, bytes })
    }
    while ((toRelay[0]?.at ?? Infinity) <= now) {
      const { isMalformed, writes } = relay.receive(toRelay.shift()?.bytes ?? new Uint8Array(0), now)
      expect(isMalformed).toBe(false)
      write(writes, now)
    }
  }
  return { arrived, dropped: relay.state.dropped, queued }
}

/** 1200 bytes, which begin with the time. */
const stamped = (now: number): Uint8Array => {
  const datagram = new Uint8Array(1200)
  new DataView(datagram.buffer).setFloat64(0, now)
  return datagram
}

const age = ({ at, datagram }: { readonly at: number; readonly datagram: Uint8Array }): number =>
  at - new DataView(datagram.buffer, datagram.byteOffset).getFloat64(0)

describe("a relay's end", () => {
  it.each([
    { rate: 125, delay: 10 },
    { rate: 1250, delay: 40 },
    { rate: 2500, delay: 2 }
  ])("keeps the queue of a line of $rate B/ms short in a flood, and the line busy", (line) => {
    // Ten times what the line carries.
    let offered = 0
    const { arrived, dropped, queued } = simulate(line, 3000, (now) => {
      const datagrams: Array<Uint8Array> = []
      for (; offered < now * line.rate * 10; offered += 1200) datagrams.push(stamped(now))
      return datagrams
    })
    // Copa tolerates 4 ms of queue.
    const pathSize = (2 * line.delay + 8) * line.rate
    expect(queued).toBeLessThan(Math.max(RelayFlow.FLOOR, pathSize) + 8 * 1200)
    const late = arrived.filter(({ at }) => at >= 1500)
    expect(late.length * 1200).toBeGreaterThan(0.7 * 1500 * line.rate)
    expect(dropped.overflow).toBeGreaterThan(arrived.length)
    // The queue before the line is bounded, too, and its oldest datagrams are the ones that are dropped.
    const longest = (RelayEnd.MAX_QUEUE + RelayFlow.FLOOR + pathSize) / line.rate + line.delay + 20
    for (const datagram of late) expect(age(datagram)).toBeLessThan(longest)
  })

  it("sends a key and its response at once, and a screen without an acknowledgement", () => {
    const screen = RelayFlow.FLOOR - RelayEnd.ACKNOWLEDGE_AFTER - 2400
    const { arrived, dropped } = simulate({ rate: 1e6, delay: 30 }, 2000, (now) =>
      now === 500
        ? Array.from({ length: Math.floor(screen / 1200) }, () => stamped(now))
        : now % 50 === 0
          ? [stamped(now)]
          : []
    )
    expect(arrived.length).toBe(Math.floor(screen / 1200) + 39)
    expect(dropped).toEqual({ illegal: 0, overflow: 0 })
    for (const datagram of arrived) expect(age(datagram)).toBeLessThanOrEqual(31)
  })

  it("ends at an acknowledgement of what was not sent, and at other malformed bytes", () => {
    const bad = [RelayFrame.encodeAcknowledgement(1), Uint8Array.of(9, 9, 9)]
    for (const bytes of bad) {
      const end = new Stepped("Relay")
      expect(end.receive(bytes, 1)).toMatchObject({ isMalformed: true, endsConnection: true })
      const frame = RelayFrame.encodeDatagram(Uint8Array.of(1)) ?? new Uint8Array(0)
      expect(end.receive(frame, 2)).toMatchObject({ endsConnection: false, datagrams: [], writes: [] })
    }
    const end = new Stepped("Relay")
    end.send(new Uint8Array(100), 0)
    expect(end.receive(RelayFrame.encodeAcknowledgement(100), 1).isMalformed).toBe(false)
    expect(end.receive(RelayFrame.encodeAcknowledgement(99), 2).isMalformed).toBe(true)
  })

  it("counts on beyond 2^32 bytes", () => {
    let flow = RelayFlow.init(0)
    let total = 0
    for (let i = 0; i < 5000; i++) {
      flow = RelayFlow.sent(flow, 1_000_000, i)
      total += 1_000_000
      const next = RelayFlow.acknowledged(flow, total % 2 ** 32, i)
      expect(next).toBeDefined()
      flow = next ?? flow
    }
    expect(total).toBeGreaterThan(2 ** 32)
    expect(RelayFlow.inFlight(flow)).toBe(0)
  })

  it("holds a bounded number of datagrams, however small", () => {
    const end = new Stepped("Relay")
    let written = 0
    for (let i = 0; i < 20_000; i++) written += end.send(Uint8Array.of(1), 0).length
    expect(20_000 - written - end.state.dropped.overflow).toBeLessThanOrEqual(RelayEnd.MAX_QUEUE / 64)
    expect(end.send(new Uint8Array(0), 0)).toEqual([])
    expect(end.state.dropped.illegal).toBe(1)
  })

  it.prop(
    "delivers what it does not drop, once and in order, however bytes are cut and acknowledgements wait",
    [Schema.Array(Schema.Literals(["Send", "Deliver", "Answer"])), Schema.Literals([500, 1501, 4000])],
    ([actions, cut]) => {
      const relay = new Stepped("Relay")
      const client = new Stepped("Client")
      client.receive(new TextEncoder().encode(RelayFrame.GREETING), 0)
      let toClient = Buffer.alloc(0)
      let toRelay = Buffer.alloc(0)
      let sent = 0
      const arrived: Array<number> = []
      const act = (action: "Send" | "Deliver" | "Answer", now: number): void => {
        if (action === "Send") {
          const datagram = new Uint8Array(1500)
          new DataView(datagram.buffer).setUint32(0, sent++)
          toClient = Buffer.concat([toClient, ...relay.send(datagram, now)])
        } else if (action === "Deliver") {
          const { datagrams, isMalformed, writes } = client.receive(toClient.subarray(0, cut), now)
          expect(isMalformed).toBe(false)
          toClient = toClient.subarray(cut)
          arrived.push(...datagrams.map((bytes) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)))
          toRelay = Buffer.concat([toRelay, ...writes])
        } else {
          const { isMalformed, writes } = relay.receive(toRelay.subarray(0, cut), now)
          expect(isMalformed).toBe(false)
          toRelay = toRelay.subarray(cut)
          toClient = Buffer.concat([toClient, ...writes])
        }
        expect(relay.state.queued).toBeLessThanOrEqual(RelayEnd.MAX_QUEUE)
      }
      const first = [...actions, ...actions, ...Array.from({ length: 100 }, () => "Send" as const), ...actions]
      first.forEach(act)
      for (let now = first.length; toClient.length + toRelay.length > 0; now += 10) {
        act("Deliver", now)
        act("Answer", now)
      }
      expect(arrived).toEqual(arrived.toSorted((a, b) => a - b))
      expect(new Set(arrived).size).toBe(arrived.length)
      expect(arrived.length + relay.state.dropped.overflow).toBe(sent)
      expect(relay.state.queue).toEqual([])
    },
    { arbitrary: { runs: 20 } }
  )
})
