import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import type { SyncObject } from "../../../src/domain/ssp/SyncObject.ts"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import type { WakeSchedule } from "../../../src/services/runtime/Actor.ts"
import { Compression } from "../../../src/services/transport/Compression.ts"
import { type DatagramHandlers, Datagrams } from "../../../src/services/transport/Datagrams.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import * as Transport from "../../../src/services/transport/Transport.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"

/** A text that is replaced as a whole. */
const text: SyncObject<string> = {
  equals: (a, b) => a === b,
  diff: (a, b) => (a === b ? new Uint8Array(0) : Buffer.from(`=${b}`)),
  patch: (_, diff) =>
    diff[0] === 0x3d ? Result.succeed(Buffer.from(diff).toString().slice(1)) : Result.fail("not a text"),
  subtract: (state) => state
}

const bytes = (text: string): Uint8Array => Buffer.from(text)

const start = Effect.fnUntraced(function* (
  role: Role,
  network: SimulatedNetwork.SimulatedNetwork,
  options: {
    readonly features?: number
    readonly wake?: WakeSchedule
    readonly compression?: Layer.Layer<Compression>
    readonly minDelay?: number
  } = {}
) {
  const heard: Array<string> = []
  const statuses: Array<Transport.TransportStatus> = []
  const layer = Layer.mergeAll(
    role === "Client" ? network.client : network.server,
    options.compression ?? NodeCompression.layer,
    NodePacketCipher.layer(Redacted.make(new Uint8Array(16).fill(7)))
  )
  const transport: Transport.Transport<string, string> = yield* Transport.make<string, string>({
    role,
    local: { object: text, initial: "" },
    remote: { object: text, initial: "" },
    features: options.features ?? 0,
    minDelay: options.minDelay ?? (role === "Client" ? Timing.MIN_DELAY_CLIENT : Timing.MIN_DELAY_SERVER),
    events: {
      onRemote: ({ number, state }) => heard.push(`${number}:${state}`),
      onStatus: () => statuses.push(transport.status())
    },
    wake: options.wake
  }).pipe(Effect.provide(yield* Layer.build(layer)))
  return { transport, heard, statuses }
})

it.effect("distinguishes new packets of the peer from strangers' datagrams and replays", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 50 } })
    const told: Array<boolean | void> = []
    const spied = Layer.effect(
      Datagrams,
      Effect.map(Datagrams, (datagrams) => ({
        ...datagrams,
        receive: (handlers: DatagramHandlers) =>
          datagrams.receive({
            ...handlers,
            onDatagram: (...datagram) => {
              const heard = handlers.onDatagram(...datagram)
              told.push(heard)
              return heard
            }
          })
      }))
    ).pipe(Layer.provide(network.client))
    yield* start("Server", network)
    yield* start("Client", { ...network, client: spied })
    yield* TestClock.adjust(500)
    expect(told.length).toBeGreaterThan(0)
    expect(told.every((heard) => heard === true)).toBe(true)
    told.length = 0
    const { datagram } = network.sent.find(({ direction }) => direction === "toClient") ?? { datagram: bytes("") }
    network.inject("toClient", datagram)
    network.inject("toClient", datagram.with(20, (datagram[20] ?? 0) ^ 1))
    network.inject("toClient", bytes("somebody"))
    network.inject("toClient", new Uint8Array(4000))
    expect(told).toEqual([false, false, false, false])
  })
)

it.effect("opens a recorded datagram that a stranger repeats only once", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 50 } })
    let looks = 0
    const counting = Layer.effect(
      Compression,
      Effect.map(Compression, ({ deflate, inflate }) => ({
        deflate,
        inflate: (bytes: Uint8Array) => {
          looks++
          return inflate(bytes)
        }
      }))
    ).pipe(Layer.provide(NodeCompression.layer))
    const server = yield* start("Server", network, { compression: counting })
    const client = yield* start("Client", network)
    client.transport.publish("recorded")
    yield* TestClock.adjust(1000)
    const recorded = network.sent.filter(({ direction }) => direction === "toServer")
    expect(looks).toBe(recorded.length)
    for (let i = 0; i < 1000; i++) for (const { datagram } of recorded) network.inject("toServer", datagram)
    expect(looks).toBe(recorded.length)
    expect(server.transport.status().counters.dropped.late).toBe(1000 * recorded.length)
    expect(new Set(server.heard.map((state) => state.replace(/^\d+:/, "")))).toEqual(new Set(["recorded"]))
    expect(server.heard.length).toBeLessThanOrEqual(recorded.length)
  })
)

it.effect("reports its status", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 50 } })
    const server = yield* start("Server", network, { features: 1 })
    const client = yield* start("Client", network)
    const { addresses, counters } = client.transport.status()
    expect(client.transport.status().addresses, "shared by both, because it has not changed").toBe(addresses)
    expect(client.transport.status().counters.dropped).toBe(counters.dropped)
    expect(client.transport.status()).toMatchObject({
      attached: true,
      peer: "198.51.100.1:60001",
      lastHeard: -Infinity,
      sent: 0n,
      acknowledged: 0n,
      srtt: undefined,
      sendInterval: 250
    })
    expect(server.transport.status()).toMatchObject({ attached: false, peer: undefined })

    client.transport.publish("hello")
    yield* TestClock.adjust(1000)
    server.transport.publish("world")
    yield* TestClock.adjust(1000)
    expect(server.heard.at(-1)).toMatch(/:hello$/)
    expect(client.heard.at(-1)).toMatch(/:world$/)
    expect(client.transport.remote().state).toBe("world")
    expect(client.transport.local()).toBe("hello")
    expect(client.transport.status()).toMatchObject({
      srtt: 100,
      sendInterval: 50,
      peerFeatures: 1,
      lastHeard: client.transport.remote().at,
      trouble: undefined,
      shuttingDown: false,
      counters: { roams: 0, sendErrors: 0 }
    })
    expect(client.transport.status().acknowledged).toBeGreaterThan(0n)
    expect(server.transport.status()).toMatchObject({ attached: true, peer: "192.0.2.1:40000", peerFeatures: 0 })
    expect(client.transport.status().counters.sent + server.transport.status().counters.sent).toBe(network.sent.length)
    // `onStatus` alone has reported the address, the round trip and the acknowledgement.
    expect(server.statuses.some(({ attached }) => attached)).toBe(true)
    expect(client.statuses.some(({ srtt }) => srtt !== undefined)).toBe(true)
    expect(client.statuses.some(({ acknowledged }) => acknowledged > 0n)).toBe(true)
  })
)

it.effect("reports the status once for each datagram that arrived", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 50 } })
    const server = yield* start("Server", network)
    const client = yield* start("Client", network)
    for (let key = 1; key <= 20; key++) {
      client.transport.publish("x".repeat(key))
      server.transport.publish("y".repeat(key))
      yield* TestClock.adjust(100)
    }
    expect(client.transport.remote().state).toBe("y".repeat(20))
    const received = client.statuses.map((status) => status.counters.received)
    expect(received.length).toBeGreaterThan(10)
    expect(new Set(received).size).toBe(received.length)
  })
)

it.effect("counts losses and retransmissions", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 50 } })
    const server = yield* start("Server", network)
    const client = yield* start("Client", network)
    const type = Effect.fnUntraced(function* () {
      for (let key = 0; key < 100; key++) {
        client.transport.publish(`${client.transport.local()}k`.slice(-20) + key)
        yield* TestClock.adjust(200)
      }
    })
    expect(client.transport.status().link.lossIn).toBeUndefined()
    yield* type()
    for (const { transport } of [client, server])
      expect(transport.status()).toMatchObject({ link: { lossIn: 0 }, counters: { retransmissions: 0 } })
    network.shape("toServer", { loss: 0.3 })
    yield* type()
    expect(client.transport.status().link.lossIn).toBe(0)
    expect(client.transport.status().counters.retransmissions).toBeGreaterThan(10)
    expect(Math.abs((server.transport.status().link.lossIn ?? 0) - 0.3)).toBeLessThan(0.15)
  })
)

it.effect("describes problems, and stops when they are over", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 50 } })
    const server = yield* start("Server", network)
    const client = yield* start("Client", network)
    client.transport.publish("hello")
    yield* TestClock.adjust(1000)

    network.shape("toServer", { mtu: 10 })
    client.transport.publish("hello again")
    yield* TestClock.adjust(1000)
    expect(client.transport.status().trouble).toMatchObject({
      from: "sending",
      text: "sendto: Message too long",
      at: expect.any(Number)
    })
    network.shape("toServer", { mtu: Infinity })
    yield* TestClock.adjust(4000)
    expect(client.transport.status().trouble).toBeUndefined()
    expect(server.heard.at(-1)).toMatch(/:hello again$/)

    // From a stranger, while the peer's packets arrive; and then while they do not.
    network.inject("toServer", new Uint8Array(100))
    expect(server.transport.status()).toMatchObject({ trouble: undefined, counters: { dropped: { unauthentic: 1 } } })
    network.shape("toServer", { loss: 1 })
    yield* TestClock.adjust(7000)
    network.inject("toServer", new Uint8Array(100))
    expect(server.transport.status().trouble).toMatchObject({
      from: "receiving",
      text: "Received a datagram that fails authentication."
    })
    const told = server.statuses.length
    expect(server.statuses.at(-1)?.trouble).toBeDefined()
    for (let i = 0; i < 1000; i++) network.inject("toServer", new Uint8Array(100))
    expect(server.statuses.length).toBe(told)
    network.shape("toServer", { loss: 0 })
    yield* TestClock.adjust(4000)
    expect(server.transport.status().trouble).toBeUndefined()
  })
)

it.effect("sends the newest of many states, not each of them", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 50 } })
    const server = yield* start("Server", network)
    const client = yield* start("Client", network)
    for (let i = 0; i < 1000; i++) {
      client.transport.publish(String(i))
      yield* TestClock.adjust(1)
    }
    yield* TestClock.adjust(1000)
    expect(server.heard.at(-1)).toMatch(/:999$/)
    // One state per pacing interval of the first, unknown and then the known round trip, and one acknowledgement.
    expect(server.heard.length).toBeLessThan(70)
  })
)

it.effect("rejects an update that is too large, and goes on", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 50 } })
    const server = yield* start("Server", network)
    const client = yield* start("Client", network)
    client.transport.publish("x".repeat(5 << 20))
    yield* TestClock.adjust(1000)
    expect(client.transport.status()).toMatchObject({ trouble: { text: "An update is too large." } })
    client.transport.publish("small")
    yield* TestClock.adjust(4000)
    expect(server.heard.at(-1)).toMatch(/:small$/)
    expect(client.transport.status().trouble).toBeUndefined()
  })
)

it.effect("lets an embedder compose when it sends", () =>
  Effect.gen(function* () {
    const sentWithin = Effect.fnUntraced(function* (milliseconds: number, wake?: WakeSchedule) {
      const network = yield* SimulatedNetwork.make({ seed: 1 })
      const client = yield* start("Client", network, wake === undefined ? {} : { wake })
      // As many as may be sent at once.
      for (let i = 0; i < Timing.PACER_BURST; i++) {
        client.transport.publish("hello".repeat(200 + i))
        yield* TestClock.adjust(25)
      }
      // The next frame is not due yet, so a timer has to send it.
      client.transport.publish("hello again")
      yield* TestClock.adjust(milliseconds - 100)
      return network.sent.length - Timing.PACER_BURST
    })
    const everySecond: WakeSchedule = Schedule.modifyDelay(() => Effect.succeed("1 second"))
    expect(yield* sentWithin(299)).toBe(0)
    expect(yield* sentWithin(302)).toBe(1)
    expect(yield* sentWithin(999, everySecond)).toBe(0)
    expect(yield* sentWithin(1000, everySecond)).toBe(1)
  })
)

it.effect("sends nothing after it has ended", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 50 } })
    const scope = yield* Scope.make()
    const server = yield* start("Server", network).pipe(Scope.provide(scope))
    const client = yield* start("Client", network)
    client.transport.publish("hello")
    yield* TestClock.adjust(1000)
    yield* server.transport.ended.pipe(Effect.andThen(Scope.close(scope, Exit.void)), Effect.forkChild)
    const ended = yield* Effect.forkChild(client.transport.shutdown)
    yield* TestClock.adjust(1000)
    expect(ended.pollUnsafe()).toEqual(Exit.succeed({ _tag: "Acknowledged" }))
  })
)

it.effect("is silent once its scope is closed", () =>
  Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 50 } })
    const server = yield* start("Server", network)
    const scope = yield* Scope.make()
    const client = yield* start("Client", network).pipe(Scope.provide(scope))
    client.transport.publish("hello")
    yield* TestClock.adjust(1000)
    yield* Scope.close(scope, Exit.void)
    network.sent.length = 0
    client.transport.publish("anyone?")
    server.transport.publish("anyone?")
    yield* TestClock.adjust(20_000)
    expect(network.sent.filter(({ direction }) => direction === "toServer")).toEqual([])
    expect(client.heard).toEqual(client.heard.filter((entry) => !entry.includes("anyone")))
  })
)

it.effect("sends with any minimum delay, after 3 s at most", () =>
  Effect.gen(function* () {
    for (const minDelay of [NaN, -5, Infinity, 1e300]) {
      const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 50 } })
      const server = yield* start("Server", network)
      const client = yield* start("Client", network, { minDelay })
      yield* TestClock.adjust(10_000)
      client.transport.publish("one")
      client.transport.publish("two")
      yield* TestClock.adjust(minDelay > 0 ? 4000 : 200)
      expect(server.transport.remote().state).toBe("two")
    }
  })
)
