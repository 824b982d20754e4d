import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"
import * as Connection from "../../../src/domain/ssp/Connection.ts"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import * as Fragment from "../../../src/domain/wire/Fragment.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as Timestamp16 from "../../../src/domain/wire/Timestamp16.ts"
import { hostile } from "../wire/hostile.ts"

type State = Connection.State<string>
type Output = Connection.Output<string>

const make = (role: Role, changes: Partial<State> = {}, family: "IPv4" | "IPv6" = "IPv4") => {
  const machine = Connection.machine<string>({ role, addressEquals: (a, b) => a === b })
  let state: State = { ...Connection.init<string>({ family, now: 0 }), ...changes }
  const input = (input: Connection.Input<string>, now: number): ReadonlyArray<Output> => {
    const [next, outputs] = machine.step(state, input, now)
    state = next
    return outputs
  }
  let sequence = -1n
  const peer: Role = role === "Client" ? "Server" : "Client"
  const arrive = (
    now: number,
    options: {
      readonly sequence?: bigint
      readonly timestamp?: number
      readonly reply?: number
      readonly source?: string
      readonly congested?: boolean
      readonly id?: bigint
    } = {}
  ): ReadonlyArray<Output> => {
    sequence = options.sequence ?? sequence + 1n
    const payload = Fragment.encode({
      id: options.id ?? sequence,
      number: 0,
      isFinal: true,
      contents: Uint8Array.from([Number(sequence & 0xffn)])
    })
    const plaintext = Packet.encode({
      timestamp: options.timestamp ?? Timestamp16.NONE,
      timestampReply: options.reply ?? Timestamp16.NONE,
      payload
    })
    return input(
      {
        _tag: "Arrived",
        nonce: Nonce.make(peer, sequence) ?? 0n,
        plaintext,
        source: options.source ?? "peer",
        socket: 0,
        congested: options.congested ?? false
      },
      now
    )
  }
  const transmit = (now: number, bytes = 1) => input({ _tag: "Transmit", contents: new Uint8Array(bytes) }, now)
  return { arrive, transmit, input, state: () => state }
}

const datagrams = (outputs: ReadonlyArray<Output>) => outputs.filter((output) => output._tag === "Datagram")
const packets = (outputs: ReadonlyArray<Output>) =>
  datagrams(outputs).map(({ plaintext }) => Packet.decode(plaintext) as Packet.Packet)
const tags = (outputs: ReadonlyArray<Output>) =>
  outputs
    .filter(({ _tag }) => _tag !== "PacketReceived")
    .map((output) => (output._tag === "Dropped" ? output.reason : output._tag))

describe("sending", () => {
  it("numbers every datagram once, and every instruction", () => {
    const { transmit } = make("Client")
    const outputs = [...transmit(1, 3000), ...transmit(2, 10)]
    expect(datagrams(outputs).map(({ nonce }) => nonce)).toEqual([0n, 1n, 2n, 3n])
    const fragments = packets(outputs).map(({ payload }) => Fragment.decode(payload))
    expect(fragments.map((fragment) => [fragment?.id, fragment?.number, fragment?.isFinal])).toEqual([
      [1n, 0, false],
      [1n, 1, false],
      [1n, 2, true],
      [2n, 0, true]
    ])
  })

  it("sends the same bytes as the same fragments, and other bytes as other fragments", () => {
    const { input } = make("Client")
    const contents = new Uint8Array(3000)
    const ids = (contents: Uint8Array) =>
      packets(input({ _tag: "Transmit", contents }, 1)).map(({ payload }) => Fragment.decode(payload)?.id)
    expect([contents, contents, new Uint8Array(3000), contents].map((bytes) => new Set(ids(bytes)))).toEqual(
      [1n, 1n, 2n, 3n].map((id) => new Set([id]))
    )
    // Cut to another size, they are other fragments.
    input({ _tag: "Limit", bytes: 500 }, 2)
    expect(new Set(ids(contents))).toEqual(new Set([4n]))
  })

  it.each([
    ["IPv4", 1214],
    ["IPv6", 1178]
  ] as const)("fills a datagram of %s with %i bytes", (family, size) => {
    const { transmit } = make("Client", {}, family)
    expect(datagrams(transmit(1, size)).length).toBe(1)
    expect(datagrams(transmit(1, size + 1)).length).toBe(2)
  })

  it("cuts instructions into datagrams of the path's size", () => {
    const { transmit, input } = make("Client")
    input({ _tag: "Limit", bytes: 500 }, 1)
    expect(datagrams(transmit(1, 462)).length).toBe(1)
    expect(datagrams(transmit(1, 463)).map(({ plaintext }) => plaintext.length + 24)).toEqual([500, 39])
  })

  it("stops for good before the key has encrypted more than 2^47 blocks", () => {
    const { transmit } = make("Client", { blocks: Connection.MAX_BLOCKS - 1 })
    expect(tags(transmit(1, 2))).toEqual(["Datagram"])
    expect(tags(transmit(1, 2))).toEqual(["KeyExhausted"])
    expect(tags(transmit(1, 2))).toEqual([])
  })

  it("stops for good before a sequence number could come again", () => {
    const { transmit } = make("Client", { nextSequence: Nonce.MAX_SEQUENCE })
    expect(tags(transmit(1))).toEqual(["Datagram"])
    expect(tags(transmit(1))).toEqual(["KeyExhausted"])
    expect(tags(transmit(1))).toEqual([])
  })
})

describe("a large instruction", () => {
  const contents = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) & 0xff)
  const pass = (outputs: ReadonlyArray<Output>, to: ReturnType<typeof make>, lost: (number: number) => boolean) =>
    datagrams(outputs).flatMap(({ nonce, plaintext }) => {
      const fragment = Fragment.decode(Packet.decode(plaintext)?.payload ?? new Uint8Array(0))
      if (lost(fragment?.number ?? 0)) return []
      return to.input({ _tag: "Arrived", nonce, plaintext, source: "peer", socket: 0, congested: false }, 1)
    })
  const delivered = (outputs: ReadonlyArray<Output>) =>
    outputs.flatMap((output) => (output._tag === "Deliver" ? [output.contents] : []))

  it("is complete when its missing fragments are retransmitted, although a small one arrived in between", () => {
    const [server, client] = [make("Server"), make("Client")]
    server.arrive(0)
    const first = server.input({ _tag: "Transmit", contents }, 1)
    const again = server.input({ _tag: "Transmit", contents }, 2)
    const small = server.transmit(3)
    expect(delivered(pass(first, client, (number) => number % 2 === 0))).toEqual([])
    expect(delivered(pass(small, client, () => false))).toEqual([new Uint8Array(1)])
    expect(delivered(pass(again, client, (number) => number % 2 === 1))).toEqual([contents])
  })
})

describe("timestamps", () => {
  it("are echoed once, plus the time for which they were kept", () => {
    const { arrive, transmit } = make("Client")
    arrive(1000, { timestamp: 65_500 })
    expect(packets(transmit(1100, 2000)).map(({ timestampReply }) => timestampReply)).toEqual([64, Timestamp16.NONE])
    expect(packets(transmit(1101))[0]?.timestampReply).toBe(Timestamp16.NONE)
    expect(packets(transmit(70_000))[0]?.timestamp).toBe(70_000 - 65_536)
  })

  it("are not echoed when older than a second", () => {
    const { arrive, transmit } = make("Client")
    arrive(1000, { timestamp: 10 })
    expect(packets(transmit(2000))[0]?.timestampReply).toBe(Timestamp16.NONE)
  })

  it("look 500 ms older when the network is congested", () => {
    const { arrive, transmit } = make("Client")
    arrive(1000, { timestamp: 100, congested: true })
    expect(packets(transmit(1000))[0]?.timestampReply).toBe(65_536 - 400)
  })

  it("give the round trip, even when the 16-bit clock wraps", () => {
    const { arrive } = make("Client")
    const outputs = arrive(65_536 + 20, { reply: 65_516 })
    // After the instruction: its acknowledgement is judged by the round trip of before.
    expect(tags(outputs)).toEqual(["Deliver", "RoundTrip"])
    expect(outputs.at(-1)).toEqual({ _tag: "RoundTrip", estimate: { srtt: 40, minRtt: 40, rto: 120, loss: 0 } })
    expect(tags(arrive(65_536 + 30, { reply: Timestamp16.at(65_536 + 30 - 5000) }))).not.toContain("RoundTrip")
  })
})

describe("sequence numbers", () => {
  it("admit a late datagram once, but neither its timestamp nor its address is used", () => {
    const { arrive, transmit, state } = make("Server")
    arrive(900, { sequence: 9n })
    const [first] = packets(transmit(900))
    arrive(1000, { sequence: 10n, timestamp: 1, reply: first?.timestamp ?? 0 })
    expect(tags(arrive(1001, { sequence: 10n, source: "thief", timestamp: 7, reply: 900 }))).toEqual(["late"])
    const late = arrive(1002, { sequence: 3n, source: "thief", timestamp: 7, reply: 900 })
    expect(late.map(({ _tag }) => _tag)).toEqual(["Deliver"])
    expect(tags(arrive(1002, { sequence: 3n, source: "thief" }))).toEqual(["late"])
    expect(arrive(1002, { sequence: 11n }).map(({ _tag }) => _tag)).toEqual(["PacketReceived", "Deliver"])
    expect(state().receivedAt).toBe(1002)
    const [sent] = transmit(1003)
    expect(sent?._tag === "Datagram" && sent.to).toBe("peer")
    expect(sent === undefined ? undefined : packets([sent])[0]?.timestampReply).toBe(4)
  })

  it("refuse our own datagrams, and those without timestamps", () => {
    const { input, state } = make("Client")
    const before = state()
    const plaintext = new Uint8Array(20)
    const arrived = { _tag: "Arrived", plaintext, source: "peer", socket: 0, congested: false } as const
    const header = Packet.encode({ timestamp: 1, timestampReply: Timestamp16.NONE, payload: new Uint8Array(9) })
    expect(tags(input({ ...arrived, nonce: 5n }, 1))).toEqual(["misdirected"])
    expect(tags(input({ ...arrived, nonce: (1n << 63n) | 5n, plaintext: new Uint8Array(3) }, 1))).toEqual(["short"])
    expect(state()).toBe(before)
    expect(tags(input({ ...arrived, nonce: (1n << 63n) | 5n, plaintext: header }, 1))).toEqual(["fragment"])
  })
})

describe("a server", () => {
  it("knows no peer before the first datagram, and then follows the newest", () => {
    const { arrive, transmit } = make("Server")
    expect(transmit(1)).toEqual([])
    const first = arrive(10, { source: "a" })
    expect(tags(first)).toEqual(["Deliver", "Attached"])
    expect(first.at(-1)).toEqual({ _tag: "Attached", attached: true })
    expect(tags(arrive(11, { source: "a" }))).toEqual(["Deliver"])
    expect(arrive(12, { source: "b" }).at(-1)).toEqual({ _tag: "Attached", attached: true })
    // Until the client echoes what was sent to the new address, the old one gets everything, too.
    const both = transmit(13)
    expect(datagrams(both).map(({ to }) => to)).toEqual(["b", "a"])
    const [challenge] = packets(both)
    expect(arrive(20, { source: "b", reply: challenge?.timestamp ?? 0 }).at(-1)).toEqual({ _tag: "Roamed" })
    expect(datagrams(transmit(21)).map(({ to }) => to)).toEqual(["b"])
  })

  it("forgets a client that is silent for more than 40 s, when it sends", () => {
    const { arrive, transmit } = make("Server")
    arrive(0)
    expect(tags(transmit(40_000))).toEqual(["Datagram"])
    expect(tags(transmit(40_001))).toEqual(["Datagram", "Attached"])
    expect(transmit(40_002)).toEqual([])
    expect(tags(arrive(90_000))).toEqual(["Deliver", "Attached"])
    expect(datagrams(transmit(90_001)).length).toBe(1)
  })
})

describe("a client", () => {
  it("sends to its server's address, whoever answers", () => {
    const { arrive, transmit } = make("Client")
    arrive(1, { source: "elsewhere" })
    expect(datagrams(transmit(2)).map(({ to, socket }) => [to, socket])).toEqual([[undefined, 0]])
  })

  it("sends from another port after 10 s without a round trip", () => {
    const { transmit } = make("Client")
    expect(tags(transmit(10_000))).toEqual(["Datagram"])
    const hop = transmit(10_001)
    expect(hop.slice(1)).toEqual([{ _tag: "OpenSocket", socket: 1 }])
    expect(datagrams(hop)[0]?.socket).toBe(0)
    expect(datagrams(transmit(10_002)).map(({ socket }) => socket)).toEqual([1])
    expect(tags(transmit(20_001))).toEqual(["Datagram"])
    expect(tags(transmit(20_002))).toEqual(["Datagram", "OpenSocket"])
  })

  it("stays on its port while round trips succeed", () => {
    const { transmit, input } = make("Client")
    for (let now = 3000; now < 100_000; now += 3000) {
      input({ _tag: "RoundTripSuccess", sentAt: now - 50 }, now)
      expect(tags(transmit(now))).toEqual(["Datagram"])
    }
  })

  it("keeps ten ports at most, and only the newest after a minute on it", () => {
    const { transmit, arrive, input, state } = make("Client")
    let now = 0
    let closed = 0
    for (let i = 0; i < 15; i++) {
      now += 10_001
      closed += tags(transmit(now)).filter((tag) => tag === "CloseSocket").length
      expect(state().sockets.length).toBeLessThanOrEqual(10)
    }
    expect(state().sockets).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    expect(closed).toBe(6)
    input({ _tag: "RoundTripSuccess", sentAt: now }, now)
    expect(tags(arrive(now + 60_000))).not.toContain("CloseSocket")
    expect(tags(arrive(now + 60_001)).filter((tag) => tag === "CloseSocket").length).toBe(9)
    expect(state().sockets).toEqual([15])
  })
})

const Step = Schema.Struct({
  after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20_000 })),
  bytes: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5000 })),
  role: Schema.Literals(["send", "limit", "receive"])
})

describe("both", () => {
  it.prop("never use a nonce twice", [Schema.Literals(["Client", "Server"]), Schema.Array(Step)], ([role, steps]) => {
    const { transmit, input, arrive } = make(role)
    const nonces: Array<bigint> = []
    let now = 0
    for (const { after, bytes, role } of steps) {
      now += after
      if (role === "receive") arrive(now)
      else if (role === "limit") input({ _tag: "Limit", bytes: 400 + (bytes % 3) * 100 }, now)
      else nonces.push(...datagrams(transmit(now, bytes)).map(({ nonce }) => nonce))
    }
    expect(new Set(nonces).size).toBe(nonces.length)
  })

  it("never throw, and never follow garbage, whatever arrives under the key", () => {
    const honest = [
      Packet.encode({
        timestamp: 1,
        timestampReply: 2,
        payload: Fragment.encode({ id: 1n, number: 0, isFinal: true, contents: new Uint8Array(9) })
      })
    ]
    for (const role of ["Client", "Server"] as const) {
      const { input, state } = make(role)
      let delivered = 0
      let now = 0
      for (const plaintext of hostile(honest)) {
        const nonce = Nonce.make(role === "Client" ? "Server" : "Client", BigInt(now)) ?? 0n
        const outputs = input({ _tag: "Arrived", nonce, plaintext, source: "peer", socket: 0, congested: false }, now++)
        delivered += outputs.filter((output) => output._tag === "Deliver").length
      }
      expect(delivered).toBeGreaterThan(0)
      expect(state().assembly.bytes).toBeLessThan(2 ** 22)
      expect(state().sockets).toEqual([0])
    }
  })
})
