/**
 * Attachments of a session, over real UDP: which client replaces which, and what remains of a replaced client.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Dgram from "node:dgram"
import * as Fs from "node:fs"
import { type ClientSession, MoshClient } from "../../../src/services/client/MoshClient.ts"
import type * as Application from "../../../src/services/server/Application.ts"
import type { Admitted } from "../../../src/services/server/Attachments.ts"
import { MoshServer } from "../../../src/services/server/MoshServer.ts"
import * as StreamHandler from "../../../src/services/transport/StreamHandler.ts"
import * as NodeMoshClient from "../../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../../src/services/node/NodeMoshServer.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as ClusterRules from "../../../src/domain/terminal/ClusterRules.ts"
import * as TerminalReport from "../../../src/domain/terminal/TerminalReport.ts"

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
  const attachments = yield* server.attachments(session, { name: "work", streamHandlers })
  return { attachments, session, typed: () => typed }
})

const connect = Effect.fnUntraced(function* (
  { key, port }: Admitted,
  options: { readonly size?: Frame.Size; readonly streamHandlers?: ReadonlyArray<StreamHandler.StreamHandler> } = {}
) {
  const session = yield* (yield* MoshClient).connect({ host: "127.0.0.1", port, key, ...options })
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
    one.typeUnsafe("z")
    expect(yield* one.detach).toEqual({ _tag: "PeerShutdown" })
    expect(one.ending()).toMatchObject({ why: "Detached", session: "work" })
    yield* until(() => attachments.list().length === 0)
    expect(attachments.attached().attached).toBe(false)
    const two = yield* connect(yield* attachments.admit(address))
    yield* two.type("b")
    yield* until(() => typed() === "azb")
  }).pipe(Effect.scoped, Effect.provide(layers))
)

it.live("clients that share all type, and the size follows the one whose user typed last", () =>
  Effect.gen(function* () {
    const { attachments, session, typed } = yield* shared()
    const large = { columns: 100, rows: 30 }
    const small = { columns: 40, rows: 10 }
    const size = () => session.frame().size
    const one = yield* connect(yield* attachments.admit(address), { size: large })
    expect(size()).toEqual(large)
    const two = yield* connect(yield* attachments.admit({ ...address, mode: "Share" }), { size: small })
    // A report of the terminal is passed on, but is not typing.
    yield* two.type("\x1b[I")
    yield* until(() => typed() === "\x1b[I")
    expect(size()).toEqual(large)
    yield* two.type("b")
    yield* until(() => typed().endsWith("b"))
    expect(size()).toEqual(small)
    expect(attachments.list()).toMatchObject([
      { mode: "TakeOver", leads: false },
      { mode: "Share", leads: true }
    ])
    one.resize({ columns: 90, rows: 25 })
    yield* one.type("a")
    yield* until(() => typed().endsWith("a"))
    expect(size()).toEqual({ columns: 90, rows: 25 })
    yield* two.type("b")
    yield* until(() => size().columns === small.columns)
    yield* two.detach
    yield* until(() => size().columns === 90)
    expect(one.status().shuttingDown).toBe(false)
  }).pipe(Effect.scoped, Effect.provide(layers))
)

it.live("a viewer sees the screen, and nothing that it sends reaches the session, its size or the other clients", () =>
  Effect.gen(function* () {
    const { attachments, session, typed } = yield* shared()
    const size = { columns: 100, rows: 30 }
    // The program does not start for a viewer alone.
    const viewer = yield* connect(yield* attachments.admit({ ...address, mode: "View" }), {
      size: { columns: 20, rows: 5 }
    })
    const one = yield* connect(yield* attachments.admit({ ...address, mode: "Share" }), { size })
    yield* viewer.type("x\x1b[A")
    viewer.resize({ columns: 30, rows: 7 })
    yield* until(() => viewer.held() === 0)
    yield* one.type("a")
    yield* until(() => typed() === "a")
    expect(session.frame().size).toEqual(size)
    yield* until(() => viewer.screen().size.columns === size.columns && one.attached().length === 2)
    expect(one.attached()).toEqual([
      { from: "127.0.0.1", isOwn: false, isViewer: true, leads: false },
      { from: "127.0.0.1", isOwn: true, isViewer: false, leads: true }
    ])
    // A viewer that attaches later, while nothing changes, gets the screen in its own size, too.
    const late = yield* connect(yield* attachments.admit({ ...address, mode: "View" }), {
      size: { columns: 20, rows: 5 }
    })
    yield* until(() => late.screen().size.columns !== 20)
    expect(late.screen().size).toEqual(size)
    yield* late.detach
    yield* viewer.detach
    yield* one.type("b")
    yield* until(() => typed() === "ab" && one.attached().length === 1)
  }).pipe(Effect.scoped, Effect.provide(layers))
)

it.live("a viewer learns that the session ended because its last other client left", () =>
  Effect.gen(function* () {
    const { attachments } = yield* shared()
    const one = yield* connect(yield* attachments.admit(address))
    const viewer = yield* connect(yield* attachments.admit({ ...address, mode: "View" }))
    yield* one.shutdown()
    expect(yield* endingOf(viewer)).toMatchObject({ _tag: "PeerShutdown", why: "ClientLeft" })
    expect(yield* attachments.ended).toBe("ClientLeft")
  }).pipe(Effect.scoped, Effect.provide(layers))
)

it.live("a query of the program is answered once, however many clients there are", () =>
  Effect.gen(function* () {
    const server = yield* MoshServer
    let answers = ""
    const session = yield* server.open({
      program: ({ keys, write }) =>
        Stream.runForEach(keys, (bytes) => {
          const text = Buffer.from(bytes).toString()
          if (!text.startsWith("\x1b")) return write("\x1b[6n")
          answers += text
          return write("answered")
        })
    })
    const attachments = yield* server.attachments(session)
    const clients = yield* Effect.forEach(["TakeOver", "Share", "View"] as const, (mode) =>
      Effect.flatMap(attachments.admit({ ...address, mode }), (admitted) => connect(admitted))
    )
    const [one] = clients
    yield* one?.type("?") ?? Effect.void
    for (const client of clients) yield* until(() => Frame.lines(client.screen()).join("\n").includes("answered"))
    expect(answers).toBe("\x1b[1;1R")
  }).pipe(Effect.scoped, Effect.provide(layers))
)

it.live("a program loses the focus when no terminal has it any more", () =>
  Effect.gen(function* () {
    const server = yield* MoshServer
    let typed = ""
    const session = yield* server.open({
      program: ({ keys, write }) =>
        Effect.andThen(
          write("\x1b[?1004hready"),
          Stream.runForEach(keys, (bytes) =>
            Effect.sync(() => {
              typed += Buffer.from(bytes).toString()
            })
          )
        )
    })
    const attachments = yield* server.attachments(session)
    const one = yield* connect(yield* attachments.admit({ ...address, mode: "Share" }))
    const two = yield* connect(yield* attachments.admit({ ...address, mode: "Share" }))
    yield* until(() => two.screen().modes.focus)
    yield* one.type("\x1b[Ia")
    yield* until(() => typed === "\x1b[Ia")
    yield* two.type("\x1b[I")
    yield* until(() => typed === "\x1b[Ia\x1b[I")
    yield* one.type("\x1b[O")
    yield* until(() => one.held() === 0)
    yield* two.type("b\x1b[O")
    yield* until(() => typed.endsWith("b\x1b[O"))
    expect(typed).toBe("\x1b[Ia\x1b[Ib\x1b[O")
  }).pipe(Effect.scoped, Effect.provide(layers))
)

it.live("attachments leave no open file, port or timer behind", () =>
  Effect.gen(function* () {
    const { attachments, typed } = yield* shared()
    const turn = Effect.gen(function* () {
      const client = yield* connect(yield* attachments.admit(address))
      yield* client.type("a")
      yield* client.detach
    }).pipe(Effect.scoped)
    const left = () => ({
      files: Fs.readdirSync("/proc/self/fd").length,
      active: process.getActiveResourcesInfo().length
    })
    yield* Effect.repeat(turn, { times: 2 })
    let before = left()
    yield* until(() => {
      // Here, because `until` has timers itself.
      before = left()
      return attachments.list().length === 0
    })
    yield* Effect.repeat(turn, { times: 14 })
    yield* until(() => typed().length === 18 && left().files <= before.files && left().active <= before.active)
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
    const one = yield* connect(yield* attachments.admit(address), { streamHandlers: [listening] })
    const question = yield* one.streams.open(QUESTION)
    yield* question.write(Buffer.from("42"))
    yield* until(() => answered === "42")
    const unknown = yield* one.streams.open(ANSWER)
    yield* unknown.write(Buffer.from("?"))
    expect(yield* Effect.flip(unknown.read())).toMatchObject({ reason: "Refused", code: 1 })
    const ended = yield* Effect.forkChild(Effect.flip(question.read()))
    yield* connect(yield* attachments.admit(address))
    expect((yield* Fiber.join(ended)).reason).toMatch(/^(Reset|SessionEnded)$/)
    // Not even a stream of a viewer reaches them.
    const viewer = yield* connect(yield* attachments.admit({ ...address, mode: "View" }))
    const watching = yield* viewer.streams.open(QUESTION)
    expect(yield* Effect.flip(watching.read())).toMatchObject({ reason: "Refused", code: 1 })
  }).pipe(Effect.scoped, Effect.provide(layers))
)

it.live(
  "the program's queries are answered for the terminal of the client where someone typed last, never for a viewer's",
  () =>
    Effect.gen(function* () {
      const server = yield* MoshServer
      let typed = ""
      let print: (text: string) => Effect.Effect<void> = () => Effect.void
      const session = yield* server.open({
        program: ({ keys, write }) => {
          print = write
          return Stream.runForEach(keys, (bytes) =>
            Effect.sync(() => {
              typed += Buffer.from(bytes).toString()
            })
          )
        }
      })
      const attachments = yield* server.attachments(session)
      const attach = Effect.fnUntraced(function* (name: string, mode: "Share" | "View") {
        const { key, port } = yield* attachments.admit({ ...address, mode })
        const client = yield* (yield* MoshClient).connect({ host: "127.0.0.1", port, key, reportsTerminal: true })
        client.reportTerminal({ ...TerminalReport.UNKNOWN, name })
        yield* until(() => client.status().lastHeard > -Infinity)
        return client
      })
      /** Asks for the name of the terminal until the reply is `name`. */
      const isNamed = (name: string) =>
        Effect.gen(function* () {
          typed = ""
          yield* print("\x1b[>q\x1b[c")
          yield* until(() => typed.endsWith("c"))
          return typed.includes(`>|${name}\x1b`)
        }).pipe(Effect.repeat({ until: (is) => is }), Effect.timeout(10_000))
      const one = yield* attach("one", "Share")
      yield* isNamed("one")
      const two = yield* attach("two", "Share")
      const viewer = yield* attach("viewer", "View")
      yield* two.type("x")
      yield* isNamed("two")
      viewer.reportTerminal({ ...TerminalReport.UNKNOWN, name: "viewer, again" })
      two.reportTerminal({ ...TerminalReport.UNKNOWN, name: "two, again" })
      yield* isNamed("two, again")
      yield* one.type("x")
      yield* isNamed("one")

      /** Prints a cluster and asks for the cursor, until that is in the column. */
      const isColumn = (column: number) =>
        Effect.gen(function* () {
          typed = ""
          yield* print("\r\x1b[K👩\u200d🚀\x1b[6n")
          yield* until(() => typed.endsWith("R"))
          return typed.endsWith(`;${column}R`)
        }).pipe(Effect.repeat({ until: (is) => is }), Effect.timeout(10_000))
      const joining = { ...TerminalReport.UNKNOWN, name: "one", clusters: ClusterRules.ALL }
      // The sequences that the terminals of all clients join; a viewer's does not count.
      one.reportTerminal(joining)
      yield* isColumn(5)
      two.reportTerminal(joining)
      yield* isColumn(3)
      two.reportTerminal({ ...joining, clusters: ClusterRules.Kind.flag | ClusterRules.Kind.modifier })
      yield* isColumn(5)
    }).pipe(Effect.scoped, Effect.provide(layers))
)
