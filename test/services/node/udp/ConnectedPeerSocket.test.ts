import { expect, it, vi } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Dgram from "node:dgram"
import Fs from "node:fs"
import Module from "node:module"
import { type Address, Datagrams } from "../../../../src/services/transport/Datagrams.ts"
import * as NodeDatagrams from "../../../../src/services/node/udp/NodeDatagrams.ts"
import * as UdpPort from "../../../../src/services/node/udp/UdpPort.ts"
import * as UdpSharing from "../../../../src/services/node/udp/UdpSharing.ts"

const HOST = "127.0.0.1"
const build = <E>(layer: Layer.Layer<Datagrams, E>) =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, Datagrams))

const stranger = Effect.acquireRelease(
  Effect.callback<Dgram.Socket>((resume) => {
    const socket = Dgram.createSocket("udp4")
    socket.bind(0, HOST, () => resume(Effect.succeed(socket)))
  }),
  (socket) => Effect.sync(() => socket.close())
)

/** Sends more than any buffer of a socket holds before the receiver reads. */
const flood = (socket: Dgram.Socket, port: number): void => {
  for (let i = 0; i < 4000; i++) socket.send(Buffer.alloc(1000), port, HOST, () => undefined)
}

const waitFor = (condition: () => boolean) =>
  Effect.sleep(5).pipe(Effect.repeat({ until: condition }), Effect.timeout("5 seconds"))

const receiver = (heard: Array<string>) => ({
  onDatagram: (bytes: Uint8Array, source: Address) => {
    if (bytes.length < 100) heard.push(`${Buffer.from(bytes).toString()} from ${source.port}`)
  },
  onSent: () => undefined,
  onTrouble: () => undefined
})

it.live.skipIf(!UdpSharing.isPossible)(
  "a flood takes no buffer space from the peer, wherever the peer moves, at either end",
  () =>
    Effect.gen(function* () {
      const server = yield* build(NodeDatagrams.server({ address: HOST, ports: { low: 0, high: 0 } }))
      const client = yield* build(NodeDatagrams.client({ host: HOST, port: server.port }))
      const elsewhere = yield* stranger
      const attacker = yield* stranger
      const atServer: Array<string> = []
      const atClient: Array<string> = []
      yield* server.receive(receiver(atServer))
      yield* client.receive(receiver(atClient))
      const toServer = { host: HOST, port: server.port }

      client.send(0, toServer, Buffer.from("hello"))
      yield* waitFor(() => atServer.length === 1)
      server.send(0, { host: HOST, port: client.port }, Buffer.from("hello"))
      yield* waitFor(() => atClient.length === 1)

      flood(attacker, server.port)
      flood(attacker, client.port)
      for (let i = 0; i < 10; i++) {
        client.send(0, toServer, Buffer.from(`${i}`))
        server.send(0, { host: HOST, port: client.port }, Buffer.from(`${i}`))
      }
      yield* waitFor(() => atServer.length >= 11 && atClient.length >= 11)
      expect(atServer.slice(1)).toEqual(Array.from({ length: 10 }, (_, i) => `${i} from ${client.port}`))
      expect(atClient.slice(1)).toEqual(Array.from({ length: 10 }, (_, i) => `${i} from ${server.port}`))

      // The peer sends from another address, and is answered there.
      elsewhere.send("roamed", server.port, HOST)
      yield* waitFor(() => atServer.length === 12)
      let isFound = false
      elsewhere.on("message", () => (isFound = true))
      server.send(0, { host: HOST, port: elsewhere.address().port }, Buffer.from("found"))
      yield* waitFor(() => isFound)
      flood(attacker, server.port)
      for (let i = 0; i < 10; i++) elsewhere.send(`${i}`, server.port, HOST)
      yield* waitFor(() => atServer.length >= 22)
      expect(atServer.slice(12)).toEqual(Array.from({ length: 10 }, (_, i) => `${i} from ${elsewhere.address().port}`))
    })
)

it.live("servers that start at once never share a port", () =>
  Effect.gen(function* () {
    const LOW = 61_200
    const ports = { low: LOW, high: LOW + 24 }
    const start = Effect.option(build(NodeDatagrams.server({ address: HOST, ports })))
    const started = yield* Effect.all(
      Array.from({ length: 20 }, () => start),
      { concurrency: "unbounded" }
    )
    const taken = started.flatMap((server) => (server._tag === "Some" ? [server.value.port] : []))
    expect(taken.length).toBeGreaterThan(0)
    expect(new Set(taken).size).toBe(taken.length)
    // Started one after the other, each gets a port.
    const later = yield* Effect.forEach([1, 2, 3, 4], () => start)
    expect(later.map(({ _tag }) => _tag)).toEqual(["Some", "Some", "Some", "Some"])
  })
)

it.live.skipIf(!UdpSharing.isPossible)(
  "a port is shared with whoever can take its datagrams, and with nobody else",
  () =>
    Effect.gen(function* () {
      const bind = (type: "udp4" | "udp6", address: string, port: number, reusePort = true) =>
        Effect.acquireRelease(
          Effect.callback<Dgram.Socket, Error>((resume) => {
            const socket = Dgram.createSocket({ type, reusePort })
            socket.once("error", (error) => resume(Effect.fail(error)))
            socket.bind(port, address, () => resume(Effect.succeed(socket)))
          }),
          (socket) => Effect.sync(() => socket.close())
        )
      // A socket with `reusePort` may get a port that a socket of another test shares. A socket without it, bound to all addresses
      // of both families, gets an unused port.
      const freePort = Effect.scoped(Effect.map(bind("udp6", "::", 0, false), (socket) => socket.address().port))
      const own = {
        "127.0.0.1": "udp4",
        "0.0.0.0": "udp4",
        "::1": "udp6",
        "::": "udp6",
        "::ffff:127.0.0.1": "udp6",
        "::ffff:7f00:1": "udp6"
      } as const
      for (const [address, type] of Object.entries(own)) {
        const shared: Array<string> = []
        for (const [other, otherType] of Object.entries({ ...own, "127.0.0.2": "udp4" } as const))
          yield* Effect.scoped(
            Effect.gen(function* () {
              const port = yield* freePort
              yield* bind(type, address, port)
              expect(UdpSharing.isShared(address, port)).toBe(false)
              yield* bind(otherType, other, port)
              if (UdpSharing.isShared(address, port)) shared.push(other)
            })
          )
        expect([address, ...shared]).toEqual([address, ...SHARED[address as keyof typeof SHARED]])
      }
    })
)

const LOOPBACK = ["127.0.0.1", "0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:7f00:1"]

const SHARED = {
  "127.0.0.1": LOOPBACK,
  "0.0.0.0": [...LOOPBACK, "127.0.0.2"],
  "::1": ["::1", "::"],
  "::": ["127.0.0.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "127.0.0.2"],
  "::ffff:127.0.0.1": LOOPBACK,
  "::ffff:7f00:1": LOOPBACK
}

it.live("a server on an IPv4 address in IPv6 form takes no port of a server on that address", () =>
  Effect.gen(function* () {
    const LOW = 61_240
    for (const [one, other] of [
      [HOST, `::ffff:${HOST}`],
      [`::ffff:${HOST}`, HOST],
      [`::ffff:${HOST}`, `::ffff:${HOST}`]
    ] as const) {
      const ports = { low: LOW, high: LOW + 8 }
      const taken = yield* Effect.scoped(
        Effect.gen(function* () {
          const first = yield* build(NodeDatagrams.server({ address: one, ports }))
          const second = yield* build(NodeDatagrams.server({ address: other, ports }))
          return [first.port, second.port]
        })
      )
      expect([taken, new Set(taken).size]).toEqual([taken, 2])
    }
  })
)

it.live("clients of one user share no port, nor do the ports that they change to", () =>
  Effect.gen(function* () {
    const bound = Array.from({ length: 150 }, () => UdpPort.forClient("IPv4"))
    const sockets = bound.flatMap((each) => (Result.isSuccess(each) ? [each.success] : []))
    yield* Effect.addFinalizer(() => Effect.sync(() => sockets.forEach(UdpPort.close)))
    for (let i = 0; i < 150; i++) sockets.push(UdpPort.anotherForClient("IPv4"))
    expect(new Set(sockets.map((socket) => socket.address().port)).size).toBe(300)
  })
)

// The kernel prints its table in parts. It may repeat a socket if others are opened or closed between two parts.
it("a socket that the kernel's table lists twice shares no port with itself", () => {
  const line = (inode: number) =>
    `  5: 0100007F:CB3F 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 2 0000000058f68276 0\n`
  let sockets: ReadonlyArray<number> = []
  const read = vi
    .spyOn(Fs, "readFileSync")
    .mockImplementation((file) => `  sl  local_address\n${file === "/proc/net/udp" ? sockets.map(line).join("") : ""}`)
  Module.syncBuiltinESMExports()
  try {
    const found = [[7], [7, 7], [7, 8], [7, 8, 7]].map((inodes) => {
      sockets = inodes
      return [UdpSharing.isShared(HOST, 0xcb3f), UdpSharing.holders("IPv4", 0xcb3f)]
    })
    expect(found).toEqual([
      [false, 1],
      [false, 1],
      [true, 2],
      [true, 2]
    ])
  } finally {
    read.mockRestore()
    Module.syncBuiltinESMExports()
  }
})

// The kernel's table of sockets has a line for each. With 1000 clients in a process, reading it for each change of a port
// took longer than the interval of these changes.
it("a client's port is bound without a look at the host's other sockets", () => {
  const read = vi.spyOn(Fs, "readFileSync")
  Module.syncBuiltinESMExports()
  try {
    UdpSharing.holders("IPv4", 1)
    const looks = read.mock.calls.length
    const bound = UdpPort.forClient("IPv4")
    if (Result.isSuccess(bound)) UdpPort.close(bound.success)
    UdpPort.close(UdpPort.anotherForClient("IPv4"))
    expect([Result.isSuccess(bound), looks, read.mock.calls.length - looks]).toEqual([true, 1, 0])
  } finally {
    read.mockRestore()
    Module.syncBuiltinESMExports()
  }
})
