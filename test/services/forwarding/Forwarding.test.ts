/**
 * Forwardings through a session over real UDP, between sockets of this process.
 */
import { expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import * as ConnectionHeader from "../../../src/domain/forwarding/ConnectionHeader.ts"
import * as ForwardingCode from "../../../src/domain/forwarding/ForwardingCode.ts"
import * as ForwardingPolicy from "../../../src/domain/forwarding/ForwardingPolicy.ts"
import * as ForwardSpec from "../../../src/domain/forwarding/ForwardSpec.ts"
import { MoshClient } from "../../../src/services/client/MoshClient.ts"
import * as ClientForwarding from "../../../src/services/forwarding/ClientForwarding.ts"
import { ForwardingMetricNames } from "../../../src/services/forwarding/ForwardingMetrics.ts"
import * as ServerForwarding from "../../../src/services/forwarding/ServerForwarding.ts"
import * as NodeSockets from "../../../src/services/node/forwarding/NodeSockets.ts"
import * as NodeMoshClient from "../../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../../src/services/node/NodeMoshServer.ts"
import { MoshServer } from "../../../src/services/server/MoshServer.ts"
import { StreamKind } from "../../../src/domain/streams/StreamKind.ts"
import type * as Transport from "../../../src/services/transport/Transport.ts"
import { Relay } from "../../support/relay.ts"
import { expected } from "../../domain/streams/transfer.ts"

const layers = Layer.mergeAll(NodeMoshServer.layer, NodeMoshClient.layer, NodeSockets.layer)

/** A session whose ends forward. */
const session = Effect.fnUntraced(function* (
  options: {
    readonly policy?: ForwardingPolicy.ForwardingPolicy
    readonly forwards?: boolean
    readonly relayed?: boolean
  } = {}
) {
  const notices: Array<string> = []
  const handlers = options.forwards === false ? [] : [yield* ServerForwarding.make(options.policy)]
  const toClient = yield* Deferred.make<Transport.TransportStreams>()
  const server = yield* (yield* MoshServer).serve({
    program: () => Effect.never,
    address: "127.0.0.1",
    ports: { low: 0, high: 0 },
    streamHandlers: [...handlers, ({ streams }) => Effect.asVoid(Deferred.succeed(toClient, streams))]
  })
  const relay = yield* Effect.acquireRelease(
    Effect.promise(() => Relay.start(() => server.port)),
    (relay) => Effect.promise(() => relay[Symbol.asyncDispose]())
  )
  const forwarding = yield* ClientForwarding.make({ onNotice: (text) => notices.push(text) })
  const client = yield* (yield* MoshClient).connect({
    host: "127.0.0.1",
    port: options.relayed === true ? relay.port : server.port,
    key: server.key,
    streamHandlers: [forwarding.handler]
  })
  const add = (flag: ForwardSpec.Flag, text: string) =>
    Effect.flatMap(Effect.fromResult(ForwardSpec.parse(flag, text)), forwarding.add)
  return { add, client, forwarding, notices, relay, server, toClient: yield* Deferred.await(toClient) }
})

/** Listens on a port that the system chooses, or on a path. */
const listen = (onConnection: (socket: Net.Socket) => void, path?: string) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly server: Net.Server }>((resume) => {
      const server = Net.createServer({ allowHalfOpen: true }, onConnection)
      const done = () =>
        resume(Effect.succeed({ server, port: path === undefined ? (server.address() as Net.AddressInfo).port : 0 }))
      if (path === undefined) server.listen(0, "127.0.0.1", done)
      else server.listen(path, done)
    }),
    ({ server }) => Effect.sync(() => server.close())
  )

/** Answers the number of bytes and their checksum after the end of the request: it needs half-close. */
const counting = (socket: Net.Socket): void => {
  let count = 0
  let sum = 0
  socket.on("data", (bytes) => {
    count += bytes.length
    for (const byte of bytes) sum = (sum * 31 + byte) >>> 0
  })
  socket.on("end", () => socket.end(`${count} ${sum}`))
  socket.on("error", () => undefined)
}

const counted = (bytes: Uint8Array): string => {
  let sum = 0
  for (const byte of bytes) sum = (sum * 31 + byte) >>> 0
  return `${bytes.length} ${sum}`
}

/** Writes everything, ends, and reads to the end. Gives `error` and the code if the connection breaks. */
const ask = (to: Net.NetConnectOpts, ...pieces: ReadonlyArray<Uint8Array | string>) =>
  Effect.callback<string>((resume) => {
    const socket = Net.connect({ ...to, allowHalfOpen: true })
    const read: Array<Buffer> = []
    socket.on("data", (bytes) => read.push(bytes))
    socket.on("end", () => {
      socket.destroy()
      resume(Effect.succeed(Buffer.concat(read).toString("latin1")))
    })
    socket.on("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(`error ${error.code}`)))
    for (const piece of pieces) socket.write(piece)
    socket.end()
    return Effect.sync(() => socket.destroy())
  })

const at = (port: number): Net.NetConnectOpts => ({ host: "127.0.0.1", port })

const directory = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(tmpdir(), "effect-mosh-forward-"))),
  (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true, force: true }))
)

/** A port on which nothing listens. */
const closedPort = Effect.scoped(
  Effect.map(
    listen(() => undefined),
    ({ port }) => port
  )
)

const until = (holds: () => boolean) =>
  Effect.sync(holds).pipe(
    Effect.tap((is) => (is ? Effect.void : Effect.sleep(5))),
    Effect.repeat({ until: (is) => is }),
    Effect.timeout(10_000)
  )

const socks5 = (port: number): Uint8Array => Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff)
const socks4a = (port: number): Uint8Array =>
  Buffer.concat([Uint8Array.of(4, 1, port >> 8, port & 0xff, 0, 0, 0, 1, 0), Buffer.from("localhost\0")])

const live = <E>(name: string, test: () => Effect.Effect<void, E, Layer.Success<typeof layers> | Scope.Scope>) =>
  it.live(name, () => test().pipe(Effect.scoped, Effect.provide(layers)))

live("-L carries connections to ports and sockets, with half-close, and a refused one ends alone", () =>
  Effect.gen(function* () {
    const { add, forwarding, server } = yield* session()
    const home = yield* directory
    const target = yield* listen(counting)
    yield* listen(counting, `${home}/target`)
    const large = expected(1, 0, 2_000_000)
    const { port } = yield* add("L", `0:127.0.0.1:${target.port}`)
    // In this direction the bytes fill every window on the way.
    expect(yield* ask(at(port), large)).toBe(counted(large))

    yield* add("L", `${home}/here:${home}/target`)
    expect(Fs.statSync(`${home}/here`).mode & 0o777).toBe(0o600)
    expect(yield* ask({ path: `${home}/here` }, "request")).toBe(counted(Buffer.from("request")))

    const refused = yield* add("L", `0:127.0.0.1:${yield* closedPort}`)
    const many = Array.from({ length: 60 }, (_, i) => Buffer.from(`request ${i}`))
    const answers = yield* Effect.all([ask(at(refused.port), "request"), ...many.map((one) => ask(at(port), one))], {
      concurrency: "unbounded"
    })
    expect(answers).toEqual(["error ECONNRESET", ...many.map(counted)])
    yield* until(() => forwarding.list().every(({ connections }) => connections === 0))
    expect(server.status().counters.dropped.unauthentic).toBe(0)
  })
)

live("a listener has 256 connections, of which 128 are carried and the others wait", () =>
  Effect.gen(function* () {
    const { add, client, forwarding } = yield* session()
    let accepted = 0
    const target = yield* listen((socket) => {
      accepted++
      counting(socket)
    })
    const { port } = yield* add("L", `0:127.0.0.1:${target.port}`)
    let closed = 0
    const answers: Array<string> = []
    const sockets = Array.from({ length: 300 }, () => {
      const socket = Net.connect({ ...at(port), allowHalfOpen: true })
      let answer = ""
      socket.on("error", () => undefined)
      socket.on("data", (bytes: Buffer) => (answer += bytes.toString()))
      socket.on("end", () => {
        if (answer === "") closed++
        else answers.push(answer)
        socket.destroy()
      })
      return socket
    })
    yield* Effect.addFinalizer(() => Effect.sync(() => sockets.forEach((socket) => socket.destroy())))
    yield* until(() => closed === 44 && accepted === 128)
    yield* client.type("x")
    yield* until(() => client.held() === 0)
    for (const socket of sockets) socket.end("x")
    yield* until(() => answers.length === 256)
    expect(new Set(answers)).toEqual(new Set([counted(Buffer.from("x"))]))
    yield* until(() => forwarding.list().every(({ connections }) => connections === 0))
    expect([accepted, closed]).toEqual([256, 44])
  })
)

live("-D is a proxy for SOCKS 4a and 5, answers failures, and drops what speaks something else", () =>
  Effect.gen(function* () {
    const { add } = yield* session()
    const target = yield* listen(counting)
    const { port } = yield* add("D", "0")
    const ok5 = "\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
    // The request is sent ahead of the answer.
    expect(yield* ask(at(port), socks5(target.port), "early")).toBe(`${ok5}${counted(Buffer.from("early"))}`)
    const answer = yield* ask(at(port), socks4a(target.port), "early")
    expect(answer).toBe(`\x00\x5a\x00\x00\x00\x00\x00\x00${counted(Buffer.from("early"))}`)
    expect(yield* ask(at(port), socks5(yield* closedPort))).toBe(ok5.replace("\x05\x00\x05\x00", "\x05\x00\x05\x05"))
    expect(yield* ask(at(port), "GET / HTTP/1.1\r\n\r\n")).toMatch(/^$|^error ECONNRESET$/)
  })
)

live("-R carries connections from the server, also by SOCKS, until it is removed", () =>
  Effect.gen(function* () {
    const { add, forwarding } = yield* session()
    const target = yield* listen(counting)
    const large = expected(1, 0, 2_000_000)
    const { port } = yield* add("R", `0:127.0.0.1:${target.port}`)
    expect(port).toBeGreaterThan(0)
    expect(yield* ask(at(port), large)).toBe(counted(large))
    const proxy = yield* add("R", "0")
    expect(yield* ask(at(proxy.port), socks5(target.port), "early")).toMatch(
      new RegExp(`${counted(Buffer.from("early"))}$`)
    )
    const taken = yield* Effect.flip(add("R", `127.0.0.1:${target.port}:db:80`))
    expect(taken).toMatchObject({
      reason: "in-use",
      message: `-R 127.0.0.1:${target.port}:db:80: the address is in use`
    })
    expect(yield* Effect.flip(add("R", `${port}:db:80`))).toMatchObject({ reason: "exists" })
    expect(forwarding.list().map(({ isOpen, port }) => [isOpen, port])).toEqual([
      [true, port],
      [true, proxy.port]
    ])
    expect(yield* forwarding.remove("R", { _tag: "Tcp", host: undefined, port })).toBe(true)
    expect(yield* forwarding.remove("R", { _tag: "Tcp", host: undefined, port })).toBe(false)
    yield* until(() => forwarding.list().length === 1)
    // The server closes the listener as soon as it has read the end of its stream.
    let answer = ""
    while (!answer.startsWith("error ECONN")) answer = yield* ask(at(port), "late")
  })
)

live("-R as a proxy drops what speaks no SOCKS, or ends within its request, and serves others", () =>
  Effect.gen(function* () {
    const { add, forwarding } = yield* session()
    const target = yield* listen(counting)
    const { port } = yield* add("R", "0")
    const halfway = socks5(target.port).subarray(0, 7)
    const [garbage, cut, good] = yield* Effect.all(
      [ask(at(port), "GET / HTTP/1.1\r\n\r\n"), ask(at(port), halfway), ask(at(port), socks5(target.port), "x")],
      { concurrency: "unbounded" }
    )
    expect(garbage).toMatch(/^$|^error ECONNRESET$/)
    expect(cut).toMatch(/^(\x05\x00)?$|^error ECONNRESET$/)
    expect(good).toContain(counted(Buffer.from("x")))
    // A client that goes on writing, and never ends, is not kept.
    const broken = yield* Effect.callback<boolean>((resume) => {
      const socket = Net.connect({ ...at(port), allowHalfOpen: true })
      const timer = setInterval(() => socket.write("garbage"), 5)
      socket.on("error", () => resume(Effect.succeed(true)))
      socket.resume()
      return Effect.sync(() => {
        clearInterval(timer)
        socket.destroy()
      })
    })
    expect(broken).toBe(true)
    yield* until(() => forwarding.list().every(({ connections }) => connections === 0))
  })
)

live("clients that share a session have forwardings of their own, and one that watches has none", () =>
  Effect.gen(function* () {
    const server = yield* MoshServer
    const address = { address: "127.0.0.1", ports: { low: 0, high: 0 } }
    const shared = yield* server.open({ program: () => Effect.never })
    const attachments = yield* server.attachments(shared, { streamHandlers: [yield* ServerForwarding.make()] })
    const join = Effect.fnUntraced(function* (mode: "TakeOver" | "Share" | "View") {
      const { key, port } = yield* attachments.admit({ ...address, mode })
      const notices: Array<string> = []
      const forwarding = yield* ClientForwarding.make({ onNotice: (text) => notices.push(text) })
      const handlers = { streamHandlers: [forwarding.handler] }
      const client = yield* (yield* MoshClient).connect({ host: "127.0.0.1", port, key, ...handlers })
      yield* until(() => client.status().lastHeard > -Infinity)
      const add = (flag: ForwardSpec.Flag, text: string) =>
        Effect.flatMap(Effect.fromResult(ForwardSpec.parse(flag, text)), forwarding.add)
      return { add, client, notices }
    })
    const naming = (name: string) => listen((socket) => void socket.on("error", () => undefined).end(name))
    const [first, second] = [yield* naming("first"), yield* naming("second")]
    const one = yield* join("TakeOver")
    const two = yield* join("Share")
    const viewer = yield* join("View")
    const there = yield* one.add("R", `0:127.0.0.1:${first.port}`)
    const also = yield* two.add("R", `0:127.0.0.1:${second.port}`)
    expect([yield* ask(at(there.port)), yield* ask(at(also.port))]).toEqual(["first", "second"])

    expect(yield* Effect.flip(viewer.add("R", `0:127.0.0.1:${first.port}`))).toMatchObject({ reason: "unsupported" })
    const here = yield* viewer.add("L", `0:127.0.0.1:${first.port}`)
    expect(yield* ask(at(here.port))).toBe("error ECONNRESET")
    expect(viewer.notices).toEqual([ClientForwarding.UNSUPPORTED])

    yield* one.client.shutdown()
    let answer = ""
    while (!answer.startsWith("error ECONN")) answer = yield* ask(at(there.port))
    expect(yield* ask(at(also.port))).toBe("second")
  })
)

live("a connection that nobody reads stalls no other one, and not the session", () =>
  Effect.gen(function* () {
    const { add, client } = yield* session()
    const held: Array<Net.Socket> = []
    yield* Effect.addFinalizer(() => Effect.sync(() => held.forEach((socket) => socket.destroy())))
    const silent = yield* listen((socket) => held.push(socket.pause().on("error", () => undefined)))
    const target = yield* listen(counting)
    const stalled = yield* add("L", `0:127.0.0.1:${silent.port}`)
    const free = yield* add("L", `0:127.0.0.1:${target.port}`)
    const writers = Array.from({ length: 20 }, () => Net.connect(stalled.port, "127.0.0.1"))
    for (const writer of writers) {
      writer.on("error", () => undefined)
      writer.write(Buffer.alloc(3_000_000))
    }
    yield* until(() => held.length === writers.length)
    expect(yield* ask(at(free.port), "request")).toBe(counted(Buffer.from("request")))
    yield* client.type("x")
    yield* until(() => client.held() === 0)
    for (const writer of writers) writer.destroy()
  })
)

live("a server forwards no more than its policy allows, and one that cannot is reported once", () =>
  Effect.gen(function* () {
    const refusing = yield* session({ policy: ForwardingPolicy.NONE })
    const { port } = yield* refusing.add("L", "0:127.0.0.1:9")
    expect(yield* ask(at(port), "request")).toBe("error ECONNRESET")
    expect(yield* ask(at(port), "request")).toBe("error ECONNRESET")
    expect(refusing.notices).toEqual(["forwarding is forbidden by the server (MOSH_SERVER_FORWARDING)"])
    expect(yield* Effect.flip(refusing.add("R", "0:127.0.0.1:9"))).toMatchObject({ reason: "prohibited" })

    const unaware = yield* session({ forwards: false })
    const proxy = yield* unaware.add("D", "0")
    yield* ask(at(proxy.port), socks5(9))
    expect(unaware.notices).toEqual([ClientForwarding.UNSUPPORTED])
    expect(yield* Effect.flip(unaware.add("R", "0:127.0.0.1:9"))).toMatchObject({ reason: "unsupported" })
    expect(yield* Effect.flip(unaware.add("L", `${proxy.port}:127.0.0.1:9`))).toMatchObject({ reason: "in-use" })
    const metrics = yield* Metric.snapshot
    const ended = metrics.filter(({ id }) => id === ForwardingMetricNames.ended)
    expect(ended.some(({ attributes }) => attributes?.["how"] === "prohibited")).toBe(true)
  })
)

live("connections survive loss, an outage and a new address", () =>
  Effect.gen(function* () {
    const { add, client, relay } = yield* session({ relayed: true })
    let arrived = 0
    const target = yield* listen((socket) => {
      socket.on("data", ({ length }) => (arrived += length))
      counting(socket)
    })
    const { port } = yield* add("L", `0:127.0.0.1:${target.port}`)
    const large = expected(1, 0, 1_000_000)
    relay.weather({ loss: 0.05 })
    const answer = yield* Effect.forkChild(ask(at(port), large))
    yield* until(() => arrived > 200_000)
    relay.weather({ loss: 1 })
    yield* Effect.promise(() => relay.roam())
    yield* Effect.sleep("1 second")
    const before = arrived
    expect(before).toBeLessThan(large.length)
    relay.weather({ loss: 0.05 })
    expect(yield* Fiber.join(answer)).toBe(counted(large))
    expect(client.status().counters.dropped.unauthentic).toBe(0)
  })
)

live("a server cannot make its client connect anywhere, and a peer has 128 connections at most", () =>
  Effect.gen(function* () {
    const { add, client, toClient } = yield* session()
    const target = yield* listen(counting)
    yield* add("R", `0:127.0.0.1:${target.port}`)
    const to = { _tag: "Tcp", host: "127.0.0.1", port: target.port } as const
    const refused = (streams: Transport.TransportStreams, header: ConnectionHeader.ConnectionHeader) =>
      streams
        .open(StreamKind.connection, ConnectionHeader.encode(header))
        .pipe(Effect.flatMap((stream) => Effect.andThen(stream.finish, Effect.flip(stream.read()))))
    const malformed = { reason: "Reset", code: ForwardingCode.codes.malformed }
    expect(yield* refused(toClient, { _tag: "Connect", to })).toMatchObject(malformed)
    expect(yield* refused(toClient, { _tag: "Accepted", listener: 999 })).toMatchObject(malformed)
    expect(yield* refused(client.streams, { _tag: "Accepted", listener: 0 })).toMatchObject(malformed)

    const listener = ConnectionHeader.encodeListener({ _tag: "Tcp", host: "127.0.0.1", port: 0 })
    const tooMany = yield* Effect.forEach(Array.from({ length: ServerForwarding.MOST_LISTENERS }), () =>
      Effect.flatMap(client.streams.open(StreamKind.listener, listener), (stream) => Effect.result(stream.read()))
    ).pipe(Effect.scoped)
    expect(tooMany.map((result) => Result.isSuccess(result))).toEqual(tooMany.map((_, i) => i < tooMany.length - 1))
    expect(tooMany.at(-1)).toMatchObject({ failure: { reason: "Reset", code: ForwardingCode.codes["too-many"] } })

    const held: Array<Net.Socket> = []
    yield* Effect.addFinalizer(() => Effect.sync(() => held.forEach((socket) => socket.destroy())))
    // The service at the other end floods, and nobody reads.
    const flooding = yield* listen((socket) => {
      held.push(socket.on("error", () => undefined))
      socket.write(Buffer.alloc(50_000))
    })
    const header = ConnectionHeader.encode({ _tag: "Connect", to: { ...to, port: flooding.port } })
    const many = Effect.all(
      Array.from({ length: 300 }, () =>
        Effect.tap(client.streams.open(StreamKind.connection, header), (stream) => stream.write(new Uint8Array(1)))
      ),
      { concurrency: "unbounded" }
    )
    yield* Effect.forkScoped(many)
    yield* until(() => held.length >= 127)
    yield* client.type("x")
    yield* until(() => client.held() === 0)
    expect(held.length).toBeLessThanOrEqual(128)
  })
)
