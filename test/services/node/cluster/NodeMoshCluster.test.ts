/**
 * One node of a cluster, with real clients on loopback.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Util from "node:util"
import { MoshCluster, NodeMoshCluster, SessionHost, type SessionMessages } from "../../../../src/cluster.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import { type ClientSession, MoshClient } from "../../../../src/services/client/MoshClient.ts"
import * as NodeMoshClient from "../../../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../../../src/services/node/NodeMoshServer.ts"
import type { Application } from "../../../../src/services/server/Application.ts"

/** Shows whose session it is, and what is typed. */
const echo =
  (greeting: string): Application<unknown> =>
  (terminal) =>
    Effect.andThen(terminal.write(`${greeting}\r\n`), Stream.runForEach(terminal.keys, terminal.write))

const node = (
  options: { readonly capacity?: number; readonly sessionsPerUser?: number; readonly file?: string } = {}
) =>
  Layer.merge(
    NodeMoshCluster.layerSingle({
      machine: "here",
      address: "127.0.0.1",
      bind: "127.0.0.1",
      program: ({ name, owner, request }) => echo(`${owner}/${name} ${request.command.join(" ")}`),
      ...options
    }).pipe(Layer.provide(NodeMoshServer.layer)),
    NodeMoshClient.layer
  )

const connect = ({ address, key, port }: SessionMessages.Ticket) =>
  Effect.flatMap(MoshClient, (client) => client.connect({ host: address, port, key: Redacted.value(key) }))

/** Resumes when the screen matches. */
const shows = (client: ClientSession, pattern: RegExp) =>
  client.screens.pipe(
    Stream.filter((frame) => pattern.test(Frame.lines(frame).join("\n"))),
    Stream.runHead
  )

const failure = <A, E>(effect: Effect.Effect<A, E>) => Effect.flip(effect)

describe("a cluster of one node", () => {
  it.live("puts no key into a span or a log", () => {
    const spans: Array<Tracer.Span> = []
    const logs: Array<unknown> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    const logger = Logger.layer([Logger.make(({ message }) => logs.push(message))])
    return Effect.gen(function* () {
      const cluster = yield* MoshCluster
      const work = { owner: "ada", name: "work" }
      const { ticket } = yield* cluster.open(work)
      yield* failure(cluster.open({ owner: "eve", name: "work" }))
      const { key } = yield* cluster.attach(work)
      // What exporters send; a span's result stays in the process.
      const exported = spans.map(({ attributes, name, status }) => ({
        name,
        attributes,
        failure: status._tag === "Ended" && status.exit._tag === "Failure" ? status.exit.cause : undefined
      }))
      const recorded = Util.inspect([exported, logs], { depth: 12, maxArrayLength: null, maxStringLength: null })
      expect(spans.map(({ name }) => name)).toContain("MoshCluster.open")
      expect(recorded).toContain("opened no session")
      for (const one of [ticket.key, key]) expect(recorded).not.toContain(Redacted.value(one))
    }).pipe(
      Effect.scoped,
      Effect.provide(Layer.provideMerge(node({ capacity: 1 }), logger)),
      Effect.provideService(Tracer.Tracer, tracer)
    )
  })

  it.live("opens a session once, and attaches clients to it with fresh keys", () =>
    Effect.gen(function* () {
      const cluster = yield* MoshCluster
      const work = { owner: "ada", name: "work" }
      const [first, second] = yield* Effect.all([cluster.open(work, { command: ["a", "b"] }), cluster.open(work)], {
        concurrency: "unbounded"
      })
      expect([first.isNew, second.isNew].toSorted()).toEqual([false, true])
      expect(first.ticket.id).toBe(second.ticket.id)
      expect(first.ticket.port).toBe(second.ticket.port)
      const third = yield* cluster.attach(work, { mode: "Share" })
      expect(new Set([first.ticket, second.ticket, third].map(({ key }) => Redacted.value(key))).size).toBe(3)

      const client = yield* connect(first.ticket)
      yield* client.type("typed")
      yield* shows(client, /typed/)
      const beside = yield* connect(third)
      yield* shows(beside, /^ada\/work a b\ntyped/)
      expect((yield* cluster.status(work)).activity?.clients).toBe(2)

      yield* cluster.end(work)
      yield* client.ended
      yield* beside.ended
      yield* Effect.repeat(cluster.status(work), { while: ({ session }) => session.state === "Running" })
      expect(yield* failure(cluster.attach(work))).toMatchObject({ reason: "NoSession" })
      expect((yield* cluster.list("ada")).map(({ ending, name }) => [name, ending])).toEqual([["work", "it was ended"]])
      expect((yield* cluster.open(work)).isNew).toBe(true)
    }).pipe(Effect.scoped, Effect.provide(node()))
  )

  it.live("keeps users apart, limits them, and refuses malformed names", () =>
    Effect.gen(function* () {
      const cluster = yield* MoshCluster
      const mine = yield* cluster.open({ owner: "ada", name: "work" })
      expect(yield* failure(cluster.attach({ owner: "eve", name: "work" }))).toMatchObject({ reason: "NoSession" })
      const hers = yield* cluster.open({ owner: "eve", name: "work" })
      expect(hers.isNew).toBe(true)
      expect(hers.ticket.id).not.toBe(mine.ticket.id)
      expect((yield* cluster.list("eve")).map(({ owner }) => owner)).toEqual(["eve"])
      for (const [owner, name] of [
        ["ada", "../eve/work"],
        ["ada/eve", "work"],
        ["", "work"],
        ["ada", "new"],
        ["ada", "a".repeat(33)],
        ["a".repeat(65), "work"],
        ["ada\n", "work"]
      ] as const) {
        expect(yield* failure(cluster.open({ owner, name }))).toMatchObject({ reason: "InvalidName" })
      }
      // The owner is from the gateway's configuration, so the message names it.
      const { message } = yield* failure(cluster.list("ada lovelace"))
      expect(message).toMatch(/^The user's name has 1 to 64 letters/)
      expect(yield* failure(cluster.open({ owner: "ada", name: "second" }))).toMatchObject({ reason: "TooMany" })
      expect(yield* failure(cluster.open({ owner: "bob", name: "work" }))).toMatchObject({ reason: "NoMachine" })
      expect(yield* failure(cluster.status({ owner: "bob", name: "work" }))).toMatchObject({ reason: "NoSession" })
      const { ticket } = mine
      for (const text of [Util.inspect(mine, { depth: 9 }), String(ticket.key), JSON.stringify(mine)]) {
        expect(text).not.toContain(Redacted.value(ticket.key))
      }
    }).pipe(Effect.scoped, Effect.provide(node({ sessionsPerUser: 1, capacity: 2 })))
  )

  it.live("reports after a crash which sessions were lost, and when, if it has a file", () =>
    Effect.gen(function* () {
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-records-"))),
        (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true, force: true }))
      )
      const file = Path.join(directory, "sessions.db")
      const crashed = Path.join(directory, "crashed.db")
      const work = { owner: "ada", name: "work" }
      yield* Effect.gen(function* () {
        const cluster = yield* MoshCluster
        yield* cluster.open(work)
        // Another node that opens the file would record the sessions of this one as lost.
        const second = yield* Effect.flip(Layer.build(node({ file })))
        expect(second).toMatchObject({ _tag: "StorageError", message: expect.stringContaining("database is locked") })
        // What the file system has at a crash.
        for (const part of ["", "-wal"]) Fs.copyFileSync(file + part, crashed + part)
      }).pipe(Effect.scoped, Effect.provide(node({ file })))

      yield* Effect.gen(function* () {
        const cluster = yield* MoshCluster
        expect((yield* cluster.status(work)).session).toMatchObject({ state: "Lost", ending: "its machine was lost" })
        expect(yield* failure(cluster.attach(work))).toMatchObject({ reason: "SessionLost" })
        const again = yield* cluster.open(work)
        expect(again).toMatchObject({ isNew: true, lost: { machine: "here" } })
        expect(Math.abs((again.lost?.at ?? 0) - Date.now())).toBeLessThan(600_000)
      }).pipe(Effect.scoped, Effect.provide(node({ file: crashed })))

      // After an orderly end, its sessions have ended, and none was lost.
      yield* Effect.gen(function* () {
        const { session } = yield* Effect.flatMap(MoshCluster, (cluster) => cluster.status(work))
        expect(session).toMatchObject({ state: "Ended", ending: "its machine was stopped" })
        const elsewhere = node({ file: Path.join(directory, "missing", "sessions.db") })
        expect(String(yield* Effect.flip(Layer.build(elsewhere)))).toContain("unable to open database file")
      }).pipe(Effect.scoped, Effect.provide(node({ file })))
    }).pipe(Effect.scoped)
  )

  it.live("drains: informs users, opens no more sessions, and ends those that remain", () =>
    Effect.gen(function* () {
      const cluster = yield* MoshCluster
      const host = yield* SessionHost
      const work = { owner: "ada", name: "work" }
      const client = yield* connect((yield* cluster.open(work)).ticket)
      yield* shows(client, /^ada.work/)
      yield* cluster.drain("here", { within: 3_600_000 })
      yield* shows(client, /^This machine will be restarted: sessions on it end in 60 minutes\.$/m)
      expect(client.picture().notifications.count).toBe(1)
      expect(yield* failure(cluster.open({ owner: "bob", name: "work" }))).toMatchObject({ reason: "NoMachine" })
      expect((yield* cluster.machines).map(({ isDraining }) => isDraining)).toEqual([true])
      // Existing sessions continue.
      const again = yield* connect(yield* cluster.attach(work, { mode: "Share" }))
      yield* again.type("still here")
      yield* shows(client, /still here/)
      yield* host.drain({ within: 0 })
      yield* client.ended
      yield* host.drained
      expect(host.sessions()).toBe(0)
    }).pipe(Effect.scoped, Effect.provide(node()))
  )
})
