/**
 * Transfers through forwardings of every sort at the same time, over a bad network, in virtual time.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import * as Endpoint from "../../../src/domain/forwarding/Endpoint.ts"
import * as ForwardSpec from "../../../src/domain/forwarding/ForwardSpec.ts"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as ClientForwarding from "../../../src/services/forwarding/ClientForwarding.ts"
import * as ServerForwarding from "../../../src/services/forwarding/ServerForwarding.ts"
import { type Socket, SocketError, Sockets } from "../../../src/services/forwarding/Sockets.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import * as Transport from "../../../src/services/transport/Transport.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"
import * as Note from "../../domain/ssp/Note.ts"
import { expected } from "../../domain/streams/transfer.ts"

const end = Effect.fnUntraced(function* (role: Role, network: SimulatedNetwork.SimulatedNetwork) {
  const layer = Layer.mergeAll(
    role === "Client" ? network.client : network.server,
    NodeCompression.layer,
    NodePacketCipher.layer(Redacted.make(new Uint8Array(16).fill(7)))
  )
  const object = { object: Note.object, initial: "" }
  return yield* Transport.make<string, string>({
    role,
    local: object,
    remote: object,
    features: Features.streams
  }).pipe(Effect.provide(yield* Layer.build(layer)))
})

/** The two ends of a connection, which keep two pieces each way. */
const pair = Effect.gen(function* () {
  const there = yield* Queue.bounded<Uint8Array | undefined>(2)
  const back = yield* Queue.bounded<Uint8Array | undefined>(2)
  const endOf = (from: typeof there, to: typeof there): Socket => ({
    read: () => Queue.take(from),
    write: (bytes) => Effect.asVoid(Queue.offer(to, bytes)),
    finish: Effect.asVoid(Queue.offer(to, undefined)),
    reset: Effect.sync(() => void Queue.offerUnsafe(to, undefined)),
    close: Effect.asVoid(Queue.offer(to, undefined))
  })
  return [endOf(back, there), endOf(there, back)] as const
})

/** The sockets of one host, where every destination returns what it receives. */
const host = () => {
  const listeners = new Map<string, (socket: Socket) => void>()
  const layer = Layer.succeed(Sockets, {
    listen: (at, onConnection) =>
      Effect.sync(() => {
        listeners.set(Endpoint.format(at), onConnection)
        return at._tag === "Tcp" ? at.port : 0
      }),
    connect: Effect.fnUntraced(function* () {
      const [near, far] = yield* pair
      const echo = Effect.gen(function* () {
        for (let piece; (piece = yield* far.read()) !== undefined;) yield* far.write(piece)
        yield* far.finish
      })
      yield* Effect.forkDetach(Effect.ignore(echo))
      return near
    })
  })
  const connect = Effect.fnUntraced(function* (to: string) {
    const listener = listeners.get(to)
    if (listener === undefined) return yield* new SocketError({ reason: "refused", detail: to })
    const [near, far] = yield* pair
    listener(far)
    return near
  })
  return { layer, connect }
}

const SIZE = 200_000
const PIECE = 20_000

/** Sends bytes of its own, and returns whether the same came back. */
const transfer = Effect.fnUntraced(function* (
  socket: Socket,
  seed: number,
  onBytes: (length: number) => void,
  before: Uint8Array = new Uint8Array(0)
) {
  const send = Effect.gen(function* () {
    yield* socket.write(before)
    for (let at = 0; at < SIZE; at += PIECE) yield* socket.write(expected(seed, at, PIECE))
    yield* socket.finish
  })
  const read = Effect.gen(function* () {
    const pieces: Array<Uint8Array> = []
    for (let piece; (piece = yield* socket.read()) !== undefined;) {
      pieces.push(piece)
      onBytes(piece.length)
    }
    return Buffer.concat(pieces)
  })
  const [, bytes] = yield* Effect.all([send, read], { concurrency: 2 })
  return Buffer.compare(bytes.subarray(bytes.length - SIZE), expected(seed, 0, SIZE)) === 0
})

const until = Effect.fnUntraced(function* (isDone: () => boolean) {
  while (!isDone()) yield* TestClock.adjust("10 millis")
})

const SOCKS = Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 10, 0, 0, 1, 0, 80)

it.effect("-L, -R and -D survive loss, another address and a blackout of 10 s", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 5, path: { delay: 20, loss: 0.05, bandwidth: 8_000_000 } })
    const [here, there] = [host(), host()]
    const server = yield* end("Server", network)
    const client = yield* end("Client", network)
    yield* (yield* Effect.provide(ServerForwarding.make(), there.layer))(server)
    const forwarding = yield* Effect.provide(ClientForwarding.make(), here.layer)
    yield* forwarding.handler(client)
    client.publish("typed")
    const add = (flag: ForwardSpec.Flag, text: string) =>
      Effect.flatMap(Effect.fromResult(ForwardSpec.parse(flag, text)), forwarding.add)
    yield* add("L", "1:db:80")
    yield* add("D", "2")
    const listening = yield* Effect.forkChild(add("R", "3:db:80"))
    yield* until(() => listening.pollUnsafe() !== undefined)

    let received = 0
    const onBytes = (length: number) => void (received += length)
    const transfers = yield* Effect.forEach(
      [
        Effect.flatMap(here.connect("1"), (socket) => transfer(socket, 1, onBytes)),
        Effect.flatMap(here.connect("2"), (socket) => transfer(socket, 2, onBytes, SOCKS)),
        Effect.flatMap(there.connect("3"), (socket) => transfer(socket, 3, onBytes))
      ],
      (one) => Effect.forkChild(one)
    )
    yield* until(() => received > SIZE / 2)
    network.filter = () => false
    network.moveClient("192.0.2.77")
    yield* TestClock.adjust("10 seconds")
    expect(received).toBeLessThan(SIZE)
    network.filter = () => true
    yield* until(() => transfers.every((one) => one.pollUnsafe() !== undefined))
    expect(yield* Effect.forEach(transfers, Fiber.join)).toEqual([true, true, true])
    expect(received).toBe(3 * SIZE + 12)
    yield* until(() => forwarding.list().every(({ connections }) => connections === 0))
    yield* forwarding.idle
    expect(forwarding.list().map(({ isOpen }) => isOpen)).toEqual([true, true, true])
  })
)
