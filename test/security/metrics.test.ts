/**
 * What an operator can observe of sessions with Effect's own means: metrics, a span, and logs.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as Tracer from "effect/Tracer"
import * as Fs from "node:fs"
import { MetricNames } from "../../src/services/transport/TransportMetrics.ts"
import * as EchoSession from "../simulation/EchoSession.ts"

/** Metrics by name and attributes; a histogram by the number of its samples. */
const read = Effect.map(
  Metric.snapshot,
  (snapshots) =>
    new Map(
      snapshots.map((snapshot) => {
        const { how, reason, role } = { ...snapshot.attributes } as Readonly<Record<string, string | undefined>>
        const name = [snapshot.id.replace(/^mosh_/, ""), role, reason ?? how].filter(Boolean).join(" ")
        const state: object = snapshot.state
        if ("count" in state) return [name, Number(state.count)] as const
        return [name, "value" in state ? Number(state.value) : Number.NaN] as const
      })
    )
)

const alone = Effect.provideServiceEffect(
  Metric.MetricRegistry,
  Effect.sync(() => new Map())
)

it.effect("a session's metrics agree with its status, and count its end", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const { client, network, server } = yield* EchoSession.make({ seed: 11, path: { delay: 30, loss: 0.1 } }).pipe(
      Scope.provide(scope)
    )
    for (let i = 0; i < 20; i++) {
      client.say("key")
      yield* TestClock.adjust(300)
    }
    network.moveClient("203.0.113.9")
    client.say("from elsewhere")
    network.inject("toServer", new Uint8Array(60))
    network.inject("toServer", new Uint8Array(3))
    yield* TestClock.adjust(3000)

    const names = new Set((yield* Metric.snapshot).map(({ id }) => id))
    const documented = Fs.readFileSync("docs/extending.md", "utf8")
    const listed = Object.values(MetricNames)
    expect([...names, MetricNames.ended].sort()).toEqual(listed.toSorted())
    expect(listed.filter((name) => !documented.includes(`| \`${name}\``))).toEqual([])

    const metrics = yield* read
    for (const [role, { transport }] of [
      ["client", client],
      ["server", server]
    ] as const) {
      const { counters } = transport.status()
      expect(metrics.get(`sessions ${role}`)).toBe(1)
      expect(metrics.get(`datagrams_sent ${role}`)).toBe(counters.sent)
      expect(metrics.get(`datagrams_received ${role}`)).toBe(counters.received)
      expect(metrics.get(`retransmissions ${role}`) ?? 0).toBe(counters.retransmissions)
      expect(metrics.get(`roams ${role}`) ?? 0).toBe(counters.roams)
      for (const [reason, count] of Object.entries(counters.dropped))
        expect(metrics.get(`datagrams_dropped ${role} ${reason}`) ?? 0).toBe(count)
      expect(metrics.get(`round_trip_milliseconds ${role}`)).toBeGreaterThan(5)
    }
    expect(metrics.get("datagrams_dropped server unauthentic")).toBe(1)
    expect(metrics.get("datagrams_dropped server short")).toBe(1)
    expect(metrics.get("roams server")).toBe(1)
    expect(metrics.get("retransmissions client")).toBeGreaterThan(0)

    yield* Effect.forkChild(client.transport.shutdown)
    yield* TestClock.adjust(3000)
    yield* Scope.close(scope, Exit.void)
    const after = yield* read
    expect(after.get("sessions client")).toBe(0)
    expect(after.get("sessions server")).toBe(0)
    expect(after.get("sessions_ended client Acknowledged")).toBe(1)
    expect(after.get("sessions_ended server PeerShutdown")).toBe(1)
  }).pipe(alone)
)

it.effect("a session that this end closes counts as closed, has a span, and is logged", () => {
  const events: Array<string> = []
  const spans: Array<string> = []
  const logger = Logger.make<unknown, void>(({ message }) => void events.push(String(message)))
  const tracer = Tracer.make({
    span: (options) => {
      spans.push(options.name)
      return new Tracer.NativeSpan(options)
    }
  })
  return Effect.gen(function* () {
    yield* Effect.scoped(
      Effect.gen(function* () {
        const { client } = yield* EchoSession.make({ seed: 12, path: { delay: 5 } })
        client.say("hello")
        yield* TestClock.adjust(1000)
      })
    )
    const metrics = yield* read
    expect(metrics.get("sessions_ended client Closed")).toBe(1)
    expect(metrics.get("sessions client")).toBe(0)
    yield* Effect.yieldNow
    expect(events).toEqual(expect.arrayContaining(["transport opened", "peer found", "transport ended"]))
    expect(spans).toContain("mosh.transport")
  }).pipe(
    alone,
    Effect.withTracer(tracer),
    Effect.provide(Layer.merge(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "Debug")))
  )
})
