/**
 * A session among others on a shared port, in virtual time, with the real cipher: a client that moves is found by its
 * connection id.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Nonce from "../../src/domain/crypto/Nonce.ts"
import { Features } from "../../src/domain/ssp/SyncObject.ts"
import * as NodeCompression from "../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../src/services/node/wire/NodePacketCipher.ts"
import { Datagrams } from "../../src/services/transport/Datagrams.ts"
import { PacketCipher } from "../../src/services/transport/PacketCipher.ts"
import * as SharedPort from "../../src/services/transport/SharedPort.ts"
import * as SharedSocket from "../../src/services/transport/SharedSocket.ts"
import * as Transport from "../../src/services/transport/Transport.ts"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"
import * as Note from "../domain/ssp/Note.ts"

const KIND = 100
const OTHERS = 50

const cipher = (key: number) =>
  Layer.fresh(Layer.suspend(() => NodePacketCipher.layer(Redacted.make(new Uint8Array(16).fill(key)))))
const cipherOf = (key: number) =>
  Effect.map(Layer.build(cipher(key)), (services) => Context.get(services, PacketCipher))

interface Ends {
  /** Whether the server shares its port. Default: yes. */
  readonly isShared?: boolean
  readonly client?: Features
  readonly server?: Features
  /** Whether the client's cipher makes ids. Default: yes. */
  readonly hasIds?: boolean
}

const OWN = Features.streams | Features.connectionIds

const session = Effect.fnUntraced(function* ({ client = OWN, hasIds = true, isShared = true, server = OWN }: Ends) {
  const network = yield* SimulatedNetwork.make({ seed: 3, path: { delay: 20, bandwidth: 20_000_000 } })
  const datagrams = yield* Layer.build(network.server)
  const shared = yield* SharedPort.make(SharedSocket.ofDatagrams(Context.get(datagrams, Datagrams)))
  for (let i = 0; i < OTHERS; i++) yield* shared.join(yield* cipherOf(100 + i))
  const key = yield* cipherOf(1)
  const ofServer = isShared ? yield* shared.join(key) : Context.add(datagrams, PacketCipher, key)
  const own = yield* cipherOf(1)
  const { connectionId: _, ...without } = own
  const ofClient = Context.add(yield* Layer.build(network.client), PacketCipher, hasIds ? own : without)
  const compression = yield* Layer.build(NodeCompression.layer)
  const end = { object: Note.object, initial: "" }
  const make = (role: "Client" | "Server", features: Features, services: Context.Context<Datagrams | PacketCipher>) =>
    Effect.provide(
      Transport.make<string, string>({ role, local: end, remote: end, features }),
      Context.merge(services, compression)
    )
  return {
    network,
    shared,
    server: yield* make("Server", server, ofServer),
    client: yield* make("Client", client, ofClient)
  }
})

const hasId = ({ datagram }: SimulatedNetwork.Sent): boolean => !Nonce.hasNoId(datagram)

it.effect("a client that moves again and again while it uploads is found by one decryption each time", () =>
  Effect.gen(function* () {
    const { client, network, server, shared } = yield* session({})
    client.publish("here")
    yield* TestClock.adjust(1000)
    const size = 11_000_000
    const received = yield* Stream.runHead(server.streams.accept(KIND)).pipe(
      Effect.flatMap(Effect.fromOption),
      Effect.flatMap(({ readable }) =>
        Stream.runFold(
          readable,
          () => 0,
          (sum, { length }) => sum + length
        )
      ),
      Effect.forkScoped
    )
    yield* client.streams.open(KIND).pipe(
      Effect.flatMap((stream) => Effect.andThen(stream.write(new Uint8Array(size)), stream.finish)),
      Effect.forkScoped
    )
    const before = shared.counters()
    const ids = new Set<number>()
    let moves = 0
    while (received.pollUnsafe() === undefined) {
      network.moveClient(`203.0.113.${++moves % 250}`)
      for (let i = 0; i < 50; i++) yield* TestClock.adjust("10 millis")
      ids.add(network.sent.findLast(({ direction }) => direction === "toServer")?.datagram[0] ?? 0)
    }
    expect(yield* Fiber.join(received)).toBe(size)
    const { dropped, found, trials } = shared.counters()
    expect(moves).toBeGreaterThan(5)
    expect([found - before.found, trials - before.trials]).toEqual([moves, moves])
    expect(ids.size).toBeGreaterThan(2)
    expect(dropped).toEqual({ malformed: 0, unauthentic: 0, overload: 0, suspended: 0, limited: 0 })
  }).pipe(Effect.scoped)
)

for (const [name, ends] of [
  ["a server with a port of its own", { isShared: false }],
  ["a server without ids on a shared port", { server: Features.streams }],
  ["a server like stock's on a shared port", { server: Features.stock }]
] as const)
  it.effect(`a client sends no ids to ${name}`, () => sendsNone(ends))
for (const [name, ends] of [
  ["without ids", { client: Features.streams }],
  ["like stock's", { client: Features.stock }],
  ["whose cipher makes no ids", { hasIds: false }]
] as const)
  it.effect(`a client ${name} sends none to a server that expects them, and is found by trials`, () => sendsNone(ends))

const sendsNone = (ends: Ends) =>
  Effect.gen(function* () {
    const { client, network, server, shared } = yield* session(ends)
    const before = shared.counters()
    for (let i = 0; i < 20; i++) {
      if (i === 10) network.moveClient("203.0.113.1")
      client.publish(`${client.local()}a`)
      server.publish(`${server.local()}b`)
      yield* TestClock.adjust(300)
    }
    yield* TestClock.adjust(3000)
    expect([server.remote().state, client.remote().state]).toEqual(["a".repeat(20), "b".repeat(20)])
    expect(server.status().peer).toBe("203.0.113.1:40000")
    expect(network.sent.filter(hasId)).toEqual([])
    const { found, trials } = shared.counters()
    if (ends.isShared === false) expect(trials).toBe(before.trials)
    else expect([found - before.found, trials - before.trials]).toEqual([2, 2 + OTHERS])
  }).pipe(Effect.scoped)
