/**
 * Attachments of a session, over real UDP: who replaces whom, and what remains of a client that was replaced.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Dgram from "node:dgram"
import { type ClientSession, MoshClient } from "../../../src/services/client/MoshClient.ts"
import type * as Application from "../../../src/services/server/Application.ts"
import type { Admitted } from "../../../src/services/server/Attachments.ts"
import { MoshServer } from "../../../src/services/server/MoshServer.ts"
import * as StreamHandler from "../../../src/services/transport/StreamHandler.ts"
import * as NodeMoshClient from "../../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../../src/services/node/NodeMoshServer.ts"
import { StreamKind } from "../../../src/domain/streams/StreamKind.ts"

const address = { address: "127.0.0.1", ports: { low: 0, high: 0 } }

/** A session whose application records what is typed, and its attachments. */
const shared = Effect.fnUntraced(function* (streamHandlers: ReadonlyArray<StreamHandler.StreamHandler> = []) {
  const server = yield* MoshServer
  let typed = ""
  const application: Application.Application = ({ keys }) =>
    Stream.runForEach(keys, (bytes) =>
      Effect.sync(() => {
        typed += Buffer.from(bytes).toString()
      })
    )
  const session = yield* server.open({ program: application })
  const attachments = yield* server.attachments(session, { streamHandlers })
  return { attachments, typed: () => typed }
})

const connect = Effect.fnUntraced(function* (
  { key, port }: Admitted,
  streamHandlers: ReadonlyArray<StreamHandler.StreamHandler> = []
) {
  const session = yield* (yield* MoshClient).connect({ host: "127.0.0.1", port, key, streamHandlers })
  yield* until(() => session.screenCount() > 0 || session.status().lastHeard > -Infinity)
  return session
})

const until = (holds: () => boolean) =>
  Effect.sync(holds).pipe(
    Effect.tap((is) => (is ? Effect.void : Effect.sleep(5))),
    Effect.repeat({ until: (is) => is }),
    Effect.timeout(10_000)
  )

/** Whether the UDP port can be bound, so that no socket of the session has it. */
const isFree = (port: number) =>
  Effect.callback<boolean>((resume) => {
    const socket = Dgram.createSocket("udp4")
    socket.once("error", () => resume(Effect.succeed(false)))
    socket.bind(port, "127.0.0.1", () => socket.close(() => resume(Effect.succeed(true))))
  })

const layers = Layer.mergeAll(NodeMoshServer.layer, NodeMoshClient.layer)

const endingOf = (client: ClientSession) => Effect.map(client.ended, ({ _tag }) => ({ _tag, ...client.ending() }))

it.live("a new client has a key and a port of its own, and replaces the one before, which learns its address", () =>
  Effect.gen(function* () {
    const { attachments, typed } = yield* shared()
    const first = yield* attachments.admit(address)
    const one = yield* connect(first)
    yield* one.type("a")
    const second = yield* attachments.admit(address)
    expect(second.key).not.toBe(first.key)
    expect(second.port).not.toBe(first.port)
    const two = yield* connect(second)
    expect(yield* endingOf(one)).toMatchObject({ _tag: "PeerShutdown", why: "TakenOver", from: "127.0.0.1" })
    yield* two.type("b")
    yield* until(() => typed() === "ab")
    yield* until(() => attachments.list().length === 1)
    expect(attachments.list()).toMatchObject([{ id: second.id, phase: "Attached", port: second.port }])
    expect(yield* isFree(first.port)).toBe(true)
    expect(yield* isFree(second.port)).toBe(false)
  }).pipe(Effect.scoped, Effect.provide(layers))
)

it.live("what a client types after it was replaced has no effect", () =>
  Effect.gen(function* () {
    const { attachments, typed } = yield* shared()
    const first = yield* attachments.admit(address)
    const one = yield* connect(first)
    yield* one.type("a")
    yield* until(() => typed() === "a")
    const two = yield* connect(yield* attachments.admit(address))
    yield* until(() => attachments.list()[0]?.phase === "Closing" || attachments.list().length === 1)
    // Its client has not processed the end yet, and types into the transport that still waits for its acknowledgement.
    one.typeUnsafe("x")
    yield* one.ended
    yield* two.type("b")
    yield* until(() => typed().endsWith("b"))
    expect(typed()).toBe("ab")
  }).pipe(Effect.scoped, Effect.provide(layers))
)

it.live("the key of a replaced client opens nothing on the port of the new one", () =>
  Effect.gen(function* () {
    const { attachments, typed } = yield* shared()
    const first = yield* attachments.admit(address)
    yield* connect(first)
    const second = yield* attachments.admit(address)
    const two = yield* connect(second)
    const client = yield* MoshClient
    const intruder = yield* client.connect({ host: "127.0.0.1", port: second.port, key: first.key })
    yield* intruder.type("x")
    yield* until(() => (attachments.list().at(-1)?.status.counters.dropped.unauthentic ?? 0) > 0)
    yield* two.type("b")
    yield* until(() => typed().endsWith("b"))
    expect(typed()).toBe("b")
    expect(intruder.status().lastHeard).toBe(-Infinity)
  }).pipe(Effect.scoped, Effect.provide(layers))
)

it.live("a client that asks to detach ends with that reason, and another one continues the session", () =>
  Effect.gen(function* () {
    const { attachments, typed } = yield* shared()
    const one = yield* connect(yield* attachments.admit(address))
    yield* one.type("a")
    yield* until(() => typed() === "a")
    const request = yield* one.streams.open(StreamKind.detach)
    yield* request.finish
    expect(yield* endingOf(one)).toMatchObject({ _tag: "PeerShutdown", why: "Detached" })
    yield* until(() => attachments.list().length === 0)
    expect(attachments.attached().attached).toBe(false)
    const two = yield* connect(yield* attachments.admit(address))
    yield* two.type("b")
    yield* until(() => typed() === "ab")
  }).pipe(Effect.scoped, Effect.provide(layers))
)

it.live("streams reach the handlers of their kind at either end, until another client replaces this one", () =>
  Effect.gen(function* () {
    const [QUESTION, ANSWER] = [256, 257]
    /** Answers a question on a stream of the server's own. */
    const answering: StreamHandler.StreamHandler = (peer) =>
      StreamHandler.accept(QUESTION, (question) =>
        Effect.gen(function* () {
          const answer = yield* peer.streams.open(ANSWER)
          yield* Stream.run(question.readable, answer.sink)
        })
      )(peer)
    const { attachments } = yield* shared([answering])
    let answered = ""
    const listening = StreamHandler.accept(ANSWER, (answer) =>
      Stream.runForEach(answer.readable, (bytes) =>
        Effect.sync(() => {
          answered += Buffer.from(bytes).toString()
        })
      )
    )
    const one = yield* connect(yield* attachments.admit(address), [listening])
    const question = yield* one.streams.open(QUESTION)
    yield* question.write(Buffer.from("42"))
    yield* until(() => answered === "42")
    const unknown = yield* one.streams.open(ANSWER)
    yield* unknown.write(Buffer.from("?"))
    expect(yield* Effect.flip(unknown.read())).toMatchObject({ reason: "Refused", code: 1 })
    const ended = yield* Effect.forkChild(Effect.flip(question.read()))
    yield* connect(yield* attachments.admit(address))
    expect((yield* Fiber.join(ended)).reason).toMatch(/^(Reset|SessionEnded)$/)
  }).pipe(Effect.scoped, Effect.provide(layers))
)
