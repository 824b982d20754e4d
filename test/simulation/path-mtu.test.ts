/**
 * Paths that do not carry full-size datagrams, and do not report it: a black hole (ICMP is dropped), or a middlebox that
 * truncates.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as FramePatch from "../../src/domain/display/FramePatch.ts"
import * as Screen from "../../src/domain/objects/Screen.ts"
import * as UserStream from "../../src/domain/objects/UserStream.ts"
import type { Role } from "../../src/domain/ssp/Role.ts"
import { Features, type SyncObject } from "../../src/domain/ssp/SyncObject.ts"
import * as Frame from "../../src/domain/terminal/Frame.ts"
import * as NodeCompression from "../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../src/services/node/wire/NodePacketCipher.ts"
import * as Transport from "../../src/services/transport/Transport.ts"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"
import { random, seedOr } from "../support/seed.ts"

const seed = seedOr(57)
const SIZE = { columns: 200, rows: 60 }
const OURS = Features.frames | Features.copies | Features.streams | Features.mtu
/** The payload of a datagram on a path with MTU 1168, over IPv4. */
const NARROW = 1168 - 28
/** The size of a marker. No instruction is as small. */
const MARKER = 38

const keys = { object: UserStream.object, initial: UserStream.EMPTY }
const screen: { object: SyncObject<Screen.Screen>; initial: Screen.Screen } = {
  object: Screen.object,
  initial: Screen.blank(SIZE)
}

const end = <Local, Remote>(
  role: Role,
  network: SimulatedNetwork.SimulatedNetwork,
  features: Features,
  local: Transport.Synchronised<Local>,
  remote: Transport.Synchronised<Remote>
) =>
  Effect.gen(function* () {
    const datagrams = role === "Client" ? network.client : network.server
    const cipher = Layer.fresh(NodePacketCipher.layer(Redacted.make(new Uint8Array(16).fill(9))))
    const layer = yield* Layer.build(Layer.mergeAll(datagrams, NodeCompression.layer, cipher))
    return yield* Effect.provide(Transport.make<Local, Remote>({ role, local, remote, features }), layer)
  })

/** A session with a screen, whose first round trips are over. */
const session = Effect.fnUntraced(function* (options: {
  readonly path: Partial<SimulatedNetwork.Path>
  readonly client?: Features
  readonly server?: Features
}) {
  const network = yield* SimulatedNetwork.make({ seed, path: options.path })
  const server = yield* end("Server", network, options.server ?? OURS, screen, keys)
  const client = yield* end("Client", network, options.client ?? OURS, keys, screen)
  const next = random(seed)
  let { frame } = screen.initial
  const delay = options.path.delay ?? 0
  client.publish(UserStream.resize(client.local(), SIZE))
  for (let i = 0; i < 8; i++) {
    client.publish(UserStream.push(client.local(), new Uint8Array([97])))
    yield* TestClock.adjust(2 * delay + 150)
    frame = FramePatch.patch(frame, "a")
    server.publish({ frame, echoAck: server.remote().number })
    yield* TestClock.adjust(2 * delay + 50)
  }
  yield* TestClock.adjust(3000)
  /**
   * Redraws the whole screen with noise, in so many parts, one every 10 ms. Returns the time until the client shows it, ms, from
   * the first datagram on.
   */
  const redraw = Effect.fnUntraced(function* (parts = 1) {
    const rows = Array.from({ length: SIZE.rows }, () =>
      Array.from({ length: SIZE.columns }, () => String.fromCharCode(33 + Math.floor(next() * 94))).join("")
    )
    const before = network.sent.length
    let time = 0
    for (let part = 0; part < parts; part++) {
      const [from, to] = [part, part + 1].map((share) => (share * SIZE.rows) / parts)
      const drawn = rows.map((row, i) => `\x1b[${i + 1};1H${row}`).slice(from, to)
      frame = FramePatch.patch(frame, (part === 0 ? "\x1b[2J" : "") + drawn.join(""))
      server.publish({ frame, echoAck: server.remote().number })
      while (network.sent.length === before) yield* TestClock.adjust(1)
      for (const end = (part + 1 < parts ? 10 : 0) + time; time < end; time++) yield* TestClock.adjust(1)
    }
    for (; time < 20_000 && !Frame.equals(client.remote().state.frame, frame); time++) yield* TestClock.adjust(1)
    return time
  })
  /** Types a key, which the server echoes by moving the cursor. Returns the time until the echo, ms. */
  const type = Effect.fnUntraced(function* () {
    client.publish(UserStream.push(client.local(), new Uint8Array([98])))
    let time = 0
    const { number } = server.remote()
    for (; time < 5000 && server.remote().number === number; time++) yield* TestClock.adjust(1)
    return time
  })
  return { network, server, client, redraw, type }
})

const sizes = (network: SimulatedNetwork.SimulatedNetwork, direction: SimulatedNetwork.Direction) =>
  network.sent.flatMap((sent) => (sent.direction === direction ? [sent.datagram.length] : []))

describe("between two of our ends", () => {
  for (const delay of [10, 50, 150])
    for (const fault of ["blackHole", "truncate"] as const)
      it.effect(
        `a full redraw takes at most four round trips of ${2 * delay} ms, ${fault} of MTU 1168 (seed ${seed})`,
        () =>
          Effect.gen(function* () {
            const { client, network, redraw, server } = yield* session({ path: { delay, [fault]: NARROW } })
            expect(yield* redraw()).toBeLessThanOrEqual(8 * delay)
            // Later redraws are not delayed: the paced search goes on beside them.
            for (let i = 0; i < 5; i++) {
              yield* TestClock.adjust(200 + i * 3000)
              expect(yield* redraw()).toBeLessThanOrEqual(3 * delay)
            }
            const { datagramLimit } = server.status().link
            expect(datagramLimit).toBeLessThanOrEqual(NARROW)
            expect(datagramLimit).toBeGreaterThan(NARROW - 17)
            expect(client.status().link.datagramLimit).toBe(1252)
            network.sent.length = 0
            yield* redraw()
            expect(Math.max(...sizes(network, "toClient"))).toBe(datagramLimit)
          })
      )

  it.effect(`a path that becomes narrow during the session is noticed as fast (seed ${seed})`, () =>
    Effect.gen(function* () {
      const delay = 50
      const { network, redraw } = yield* session({ path: { delay } })
      expect(yield* redraw()).toBeLessThanOrEqual(3 * delay)
      yield* TestClock.adjust(10_000)
      network.shape("both", { blackHole: 900 })
      expect(yield* redraw()).toBeLessThanOrEqual(8 * delay)
      expect(yield* redraw()).toBeLessThanOrEqual(3 * delay)
    })
  )

  for (const [parts, quiet] of [
    [1, 300],
    [4, 1000]
  ] as const)
    it.effect(`also ${quiet} ms after a redraw of ${parts} parts that passed (seed ${seed})`, () =>
      Effect.gen(function* () {
        const delay = 50
        const { network, redraw } = yield* session({ path: { delay } })
        for (let i = 0; i < 3; i++) {
          expect(yield* redraw(parts)).toBeLessThanOrEqual(3 * delay)
          yield* TestClock.adjust(quiet)
        }
        network.shape("both", { blackHole: NARROW })
        expect(yield* redraw(parts)).toBeLessThanOrEqual(8 * delay)
        expect(yield* redraw(parts)).toBeLessThanOrEqual(3 * delay)
      })
    )

  it.effect(`output without a pause costs few markers (seed ${seed})`, () =>
    Effect.gen(function* () {
      const { network, redraw } = yield* session({ path: { delay: 50 } })
      yield* redraw()
      network.sent.length = 0
      for (let i = 0; i < 20; i++) yield* redraw()
      expect(sizes(network, "toClient").filter((bytes) => bytes === MARKER).length).toBeLessThan(6)
    })
  )

  it.effect(`MTU 1280 changes nothing (seed ${seed})`, () =>
    Effect.gen(function* () {
      const { network, redraw, server } = yield* session({ path: { delay: 50, blackHole: 1252 } })
      network.sent.length = 0
      expect(yield* redraw()).toBeLessThanOrEqual(150)
      expect(server.status().link.datagramLimit).toBe(1252)
      expect(sizes(network, "toClient").filter((bytes) => bytes === MARKER).length).toBe(1)
    })
  )

  it.effect(`an idle session and a typist send the same datagrams as without (seed ${seed})`, () =>
    Effect.gen(function* () {
      // Lengths vary with the random padding.
      const traffic = Effect.fnUntraced(function* (features: Features) {
        const { network, type } = yield* session({ path: { delay: 50 }, client: features, server: features })
        network.sent.length = 0
        for (let i = 0; i < 20; i++) {
          yield* type()
          yield* TestClock.adjust(100)
        }
        yield* TestClock.adjust(60_000)
        return network.sent.map(({ direction }) => direction)
      })
      expect(yield* Effect.scoped(traffic(OURS))).toEqual(yield* Effect.scoped(traffic(OURS & ~Features.mtu)))
    })
  )

  it.effect(`the limit is the usual one again on another path (seed ${seed})`, () =>
    Effect.gen(function* () {
      const { client, network, redraw, server, type } = yield* session({ path: { delay: 50, blackHole: 700 } })
      yield* redraw()
      expect(server.status().link.datagramLimit).toBeLessThanOrEqual(700)
      network.shape("both", { blackHole: Infinity })
      network.moveClient("192.0.2.7")
      yield* type()
      // Something to acknowledge, so that the client echoes a timestamp of its new path.
      yield* redraw()
      yield* TestClock.adjust(5000)
      expect(server.status().counters.roams).toBe(1)
      expect(server.status().link.datagramLimit).toBe(1252)
      expect(yield* redraw()).toBeLessThanOrEqual(150)
      expect(client.status().counters.dropped.unauthentic).toBe(0)
    })
  )
})

describe("a stream", () => {
  const KIND = 300
  /** Sends so many bytes from the server to the client. Returns how many arrive within 20 s. */
  const transfer = Effect.fnUntraced(function* (
    { client, server }: Effect.Success<ReturnType<typeof session>>,
    bytes: number
  ) {
    let arrived = 0
    const receive = Stream.runForEach(client.streams.accept(KIND), ({ readable }) =>
      Stream.runForEach(readable, (piece) => Effect.sync(() => (arrived += piece.length)))
    )
    yield* Effect.forkScoped(receive)
    const stream = yield* server.streams.open(KIND)
    yield* Effect.forkScoped(stream.write(new Uint8Array(bytes)))
    yield* TestClock.adjust(20_000)
    return arrived
  })

  it.effect(`uses larger datagrams where the path carries them, and others when it no longer does (seed ${seed})`, () =>
    Effect.gen(function* () {
      const path = { delay: 20, bandwidth: 20_000_000, queue: 100_000 }
      const ends = yield* session({ path: { ...path, blackHole: 1472 } })
      expect(yield* transfer(ends, 500_000)).toBe(500_000)
      expect(ends.server.status().link.datagramLimit).toBe(1472)
      ends.network.shape("both", { blackHole: 1000 })
      expect(yield* transfer(ends, 500_000)).toBe(500_000)
      const { datagramLimit } = ends.server.status().link
      expect(datagramLimit).toBeLessThanOrEqual(1000)
      expect(datagramLimit).toBeGreaterThan(983)
    })
  )
})

describe("with a stock server", () => {
  /** Types so many random bytes at once. Returns the time until they arrive, ms, and the limit after that. */
  const paste = Effect.fnUntraced(function* (bytes: number) {
    const { client, network, server } = yield* session({ path: { delay: 20 }, server: 0 })
    network.shape("both", { blackHole: NARROW })
    const next = random(bytes)
    const text = Uint8Array.from({ length: bytes }, () => 32 + Math.floor(next() * 224))
    client.publish(UserStream.push(client.local(), text))
    const { number } = server.remote()
    let time = 0
    for (; time < 30_000 && server.remote().number === number; time += 10) yield* TestClock.adjust(10)
    return { time, limit: client.status().link.datagramLimit }
  })

  it.effect("an instruction arrives in the end, whatever its size, although nothing of it may pass", () =>
    Effect.gen(function* () {
      const pasted = yield* Effect.forEach(
        Array.from({ length: 16 }, (_, i) => 1000 + 20 * i),
        (bytes) => Effect.scoped(paste(bytes))
      )
      expect(Math.max(...pasted.map(({ time }) => time))).toBeLessThan(10_000)
      expect(new Set(pasted.map(({ limit }) => limit))).toEqual(new Set([1252, 500]))
    })
  )
})

describe("with a stock client", () => {
  it.effect(`no datagram is sent that stock would not send, and the second redraw does not hang (seed ${seed})`, () =>
    Effect.gen(function* () {
      const delay = 50
      const { network, redraw, server, type } = yield* session({ path: { delay, blackHole: NARROW }, client: 0 })
      yield* Effect.forkScoped(
        Effect.gen(function* () {
          yield* Effect.sleep(150)
          yield* type()
        })
      )
      expect(yield* redraw()).toBeLessThanOrEqual(2000)
      expect(server.status().link.datagramLimit).toBe(500)
      for (let i = 0; i < 3; i++) expect(yield* redraw()).toBeLessThanOrEqual(3 * delay)
      const sent = sizes(network, "toClient")
      expect(Math.max(...sent)).toBeLessThanOrEqual(1252)
      expect(sent).not.toContain(MARKER)
    })
  )

  it.effect(`an outage does not reduce the limit (seed ${seed})`, () =>
    Effect.gen(function* () {
      const { network, redraw, server } = yield* session({ path: { delay: 50 }, client: 0 })
      network.shape("both", { loss: 1 })
      yield* Effect.forkScoped(
        Effect.delay(
          Effect.sync(() => network.shape("both", { loss: 0 })),
          3000
        )
      )
      yield* redraw()
      expect(server.status().link.datagramLimit).toBe(1252)
    })
  )
})
