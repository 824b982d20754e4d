import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as Zlib from "node:zlib"
import type { DropReason } from "../../src/domain/ssp/DropReason.ts"
import * as Fragment from "../../src/domain/wire/Fragment.ts"
import * as Instruction from "../../src/domain/wire/Instruction.ts"
import * as Packet from "../../src/domain/wire/Packet.ts"
import * as EchoSession from "./EchoSession.ts"
import * as Insider from "../support/insider.ts"
import { random, seedOr } from "../support/seed.ts"

const seed = seedOr(71)
const ATTACKER = { host: "203.0.113.66", port: 666 }

/** What must not change: everything but counters. */
const inner = ({ heard, transport }: EchoSession.End) => {
  const { counters: _counters, trouble: _trouble, ...status } = transport.status()
  return { ...status, heard: heard(), remote: transport.remote() }
}

/** A session that has exchanged a little text, and is silent now. */
const talked = Effect.gen(function* () {
  const session = yield* EchoSession.make({ seed, path: { delay: 20 } })
  for (const word of ["one ", "two ", "three "]) {
    session.client.say(word)
    yield* TestClock.adjust(500)
  }
  yield* TestClock.adjust(1000)
  return session
})

const goesOn = Effect.fnUntraced(function* ({ client, server }: EchoSession.EchoSession) {
  client.say("and on")
  yield* TestClock.adjust(4000)
  expect(server.heard()).toBe("one two three and on")
  expect(client.heard()).toBe("one two three and on")
})

it.effect(`10,000 datagrams from a stranger change nothing but counters (seed ${seed})`, () =>
  Effect.gen(function* () {
    const session = yield* talked
    const { client, network, server } = session
    const next = random(seed)
    const pick = (limit: number) => Math.floor(next() * limit)
    const before = [inner(client), inner(server)]
    const sent = network.sent.slice()
    for (let i = 0; i < 10_000; i++) {
      const direction = i % 2 === 0 ? "toServer" : "toClient"
      const genuine = sent[pick(sent.length)]
      if (genuine === undefined) continue
      const bytes = Uint8Array.from(genuine.datagram)
      switch (pick(5)) {
        case 0:
          network.inject(
            direction,
            Uint8Array.from({ length: pick(2100) }, () => pick(256)),
            ATTACKER
          )
          break
        case 1:
          network.inject(direction, bytes.subarray(0, pick(bytes.length)), ATTACKER)
          break
        case 2: {
          const at = pick(bytes.length)
          bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8))
          network.inject(direction, bytes, ATTACKER)
          break
        }
        case 3:
          network.inject(genuine.direction, bytes, ATTACKER)
          break
        case 4:
          network.inject(genuine.direction === "toServer" ? "toClient" : "toServer", bytes, ATTACKER)
          break
      }
    }
    expect([inner(client), inner(server)]).toEqual(before)
    expect(network.sent.length).toBe(sent.length)
    const { dropped } = server.transport.status().counters
    for (const reason of ["short", "oversize", "unauthentic", "misdirected", "late"] as const) {
      expect(dropped).not.toMatchObject({ [reason]: 0 })
    }
    yield* goesOn(session)
  })
)

it.effect(`a datagram with any one byte wrong is not authentic (seed ${seed})`, () =>
  Effect.gen(function* () {
    const { client, network, server } = yield* talked
    // The original is held back, so it would be news.
    network.filter = () => false
    network.sent.length = 0
    client.say("genuine")
    yield* TestClock.adjust(100)
    const genuine = network.sent[0]
    expect(genuine?.direction).toBe("toServer")
    if (genuine === undefined) return
    const before = inner(server)
    const dropped = server.transport.status().counters.dropped.unauthentic
    for (let at = 0; at < genuine.datagram.length; at++) {
      const bytes = Uint8Array.from(genuine.datagram)
      bytes[at] = (bytes[at] ?? 0) ^ 0x80
      network.inject("toServer", bytes, genuine.source)
    }
    expect(inner(server)).toEqual(before)
    expect(server.transport.status().counters.dropped.unauthentic).toBe(dropped + genuine.datagram.length)
    network.inject("toServer", genuine.datagram, genuine.source)
    expect(server.heard()).toBe("one two three genuine")
  })
)

/** Sends fragments as an attacker who has the key. */
const inside = ({ cipher, network }: EchoSession.EchoSession) => {
  const send = Insider.make(network, cipher, "toServer")
  const payload = (bytes: Uint8Array) => send(Packet.encode({ timestamp: 0, timestampReply: 0xffff, payload: bytes }))
  let id = 1n << 40n
  const contents = (bytes: Uint8Array) => {
    for (const fragment of Fragment.split(id++, bytes, 1200)) payload(Fragment.encode(fragment))
  }
  const instruction = (fields: Partial<Instruction.Instruction>) =>
    contents(
      Zlib.deflateSync(
        Instruction.encode(
          {
            oldNumber: 0n,
            newNumber: 1n << 50n,
            acknowledged: 0n,
            throwaway: 0n,
            diff: new Uint8Array(0),
            features: 0,
            ...fields
          },
          new Uint8Array(0)
        )
      )
    )
  return { payload, contents, instruction }
}

/** What an attacker with the key does not change either. The arrival of packets is noticed. */
const held = (end: EchoSession.End) => ({ ...inner(end), link: undefined })

const drops = (end: EchoSession.End, reason: DropReason): number => end.transport.status().counters.dropped[reason]

it.effect(`zlib bombs are refused with memory bounded (seed ${seed})`, () =>
  Effect.gen(function* () {
    const session = yield* talked
    const before = held(session.server)
    const bomb = Zlib.deflateSync(Buffer.alloc(256 << 20), { level: 9 })
    const memory = process.memoryUsage.rss()
    const { contents } = inside(session)
    for (let i = 0; i < 20; i++) contents(bomb)
    expect(drops(session.server, "compression")).toBe(20)
    expect(process.memoryUsage.rss() - memory).toBeLessThan(256 << 20)
    expect(held(session.server)).toEqual(before)
    yield* goesOn(session)
  })
)

it.effect(`malformed messages of an attacker with the key are refused (seed ${seed})`, () =>
  Effect.gen(function* () {
    const session = yield* talked
    const { server } = session
    const { contents, instruction, payload } = inside(session)
    const before = held(server)
    const next = random(seed)
    const noise = (length: number) => Uint8Array.from({ length }, () => Math.floor(next() * 256))

    for (let length = 0; length < 10; length++) payload(noise(length))
    expect(drops(server, "fragment")).toBe(10)

    for (let i = 0; i < 200; i++) contents(noise(i))
    expect(drops(server, "compression")).toBe(200)

    let malformed = 0
    for (let i = 0; i < 200; i++) contents(Zlib.deflateSync(Uint8Array.from([0x80 | i, 0x80, ...noise(i % 50)])))
    malformed = drops(server, "instruction") + drops(server, "version")
    expect(malformed).toBe(200)

    instruction({ throwaway: 5n })
    instruction({ oldNumber: 1n << 60n })
    instruction({ newNumber: Instruction.SHUTDOWN - 1n, oldNumber: Instruction.SHUTDOWN })
    for (let i = 0; i < 200; i++) {
      instruction({
        oldNumber: server.transport.remote().number,
        diff: Uint8Array.from([0x0a, 0xff, ...noise(i % 50)])
      })
    }
    expect(drops(server, "diff")).toBe(200)
    expect(held(server)).toEqual(before)
    yield* goesOn(session)
  })
)

it.effect(`an endless train of fragments holds no more than one instruction may (seed ${seed})`, () =>
  Effect.gen(function* () {
    const session = yield* talked
    const { payload } = inside(session)
    const contents = new Uint8Array(1900)
    const memory = process.memoryUsage.rss()
    for (let id = 0n; id < 10n; id++) {
      for (let number = 0; number < 5000; number++) {
        payload(Fragment.encode({ id: (1n << 40n) + id, number, isFinal: false, contents }))
      }
    }
    expect(drops(session.server, "limit")).toBeGreaterThan(0)
    expect(process.memoryUsage.rss() - memory).toBeLessThan(256 << 20)
  })
)

it.effect(`states beyond the limit are refused, and the session goes on (seed ${seed})`, () =>
  Effect.gen(function* () {
    const session = yield* talked
    const { instruction } = inside(session)
    const { number } = session.server.transport.remote()
    for (let i = 1n; i <= 3000n; i++) instruction({ oldNumber: number, newNumber: number + i })
    expect(drops(session.server, "limit")).toBeGreaterThan(1900)
    expect(session.server.transport.status().held.remote).toBeLessThanOrEqual(1026)
  })
)
