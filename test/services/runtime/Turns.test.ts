import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Zlib from "node:zlib"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import * as Fragment from "../../../src/domain/wire/Fragment.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as UserMessage from "../../../src/domain/wire/UserMessage.ts"
import { type DatagramHandlers, Datagrams } from "../../../src/services/transport/Datagrams.ts"
import { Endpoint } from "../../../src/services/transport/Endpoint.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import { PacketCipher } from "../../../src/services/transport/PacketCipher.ts"
import * as Turns from "../../../src/services/runtime/Turns.ts"

/** Handles numbers; those of 100 and more are expensive. */
const make = Effect.gen(function* () {
  const handled: Array<number> = []
  const turns: Turns.Turns<number> = yield* Turns.make((item: number) => {
    handled.push(item)
    if (item >= 100) turns.rest()
  })
  return { handled, offer: turns.offer }
})

it.effect("cheap items are handled at once", () =>
  Effect.gen(function* () {
    const { handled, offer } = yield* make
    for (let i = 0; i < 10; i++) offer(i)
    expect(handled).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })
)

it.effect("other work has its turn after each expensive item, and items keep their order", () =>
  Effect.gen(function* () {
    const { handled, offer } = yield* make
    for (const item of [100, 1, 101, 102, 2, 3]) offer(item)
    const turns: Array<number> = [handled.length]
    while (handled.length < 6) {
      yield* Effect.yieldNow
      turns.push(handled.length)
    }
    expect(handled).toEqual([100, 1, 101, 102, 2, 3])
    expect([...new Set(turns)]).toEqual([1, 3, 4, 6])
    offer(4)
    expect(handled.at(-1)).toBe(4)
  })
)

it.effect("no more items wait than allowed", () =>
  Effect.gen(function* () {
    const { handled, offer } = yield* make
    for (let i = 0; i < 1000; i++) offer(i === 0 ? 100 : 1)
    while (handled.length < 1 + Turns.WAITING) yield* Effect.yieldNow
    for (let i = 0; i < 10; i++) yield* Effect.yieldNow
    expect(handled.length).toBe(1 + Turns.WAITING)
  })
)

const cipher = Layer.suspend(() => NodePacketCipher.layer(Redacted.make(new Uint8Array(16).fill(3))))

it.effect("an endpoint handles other work between large instructions that arrive at once", () =>
  Effect.gen(function* () {
    const received: Array<number> = []
    let handlers: DatagramHandlers | undefined
    const datagrams = Datagrams.of({
      peers: () => [],
      family: "IPv4",
      port: 60_001,
      send: () => {},
      open: () => {},
      close: () => {},
      receive: (given) =>
        Effect.sync(() => {
          handlers = given
        })
    })
    const { make } = yield* Endpoint
    const object = { object: UserStream.object, initial: UserStream.EMPTY }
    const { listen } = yield* make({
      role: "Server",
      local: object,
      remote: object,
      features: 0,
      minDelay: 8,
      wake: undefined,
      events: {
        onEvent: (event) => {
          if (event._tag === "RemoteChanged") received.push(Number(event.number))
        },
        onReceived: () => {},
        onHandled: () => {},
        onSent: () => {},
        onTrouble: () => {}
      }
    }).pipe(
      Effect.provideService(Datagrams, datagrams),
      Effect.provide(yield* Layer.build(Layer.merge(Layer.fresh(cipher), NodeCompression.layer)))
    )
    yield* listen
    const { seal } = yield* Effect.provide(PacketCipher, yield* Layer.build(Layer.fresh(cipher)))
    const diff = UserMessage.encode([{ _tag: "Keys", bytes: new Uint8Array(100_000) }])
    for (let i = 1n; i <= 3n; i++) {
      const instruction = {
        oldNumber: 0n,
        newNumber: i,
        acknowledged: 0n,
        throwaway: 0n,
        features: 0,
        diff
      }
      const contents = Zlib.deflateSync(Instruction.encode(instruction, new Uint8Array(0)))
      const payload = Fragment.encode({ id: i, number: 0, isFinal: true, contents })
      const nonce = Nonce.make("Client", i) ?? 0n
      const datagram = seal(nonce, Packet.encode({ timestamp: 0, timestampReply: 0xffff, payload }))
      handlers?.onDatagram(datagram, { host: "192.0.2.1", port: 40_000 }, 0, false)
    }
    expect(received).toEqual([1])
    while (received.length < 3) yield* Effect.yieldNow
    expect(received).toEqual([1, 2, 3])
  })
)
