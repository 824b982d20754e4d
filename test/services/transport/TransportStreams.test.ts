/**
 * Streams as embedding programs use them: over two transports and a simulated network, in virtual time.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import * as StreamHandler from "../../../src/services/transport/StreamHandler.ts"
import * as Transport from "../../../src/services/transport/Transport.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"
import * as Note from "../../domain/ssp/Note.ts"
import { expected } from "../../domain/streams/transfer.ts"

const KIND = 100

const end = Effect.fnUntraced(function* (
  role: Role,
  network: SimulatedNetwork.SimulatedNetwork,
  features: Features = Features.streams
) {
  const layer = Layer.mergeAll(
    role === "Client" ? network.client : network.server,
    NodeCompression.layer,
    NodePacketCipher.layer(Redacted.make(new Uint8Array(16).fill(7)))
  )
  const object = { object: Note.object, initial: "" }
  return yield* Transport.make<string, string>({ role, local: object, remote: object, features }).pipe(
    Effect.provide(yield* Layer.build(layer))
  )
})

const session = Effect.fnUntraced(function* (options: { readonly client?: Features; readonly server?: Features } = {}) {
  const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 20, loss: 0.05, bandwidth: 50_000_000 } })
  const server = yield* end("Server", network, options.server)
  const client = yield* end("Client", network, options.client)
  const accepted = client.streams.accept(KIND)
  return { server, client, accepted, network }
})

/** Runs an effect while virtual time passes. */
const inTime = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect)
  while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("10 millis")
  return yield* Fiber.join(fiber)
})

/** A stream that the server opened, and the client's end of it. */
const opened = Effect.fnUntraced(function* (header = new Uint8Array([1, 2, 3])) {
  const { accepted, client, network, server } = yield* session()
  const far = yield* Effect.forkChild(Stream.runHead(accepted))
  const near = yield* inTime(server.streams.open(KIND, header, { urgency: 7 }))
  yield* inTime(near.write(new Uint8Array(0)))
  const stream = yield* inTime(Effect.flatMap(Fiber.join(far), Effect.fromOption))
  return { near, far: stream, client, server, network }
})

const failure = <A, R>(effect: Effect.Effect<A, Transport.StreamError, R>) =>
  Effect.map(inTime(Effect.flip(effect)), ({ code, reason }) => [reason, code])

it.effect("carries bytes both ways, in order, until both ends have finished", () =>
  Effect.gen(function* () {
    const { far, near } = yield* opened()
    expect([far.kind, far.header, far.id]).toEqual([KIND, new Uint8Array([1, 2, 3]), near.id])
    const [size, half] = [3_000_000, 1_500_000]
    const write = Effect.gen(function* () {
      for (let at = 0; at < size; at += half) yield* near.write(expected(1, at, half))
      yield* near.finish
    })
    const echoed = yield* Effect.forkChild(Stream.runCollect(near.readable))
    const back = Effect.andThen(far.write(Buffer.from("received")), far.finish)
    const read = Effect.tap(Stream.runCollect(far.readable), () => back)
    const [, pieces] = yield* inTime(Effect.all([write, read], { concurrency: 2 }))
    expect(Buffer.compare(Buffer.concat(pieces), expected(1, 0, size))).toBe(0)
    yield* inTime(Effect.all([near.closed, far.closed]))
    expect(Buffer.concat(yield* Fiber.join(echoed)).toString()).toBe("received")
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(65_536)
  })
)

it.effect(
  "hands streams of a kind to its handler, which returns a stream through its sink, and abandons what it leaves open",
  () =>
    Effect.gen(function* () {
      const { client, server } = yield* session()
      const scope = yield* Scope.make()
      const bodies: Array<string> = []
      const echo = StreamHandler.accept(KIND + 2, (stream) => Stream.run(stream.readable, stream.sink))
      const leave = StreamHandler.accept(KIND + 3, (stream) =>
        Effect.flatMap(stream.read(), (piece) => Effect.sync(() => void bodies.push(String(piece))))
      )
      for (const handler of [echo, leave]) yield* Scope.provide(handler(server), scope)
      const near = yield* inTime(client.streams.open(KIND + 2))
      const writing = Effect.andThen(near.write(expected(1, 0, 500_000)), near.finish)
      const [, pieces] = yield* inTime(Effect.all([writing, Stream.runCollect(near.readable)], { concurrency: 2 }))
      expect(Buffer.compare(Buffer.concat(pieces), expected(1, 0, 500_000))).toBe(0)
      yield* inTime(near.closed)

      const left = yield* inTime(client.streams.open(KIND + 3))
      yield* left.write(new Uint8Array([1, 2]))
      expect(yield* failure(left.read())).toEqual(["Reset", 0])
      expect(bodies).toEqual(["1,2"])

      const held = yield* inTime(client.streams.open(KIND + 2))
      yield* held.write(new Uint8Array([3]))
      expect(yield* inTime(held.read())).toEqual(new Uint8Array([3]))
      yield* Scope.close(scope, Exit.void)
      expect(yield* failure(held.read())).toEqual(["Reset", 0])
    })
)

it.effect("goes on in smaller packets where the network refuses large ones", () =>
  Effect.gen(function* () {
    const { far, near, network } = yield* opened()
    network.shape("both", { mtu: 600 })
    yield* Effect.forkChild(Effect.andThen(near.write(expected(1, 0, 200_000)), near.finish))
    const pieces = yield* inTime(Stream.runCollect(far.readable))
    expect(Buffer.compare(Buffer.concat(pieces), expected(1, 0, 200_000))).toBe(0)
  })
)

it.effect("makes a writer wait for a reader that does not read", () =>
  Effect.gen(function* () {
    const { far, near } = yield* opened()
    const writer = yield* Effect.forkChild(near.write(new Uint8Array(3_000_000)))
    yield* TestClock.adjust("20 seconds")
    expect(writer.pollUnsafe()).toBeUndefined()
    // What waits at the writer is bounded too: there is less room than a waiting writer is resumed for.
    expect(near.writeUnsafe(new Uint8Array(3_000_000))).toBeLessThan(16_384)
    const read = yield* inTime(
      Stream.runFoldEffect(
        Stream.take(far.readable, 1),
        () => 0,
        (sum, bytes) => Effect.succeed(sum + bytes.length)
      )
    )
    expect(read).toBeGreaterThan(0)
    expect(read).toBeLessThanOrEqual(32_768)
    yield* Effect.forkChild(Stream.runDrain(far.readable))
    yield* inTime(Fiber.join(writer))
  })
)

it.effect("refuses streams of a kind that was never accepted, with code 1", () =>
  Effect.gen(function* () {
    const { server } = yield* session()
    const stream = yield* inTime(server.streams.open(KIND + 1))
    const flood = Effect.forever(stream.write(new Uint8Array(10_000)))
    expect(yield* failure(flood)).toEqual(["Refused", 1])
    expect(yield* failure(stream.read())).toEqual(["Refused", 1])
    expect(yield* failure(stream.closed)).toEqual(["Refused", 1])
  })
)

it.effect("reports a reset, and a peer that no longer reads, with their codes", () =>
  Effect.gen(function* () {
    const { far, near } = yield* opened()
    yield* near.reset(42)
    expect(yield* failure(Stream.runDrain(far.readable))).toEqual(["Reset", 42])
    expect(yield* failure(near.write(new Uint8Array(1)))).toEqual(["Finished", undefined])
    expect(yield* failure(Effect.forever(far.write(new Uint8Array(1))))).toEqual(["Stopped", 42])
  })
)

it.effect("resets what is not finished when the scope of open closes", () =>
  Effect.gen(function* () {
    const { accepted, server } = yield* session()
    const scope = yield* Scope.make()
    const near = yield* inTime(Scope.provide(server.streams.open(KIND), scope))
    yield* near.write(new Uint8Array(10))
    const far = yield* inTime(Effect.flatMap(Stream.runHead(accepted), Effect.fromOption))
    expect(yield* inTime(far.read())).toEqual(new Uint8Array(10))
    yield* Scope.close(scope, Exit.void)
    expect(yield* failure(far.read())).toEqual(["Reset", 0])
  })
)

it.effect("delivers what was finished before the scope of open closed", () =>
  Effect.gen(function* () {
    const { accepted, server } = yield* session()
    yield* inTime(
      Effect.scoped(
        Effect.gen(function* () {
          const near = yield* server.streams.open(KIND)
          yield* near.write(expected(1, 0, 30_000))
          yield* near.finish
          yield* near.stopReading(0)
        })
      )
    )
    const far = yield* inTime(Effect.flatMap(Stream.runHead(accepted), Effect.fromOption))
    expect(Buffer.concat(yield* inTime(Stream.runCollect(far.readable)))).toEqual(Buffer.from(expected(1, 0, 30_000)))
  })
)

it.effect("fails with a reason if the peer, or this end, does not support streams", () =>
  Effect.gen(function* () {
    for (const [client, server] of [
      [0, Features.streams],
      [Features.streams, 0]
    ] as const) {
      const ends = yield* session({ client, server })
      expect(yield* failure(ends.server.streams.open(KIND))).toEqual(["Unsupported", undefined])
      expect(yield* failure(ends.client.streams.open(KIND))).toEqual(["Unsupported", undefined])
      expect(yield* inTime(Stream.runCollect(ends.accepted))).toEqual([])
    }
  })
)

it.effect("ends streams with the session", () =>
  Effect.gen(function* () {
    const { client, far, near, server } = yield* opened()
    const reader = yield* Effect.forkChild(Effect.flip(Stream.runDrain(far.readable)))
    const writer = yield* Effect.forkChild(Effect.flip(near.write(new Uint8Array(3_000_000))))
    const opener = yield* Effect.forkChild(Stream.runCollect(client.streams.accept(KIND)))
    yield* inTime(client.shutdown)
    expect((yield* inTime(Fiber.join(reader))).reason).toBe("SessionEnded")
    expect((yield* inTime(Fiber.join(writer))).reason).toBe("SessionEnded")
    expect(yield* inTime(Fiber.join(opener))).toEqual([])
    expect(yield* failure(server.streams.open(KIND))).toEqual(["SessionEnded", undefined])
  })
)

it.effect("waits while the peer allows no further stream, and refuses headers that no peer accepts", () =>
  Effect.gen(function* () {
    const { accepted, server } = yield* session()
    expect(yield* failure(server.streams.open(KIND, new Uint8Array(1025)))).toEqual(["InvalidHeader", undefined])
    expect(yield* failure(server.streams.open(-1))).toEqual(["InvalidHeader", undefined])
    for (let i = 0; i < 128; i++) yield* inTime(server.streams.open(KIND, new Uint8Array([i])))
    const last = yield* Effect.forkChild(server.streams.open(KIND))
    yield* TestClock.adjust("5 seconds")
    expect(last.pollUnsafe()).toBeUndefined()
    const take = Stream.runForEach(accepted, (stream) => stream.reset(3))
    yield* Effect.forkChild(take)
    expect((yield* inTime(Fiber.join(last))).id).toBe(2 * 128 + 1)
  })
)

it.effect("takes any number for urgency and for the size of a piece", () =>
  Effect.gen(function* () {
    for (const number of [-1, Number.NaN, 0, 0.5, 2.5, Infinity, -Infinity]) {
      const { accepted, server } = yield* session()
      const near = yield* inTime(server.streams.open(KIND, new Uint8Array(0), { urgency: number }))
      yield* near.write(new Uint8Array([1, 2, 3]))
      yield* near.finish
      const far = yield* inTime(Effect.flatMap(Stream.runHead(accepted), Effect.fromOption))
      let read = 0
      for (let piece; (piece = yield* inTime(far.read(number))) !== undefined;) read += piece.length
      expect(read).toBe(3)
    }
  })
)
