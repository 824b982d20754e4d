/**
 * Many sessions on one UDP port, over real UDP, with our clients and stock's.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Dgram from "node:dgram"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as NodeMoshClient from "../../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../../src/services/node/NodeMoshServer.ts"
import * as NodePty from "../../../src/services/node/pty/NodePty.ts"
import * as SharedUdpSocket from "../../../src/services/node/udp/SharedUdpSocket.ts"
import { type ClientSession, MoshClient } from "../../../src/services/client/MoshClient.ts"
import type { Application } from "../../../src/services/server/Application.ts"
import { MoshServer } from "../../../src/services/server/MoshServer.ts"
import { Pty } from "../../../src/services/server/Pty.ts"
import { program, requirePrograms } from "../../support/peers.ts"
import { Relay } from "../../support/relay.ts"

const layer = Layer.mergeAll(NodeMoshServer.layer, NodeMoshClient.layer, NodePty.layer)
const ports = { low: 0, high: 0 }

/** Shows what is typed, after its name. */
const echoing =
  (name: string): Application =>
  (terminal) =>
    Effect.andThen(terminal.write(`${name}:`), Stream.runForEach(terminal.keys, terminal.write))

const until = (frames: Stream.Stream<Frame.Frame>, text: string) =>
  frames.pipe(
    Stream.filter((frame) => Frame.lines(frame).some((line) => line.includes(text))),
    Stream.runHead,
    Effect.timeout(20_000)
  )

const typeAndSee = (client: ClientSession, text: string, shown: string) =>
  Effect.andThen(client.type(text), until(client.screens, shown))

it.live("serves several sessions on one port: over IPv4 and IPv6, roaming, and stock's client", (context) =>
  Effect.gen(function* () {
    requirePrograms(context, "mosh")
    const mosh = yield* MoshServer
    const { connect } = yield* MoshClient
    const sharedPort = yield* mosh.sharePort({ ports })
    const serve = (name: string) => mosh.serve({ program: echoing(name), sharedPort })
    const [one, two, three] = [yield* serve("one"), yield* serve("two"), yield* serve("three")]
    expect(new Set([one, two, three].map(({ port }) => port))).toEqual(new Set([sharedPort.port]))
    expect(sharedPort.sessions()).toBe(3)

    // Of the second and of the first session: keys are tried in the order of the sessions' activity.
    const relay = yield* Effect.acquireRelease(
      Effect.promise(() => Relay.start(() => two.port)),
      (relay) => Effect.promise(() => relay[Symbol.asyncDispose]())
    )
    const second = yield* connect({ host: "127.0.0.1", port: relay.port, key: two.key })
    const first = yield* connect({ host: "::1", port: one.port, key: one.key })
    yield* typeAndSee(second, "a", "two:a")
    yield* typeAndSee(first, "b", "one:b")
    expect(one.contact()?.from).toMatch(/^\[::1\]:\d+$/)

    const environment = { PATH: process.env["PATH"] ?? "", TERM: "xterm", LANG: "C.UTF-8", MOSH_KEY: three.key }
    const [file = ""] = program("stock", "mosh-client")
    const pty = yield* (yield* Pty).spawn({
      file,
      arguments: ["127.0.0.1", `${three.port}`],
      environment,
      directory: "/",
      size: { columns: 80, rows: 24 },
      onOutput: () => undefined,
      onExit: () => undefined
    })
    yield* until(three.session.frames, "three:")
    pty.write(Buffer.from("stock"))
    yield* until(three.session.frames, "three:stock")

    const { found, trials } = sharedPort.counters()
    yield* Effect.promise(() => relay.roam())
    yield* typeAndSee(second, "c", "two:ac")
    expect(sharedPort.counters()).toMatchObject({ found: found + 1, trials: trials + 1 })
    expect(sharedPort.counters().known).toBeGreaterThan(3)

    // Forged datagrams from a client's own port reach no session.
    const stranger = Dgram.createSocket("udp4")
    for (let i = 0; i < 20; i++) stranger.send(Buffer.alloc(60), sharedPort.port, "127.0.0.1")
    yield* typeAndSee(first, "d", "one:bd")
    yield* typeAndSee(second, "e", "two:ace")
    stranger.close()
    const { dropped } = sharedPort.counters()
    expect(dropped.unauthentic + dropped.suspended).toBeGreaterThan(0)
    expect([one, two, three].map(({ status }) => status().counters.dropped.unauthentic)).toEqual([0, 0, 0])

    one.terminate()
    expect(yield* first.ended).toEqual({ _tag: "PeerShutdown" })
    yield* typeAndSee(second, "f", "two:acef")
  }).pipe(Effect.scoped, Effect.provide(layer))
)

it.live("fails if the port cannot be bound, and leaves with the scope", () =>
  Effect.gen(function* () {
    const mosh = yield* MoshServer
    const sharedPort = yield* mosh.sharePort({ ports })
    const taken = { low: sharedPort.port, high: sharedPort.port }
    expect(yield* Effect.flip(mosh.sharePort({ ports: taken }))).toMatchObject({
      _tag: "BindError",
      reason: "Address already in use"
    })
    const next = { low: sharedPort.port, high: Math.min(65_535, sharedPort.port + 20) }
    expect((yield* mosh.sharePort({ address: "127.0.0.1", ports: next })).port).toBeGreaterThan(sharedPort.port)
    for (const options of [{ address: "example.org" }, { ports: { low: 5, high: 1 } }, { address: "192.0.2.1" }])
      expect(yield* Effect.flip(mosh.sharePort({ ports, ...options }))).toMatchObject({ _tag: "BindError" })
    expect((yield* Effect.scoped(mosh.sharePort({ address: "::1", ports }))).port).toBeGreaterThan(0)

    const session = yield* mosh.open({ program: () => Effect.never })
    yield* Effect.scoped(mosh.listen(session, { sharedPort }))
    expect(sharedPort.sessions()).toBe(0)
  }).pipe(Effect.scoped, Effect.provide(layer))
)

it.live("reports what the system refuses to send to the session that sent it", () =>
  Effect.gen(function* () {
    const socket = yield* SharedUdpSocket.bind({ address: "127.0.0.1", ports })
    const results: Array<string> = []
    const sender = (name: string) => ({
      onSent: () => results.push(`${name} sent`),
      onTrouble: ({ kind }: { readonly kind: string }) => results.push(`${name} ${kind}`)
    })
    socket.send(0, { host: "127.0.0.1", port: 9 }, new Uint8Array(70_000), sender("a"))
    socket.send(0, { host: "127.0.0.1", port: 9 }, new Uint8Array(10), sender("b"))
    yield* Effect.sleep(5).pipe(Effect.repeat({ until: () => results.length === 2 }), Effect.timeout(5000))
    expect(results.toSorted()).toEqual(["a MessageTooLarge", "b sent"])
  }).pipe(Effect.scoped)
)
