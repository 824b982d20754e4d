import { describe, expect, it } from "@effect/vitest"
import * as RelayEnd from "../../../src/domain/relay/RelayEnd.ts"
import * as RelayFlow from "../../../src/domain/relay/RelayFlow.ts"
import * as RelayFrame from "../../../src/domain/relay/RelayFrame.ts"

interface Line {
  /** Bytes a millisecond, and how long a byte is on its way besides. */
  readonly rate: number
  readonly delay: number
}

/** The relay sends datagrams over a line that loses nothing and holds any amount, as TCP and ssh do. */
const simulate = ({ delay, rate }: Line, duration: number, offer: (now: number) => ReadonlyArray<Uint8Array>) => {
  const relay = RelayEnd.make("Relay", 0)
  const client = RelayEnd.make("Client", 0)
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
  return { arrived, dropped: relay.dropped(), queued }
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
      const end = RelayEnd.make("Relay", 0)
      expect(end.receive(bytes, 1).isMalformed).toBe(true)
      const frame = RelayFrame.encodeDatagram(Uint8Array.of(1)) ?? new Uint8Array(0)
      expect(end.receive(frame, 2)).toMatchObject({ isMalformed: true, datagrams: [], writes: [] })
    }
    const end = RelayEnd.make("Relay", 0)
    end.send(new Uint8Array(100), 0)
    expect(end.receive(RelayFrame.encodeAcknowledgement(100), 1).isMalformed).toBe(false)
    expect(end.receive(RelayFrame.encodeAcknowledgement(99), 2).isMalformed).toBe(true)
  })

  it("counts on beyond 2^32 bytes", () => {
    const flow = RelayFlow.make(0)
    let total = 0
    for (let i = 0; i < 5000; i++) {
      flow.sent(1_000_000, i)
      total += 1_000_000
      expect(flow.acknowledged(total % 2 ** 32, i)).toBe(true)
    }
    expect(total).toBeGreaterThan(2 ** 32)
    expect(flow.inFlight()).toBe(0)
  })

  it("holds a bounded number of datagrams, however small", () => {
    const end = RelayEnd.make("Relay", 0)
    let written = 0
    for (let i = 0; i < 100_000; i++) written += end.send(Uint8Array.of(1), 0).length
    expect(100_000 - written - end.dropped().overflow).toBeLessThanOrEqual(RelayEnd.MAX_QUEUE / 64)
    expect(end.send(new Uint8Array(0), 0)).toEqual([])
    expect(end.dropped().illegal).toBe(1)
  })
})
