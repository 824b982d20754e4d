/**
 * Laws of streams through the real endpoint, in virtual time: beside states, over bad networks, and towards peers without them.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as Fragment from "../../../src/domain/wire/Fragment.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as StreamPacket from "../../../src/domain/wire/streams/StreamPacket.ts"
import { percentile } from "../streams/network.ts"
import type { SentDatagram } from "./session.ts"
import { OURS, start, transfer, type, WITHOUT_STREAMS } from "./stream-session.ts"

const Between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const Weather = Schema.Struct({
  seed: Between(0, 2 ** 31),
  loss: Between(0, 40),
  duplication: Between(0, 20),
  least: Between(0, 200),
  spread: Between(0, 100)
})
const Event = Schema.Struct({
  after: Between(0, 2000),
  kind: Schema.Literals(["roam", "blackout", "sleep", "type", "print"]),
  length: Between(1, 20)
})

const payload = ({ plaintext }: SentDatagram): Uint8Array => Packet.decode(plaintext)?.payload ?? new Uint8Array(0)
const isStreamPacket = (datagram: SentDatagram): boolean => StreamPacket.isStreamPacket(payload(datagram))

const calm = { seed: 1, loss: 0, duplication: 0, delay: [25, 25] } as const

describe("Streams of two endpoints", () => {
  it.prop(
    "deliver every byte once and in order over any network that lets something through",
    [Weather, Schema.Array(Event).check(Schema.isMaxLength(8)), Schema.Literals(["up", "down"])],
    ([{ duplication, least, loss, seed, spread }, events, direction]) => {
      const weather = {
        seed,
        loss: loss / 100,
        duplication: duplication / 100,
        delay: [least, least + spread]
      } as const
      const ends = start(weather)
      const { client, move, run, runUntil, server, suspend } = ends
      run(1000)
      const [from, to] = direction === "up" ? [client, server] : [server, client]
      const sent = transfer(from, to, 150_000)
      events.forEach(({ after, kind, length }, i) => {
        run(after)
        switch (kind) {
          case "roam":
            move(`host${i}`)
            return client.pathChanged()
          case "blackout":
            ends.weather({ loss: 1 })
            run(length * 3000)
            return ends.weather({ loss: weather.loss })
          case "sleep":
            return suspend(length * 60_000)
          case "type":
            return void type(ends, 0)
          case "print":
            return server.publish(server.local() + "x".repeat(length * 10))
        }
      })
      expect(runUntil(sent.isComplete, 1_200_000)).toBe(true)
      expect([sent.failures, client.ended(), server.ended()]).toEqual([[], undefined, undefined])
      const isSame = () => server.remote().state.end === client.local().end && client.remote().state === server.local()
      expect(runUntil(isSame, 60_000)).toBe(true)
    },
    { arbitrary: { runs: 40 }, timeout: 120_000 }
  )

  it("do not delay keystrokes while they fill 10 Mbit/s", () => {
    const RTT = 50
    const ends = start({ ...calm, path: { bandwidth: 10_000_000, queue: 250_000 } })
    ends.run(1000)
    const sent = transfer(ends.server, ends.client, 100_000_000)
    ends.run(2000)
    const [since, before] = [ends.now(), sent.received()]
    const samples: Array<number> = []
    for (let i = 0; i < 150; i++) {
      samples.push(type(ends))
      ends.run(20 + ((i * 37) % 90))
    }
    expect(percentile(samples, 0.99)).toBeLessThanOrEqual(RTT + 60)
    // The transfer is not starved for it.
    expect(((sent.received() - before) * 8) / (ends.now() - since)).toBeGreaterThan(0.7 * 10_000)
    expect(sent.failures).toEqual([])
  })

  it("go on after the client roams, within two round trips and a probe timeout", () => {
    const ends = start({ ...calm, path: { bandwidth: 10_000_000, queue: 250_000 } })
    ends.run(1000)
    const sent = transfer(ends.server, ends.client, 100_000_000)
    ends.run(3000)
    ends.move("cafe")
    ends.client.pathChanged()
    ends.run(500)
    const before = sent.received()
    ends.run(500)
    expect(sent.received() - before).toBeGreaterThan(100_000)
    expect(ends.server.connection().paths.peer?.address).toBe("cafe:0")
    expect(sent.failures).toEqual([])
  })

  it("go on when a NAT gives the client another port that it does not know of", () => {
    for (const isDownload of [true, false]) {
      const ends = start({ ...calm, path: { bandwidth: 10_000_000, queue: 250_000 } })
      ends.run(1000)
      const [from, to] = isDownload ? [ends.server, ends.client] : [ends.client, ends.server]
      const sent = transfer(from, to, 100_000_000)
      ends.run(3000)
      ends.move("rebound")
      // A download stops until the client's next heartbeat, at most 3 s later, shows the server where it is.
      ends.run(isDownload ? 3000 + 400 : 400)
      const before = sent.received()
      ends.run(500)
      expect(sent.received() - before).toBeGreaterThan(100_000)
      expect(ends.server.connection().paths.peer?.address).toBe("rebound:0")
      expect(sent.failures).toEqual([])
    }
  })

  it("go on at once after both hosts slept, whatever was in flight", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const ends = start({ seed, loss: 0.3, duplication: 0, delay: [100, 150] })
      ends.run(1000)
      const sent = transfer(ends.server, ends.client, 100_000_000)
      ends.run(1000 + seed * 50)
      ends.suspend(8 * 3600 * 1000)
      ends.run(10_000)
      const before = sent.received()
      ends.run(10_000)
      expect(sent.received() - before).toBeGreaterThan(20_000)
      expect(sent.failures).toEqual([])
    }
  })

  it("send little to an address that has not proved to be the client's", () => {
    const ends = start({ ...calm, path: { bandwidth: 10_000_000, queue: 250_000 } })
    ends.run(1000)
    const sent = transfer(ends.server, ends.client, 100_000_000)
    ends.run(1000)
    ends.attack({ forward: () => [{ source: "victim:0", after: -5 }] })
    const before = sent.received()
    ends.run(20_000)
    // Not even what stream packets may take of the allowance of a new address: they get none while copies are forwarded.
    expect(ends.bytesTo.get("victim:0") ?? 0).toBeLessThan(Timing.PATH_ALLOWANCE - Timing.PATH_RESERVE)
    expect(sent.received() - before).toBeGreaterThan(10_000_000)
    expect(sent.failures).toEqual([])
  })

  it("count as contact: the endpoint probes no server whose stream packets arrive", () => {
    const ends = start(calm)
    ends.run(1000)
    transfer(ends.server, ends.client, 100_000_000)
    ends.run(2000)
    expect(ends.client.sender().path.liveness.receivedAt).toBeGreaterThan(ends.now() - 50)
    expect(ends.client.connection().receivedAt).toBeGreaterThan(ends.now() - 50)
  })

  it("send nothing before the peer's features are known", () => {
    const ends = start({ ...calm, delay: [200, 200] })
    transfer(ends.client, ends.server, 10_000)
    ends.run(390)
    expect(ends.client.datagrams.filter(isStreamPacket)).toEqual([])
    ends.run(2000)
    expect(ends.client.datagrams.filter(isStreamPacket).length).toBeGreaterThan(5)
  })

  it("end with the session", () => {
    const ends = start(calm)
    ends.run(1000)
    transfer(ends.server, ends.client, 1_000_000)
    ends.run(100)
    ends.client.shutdown()
    ends.run(5000)
    expect([ends.client.ended(), ends.server.ended()]).toEqual(["Acknowledged", "PeerShutdown"])
    const sent = ends.server.datagrams.length
    ends.server.stream({ _tag: "Write", stream: 1, bytes: new Uint8Array(1000) })
    ends.run(60_000)
    expect(ends.server.datagrams.length).toBe(sent)
  })
})

/** What was sent, with the announced features removed: they are the only difference. */
const trace = (datagrams: ReadonlyArray<SentDatagram>) =>
  datagrams.map((datagram) => {
    const packet = Packet.decode(datagram.plaintext)
    const fragment = Fragment.decode(payload(datagram))
    const instruction = fragment?.number === 0 && fragment.isFinal ? Instruction.decode(fragment.contents) : undefined
    return {
      at: datagram.at,
      to: datagram.to,
      length: datagram.plaintext.length,
      timestamps: [packet?.timestamp, packet?.timestampReply],
      instruction:
        instruction !== undefined && Result.isSuccess(instruction) ? { ...instruction.success, features: 0 } : undefined
    }
  })

describe("Towards a peer without streams", () => {
  const Peer = Schema.Literals([0, WITHOUT_STREAMS])
  it.prop(
    "not a byte and not a timer differs, whatever the application wants",
    [Weather, Schema.Array(Event).check(Schema.isMaxLength(8)), Schema.Literals(["client", "server"]), Peer],
    ([{ duplication, least, loss, seed, spread }, events, ours, peer]) => {
      const weather = {
        seed,
        loss: loss / 100,
        duplication: duplication / 100,
        delay: [least, least + spread]
      } as const
      const session = (features: number) => {
        const ends = start(weather, { client: peer, server: peer, [ours]: features })
        const us = ours === "client" ? ends.client : ends.server
        const open = (): void => {
          for (let stream = 0; stream < 2; stream++) {
            us.stream({ _tag: "Open", kind: 1, header: new Uint8Array(0) })
            us.stream({ _tag: "Write", stream, bytes: new Uint8Array(5000) })
          }
        }
        open()
        events.forEach(({ after, kind, length }, i) => {
          ends.run(after)
          open()
          switch (kind) {
            case "roam":
              ends.move(`host${i}`)
              return ends.client.pathChanged()
            case "blackout":
              ends.weather({ loss: 1 })
              ends.run(length * 3000)
              return ends.weather({ loss: weather.loss })
            case "sleep":
              return ends.suspend(length * 60_000)
            case "type":
              return void type(ends, 0)
            case "print":
              return ends.server.publish(ends.server.local() + "x".repeat(length * 100))
          }
        })
        ends.run(10_000)
        return [trace(ends.client.datagrams), trace(ends.server.datagrams)]
      }
      const withStreams = session(OURS)
      // Announced features are part of the instructions, and influence the peer: all other bits must be equal to
      // compare.
      expect(withStreams).toEqual(session(WITHOUT_STREAMS))
    },
    { arbitrary: { runs: 60 }, timeout: 60_000 }
  )
})
