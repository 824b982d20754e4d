import { expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Dgram from "node:dgram"
import { type Address, type DatagramHandlers, Datagrams } from "../../../../src/services/transport/Datagrams.ts"
import * as NodeDatagrams from "../../../../src/services/node/udp/NodeDatagrams.ts"
import * as UdpSharing from "../../../../src/services/node/udp/UdpSharing.ts"

const build = <E>(layer: Layer.Layer<Datagrams, E>) =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, Datagrams))

interface Heard {
  readonly text: string
  readonly source: Address
  readonly socket: number
}

/** Listens, and collects. */
const collect = Effect.fnUntraced(function* (datagrams: Datagrams["Service"]) {
  const heard: Array<Heard> = []
  const troubles: Array<string> = []
  let sent = 0
  const handlers: DatagramHandlers = {
    onDatagram: (bytes, source, socket) => {
      heard.push({ text: Buffer.from(bytes).toString(), source, socket })
    },
    onSent: () => sent++,
    onTrouble: ({ kind, text }) => troubles.push(`${kind}: ${text}`)
  }
  yield* datagrams.receive(handlers)
  const until = (count: number) =>
    Effect.sleep(5).pipe(Effect.repeat({ until: () => heard.length >= count }), Effect.timeout("5 seconds"))
  return { heard, troubles, sent: () => sent, until }
})

const bytes = (text: string): Uint8Array => Buffer.from(text)

for (const [family, host] of [
  ["IPv4", "127.0.0.1"],
  ["IPv6", "::1"]
] as const) {
  it.live(`a client and a server communicate over ${family}, also from a second port`, () =>
    Effect.gen(function* () {
      const server = yield* build(NodeDatagrams.server({ address: host, ports: { low: 0, high: 0 } }))
      const client = yield* build(NodeDatagrams.client({ host, port: server.port }))
      const atServer = yield* collect(server)
      const atClient = yield* collect(client)
      expect([server.family, client.family]).toEqual([family, family])
      expect([server.peers(), client.peers()]).toEqual([[], [{ host, port: server.port }]])

      client.send(0, { host, port: server.port }, bytes("one"))
      yield* atServer.until(1)
      expect(atServer.heard[0]).toEqual({ text: "one", source: { host, port: client.port }, socket: 0 })
      server.send(0, { host, port: client.port }, bytes("two"))
      yield* atClient.until(1)
      expect(atClient.heard[0]).toEqual({ text: "two", source: { host, port: server.port }, socket: 0 })

      client.open(1)
      client.send(1, { host, port: server.port }, bytes("three"))
      yield* atServer.until(2)
      const source = atServer.heard[1]?.source ?? { host, port: 0 }
      expect(source.port).not.toBe(client.port)
      server.send(0, source, bytes("four"))
      yield* atClient.until(2)
      expect(atClient.heard[1]).toMatchObject({ text: "four", socket: 1 })

      client.close(0)
      server.send(0, { host, port: client.port }, bytes("lost"))
      server.send(0, source, bytes("five"))
      yield* atClient.until(3)
      expect(atClient.heard.map(({ text }) => text)).toEqual(["two", "four", "five"])
      expect(atServer.sent() + atClient.sent()).toBe(6)
      expect([...atServer.troubles, ...atClient.troubles]).toEqual([])
    })
  )
}

it.live("a server on :: is reached over IPv4, too", () =>
  Effect.gen(function* () {
    const server = yield* build(NodeDatagrams.server({ address: "::", ports: { low: 0, high: 0 } }))
    const client = yield* build(NodeDatagrams.client({ host: "127.0.0.1", port: server.port }))
    const atServer = yield* collect(server)
    const atClient = yield* collect(client)
    client.send(0, { host: "127.0.0.1", port: server.port }, bytes("ping"))
    yield* atServer.until(1)
    server.send(0, atServer.heard[0]?.source ?? { host: "", port: 0 }, bytes("pong"))
    yield* atClient.until(1)
    expect(atClient.heard[0]?.text).toBe("pong")
  })
)

it.live("a server binds the first free port of a range, and fails if there is none", () =>
  Effect.gen(function* () {
    const address = "127.0.0.1"
    const { port } = yield* build(NodeDatagrams.server({ address, ports: { low: 0, high: 0 } }))
    const next = yield* build(NodeDatagrams.server({ address, ports: { low: port, high: port + 20 } }))
    expect(next.port).toBeGreaterThan(port)
    expect(next.port).toBeLessThanOrEqual(port + 20)
    const taken = yield* Effect.flip(build(NodeDatagrams.server({ ports: { low: port, high: port }, address })))
    expect(taken.message).toBe(`cannot use UDP port ${port} on ${address}: Address already in use`)
    expect(taken).toMatchObject({ _tag: "BindError", address, ports: String(port) })
  })
)

it.live("a server that cannot bind its address binds no other", () =>
  Effect.gen(function* () {
    for (const [address, reason] of [
      ["192.0.2.1", "Address not available"],
      ["localhost", "not a numeric IP address"]
    ] as const) {
      const error = yield* Effect.flip(build(NodeDatagrams.server({ address, ports: { low: 0, high: 0 } })))
      expect(error).toMatchObject({ _tag: "BindError", address, ports: "0", reason })
    }
  })
)

it.effect("invalid ports are refused at once, by either end", () =>
  Effect.gen(function* () {
    for (const port of [0, 70_000, -1, 1.5, NaN, Infinity]) {
      const error = yield* Effect.flip(build(NodeDatagrams.client({ host: "127.0.0.1", port })))
      expect(error.message).toBe(`cannot use UDP port ${port} on 127.0.0.1: not a UDP port (1 to 65535)`)
    }
    for (const ports of [
      { low: 0, high: 1 },
      { low: 60_002, high: 60_001 },
      { low: 1, high: 70_000 },
      { low: 1.5, high: 2 },
      { low: NaN, high: NaN },
      { low: 1, high: Infinity }
    ]) {
      const error = yield* Effect.flip(build(NodeDatagrams.server({ address: "127.0.0.1", ports })))
      expect(error).toMatchObject({ _tag: "BindError", reason: expect.stringMatching(/range|above/) })
    }
  })
)

it.live("a client needs a numeric address", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(build(NodeDatagrams.client({ host: "localhost", port: 60001 })))
    expect(error.message).toBe("cannot use UDP port 60001 on localhost: not a numeric IP address")
  })
)

it.live("send errors are reported, never thrown, and the socket stays usable", () =>
  Effect.gen(function* () {
    const client = yield* build(NodeDatagrams.client({ host: "127.0.0.1", port: 9 }))
    const atClient = yield* collect(client)
    const self = { host: "127.0.0.1", port: client.port }
    client.send(0, self, new Uint8Array(70_000))
    client.send(0, { host: "127.0.0.1", port: 0 }, bytes("nowhere"))
    client.send(0, { host: "nonsense", port: 9 }, bytes("nowhere"))
    client.send(7, self, bytes("no such socket"))
    client.send(0, self, bytes("good"))
    yield* atClient.until(1)
    expect(atClient.heard.map(({ text }) => text)).toEqual(["good"])
    expect(atClient.troubles.length).toBe(3)
    expect(atClient.troubles).toContain("MessageTooLarge: sendto: Message too long")
  })
)

it.live("closing the scope frees the ports", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const address = "127.0.0.1"
    const { port } = yield* build(NodeDatagrams.server({ address, ports: { low: 0, high: 0 } })).pipe(
      Scope.provide(scope)
    )
    yield* Scope.close(scope, Exit.void)
    const again = yield* build(NodeDatagrams.server({ address, ports: { low: port, high: port } }))
    expect(again.port).toBe(port)
  })
)

it.live("a flood leaves time for timers and other sockets", () =>
  Effect.gen(function* () {
    const server = yield* build(NodeDatagrams.server({ address: "127.0.0.1", ports: { low: 0, high: 0 } }))
    const flood = yield* Effect.acquireRelease(
      Effect.sync(() => Dgram.createSocket("udp4")),
      (socket) => Effect.sync(() => socket.close())
    )
    // Each datagram is answered with two others, so more are always waiting than one turn may read.
    const send = () => flood.send("flood", server.port, "127.0.0.1", () => {})
    const ENOUGH = 5000
    let received = 0
    let inOneTurn = 0
    let most = 0
    yield* server.receive({
      onDatagram: () => {
        if (++received > ENOUGH) return
        most = Math.max(most, ++inOneTurn)
        send()
        send()
      },
      onSent: () => {},
      onTrouble: () => {}
    })
    let turns = 0
    const turn = () => {
      inOneTurn = 0
      turns++
      if (received < ENOUGH) setImmediate(turn)
    }
    turn()
    for (let i = 0; i < 64; i++) send()
    yield* Effect.sleep(10).pipe(Effect.repeat({ until: () => received >= ENOUGH }), Effect.timeout("10 seconds"))
    expect(most).toBeLessThanOrEqual(64)
    expect(turns).toBeGreaterThan(ENOUGH / 64)
  })
)

it.live("a client sends to addresses of both families, and a server receives at all of them", () =>
  Effect.gen(function* () {
    const ports = { low: 0, high: 0 }
    const server = yield* build(NodeDatagrams.server({ address: "127.0.0.1", ports, everywhere: true }))
    const { port } = server
    const atServer = yield* collect(server)
    const hosts = UdpSharing.isPossible ? ["127.0.0.1", "::1", "127.0.0.2"] : ["127.0.0.1", "::1"]
    const [host = "", ...addresses] = hosts
    const client = yield* build(NodeDatagrams.client({ host, port, addresses: [...addresses, host, "no address"] }))
    const atClient = yield* collect(client)
    expect(client.peers()).toEqual(hosts.map((host) => ({ host, port })))
    for (const to of client.peers()) {
      const known = atServer.heard.length
      // The further sockets are bound a moment after the first.
      yield* Effect.sync(() => client.send(0, to, bytes(to.host))).pipe(
        Effect.andThen(Effect.sleep(20)),
        Effect.repeat({ until: () => atServer.heard.length > known, times: 200 })
      )
      const received = atServer.heard.at(-1)
      expect(received?.text).toBe(to.host)
      if (received === undefined) return
      const before = atClient.heard.length
      server.send(received.socket, received.source, bytes("answer"))
      yield* atClient.until(before + 1)
      // Linux answers from the address that routes to the client, unless the socket has another.
      if (to.host !== "127.0.0.2")
        expect(atClient.heard.at(-1)).toMatchObject({ text: "answer", source: to, socket: 0 })
    }
    expect(new Set(atServer.heard.map(({ socket }) => socket)).size).toBe(hosts.length)
    // Another server of the same user takes another port, at whatever address.
    const other = yield* build(NodeDatagrams.server({ address: "127.0.0.3", ports: { low: port, high: port + 50 } }))
    if (UdpSharing.isPossible) expect(other.port).not.toBe(port)
  })
)

it.live("a client that looks its server up again knows the former addresses and the new ones", () =>
  Effect.gen(function* () {
    const server = yield* build(NodeDatagrams.server({ address: "127.0.0.1", ports: { low: 0, high: 0 } }))
    let found: ReadonlyArray<string> = ["127.0.0.1"]
    let lookUps = 0
    const resolve = Effect.sync(() => {
      lookUps++
      return found
    })
    const client = yield* build(NodeDatagrams.client({ host: "127.0.0.1", port: server.port, resolve }))
    const news: Array<ReadonlyArray<string>> = []
    yield* client.receive({
      onDatagram: () => {},
      onSent: () => {},
      onTrouble: () => {},
      onPeers: () => news.push(client.peers().map(({ host }) => host))
    })
    const lookUp = Effect.suspend(() => {
      const before = lookUps
      client.lookUp?.()
      return Effect.sleep(5).pipe(Effect.repeat({ until: () => lookUps > before }), Effect.timeout("5 seconds"))
    })
    yield* lookUp
    expect(news).toEqual([])
    found = ["::1", "127.0.0.9"]
    yield* lookUp
    expect(news).toEqual([["::1", "127.0.0.9", "127.0.0.1"]])
    found = Array.from({ length: 100 }, (_, i) => `127.0.1.${i}`)
    yield* lookUp
    expect(news[1]).toEqual(["127.0.1.0", "127.0.1.1", "127.0.1.2", "127.0.1.3", "::1", "127.0.0.9"])
  })
)
