/**
 * What transports report by Effect's own means: an exporter's layer (Prometheus, OTLP) in the program sends it on.
 *
 * | metric                         | kind      | attributes     |                                                     |
 * | ------------------------------ | --------- | -------------- | --------------------------------------------------- |
 * | `mosh_sessions`                | gauge     | `role`         | transports that are open                            |
 * | `mosh_datagrams_sent`          | counter   | `role`         |                                                     |
 * | `mosh_datagrams_received`      | counter   | `role`         | authentic or not                                    |
 * | `mosh_datagrams_dropped`       | counter   | `role, reason` | by `DropReason`                                     |
 * | `mosh_retransmissions`         | counter   | `role`         | instructions that sent a state once more            |
 * | `mosh_roams`                   | counter   | `role`         | changes of the peer's address, or of our own port   |
 * | `mosh_round_trip_milliseconds` | histogram | `role`         | the smoothed round trip, at each new sample         |
 * | `mosh_sessions_ended`          | counter   | `role, how`    | by the tag of `Ended`; `Closed` when its scope did  |
 *
 * A transport's beginning, its end, and what becomes of the peer's address are logged, at the level `Debug`.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import type { DropReason } from "../../domain/ssp/DropReason.ts"
import type { Role } from "../../domain/ssp/Role.ts"

/**
 * The names of the metrics. Attributes: `role` is `client` or `server`; `mosh_datagrams_dropped` also has `reason`, a
 * `DropReason`, and `mosh_sessions_ended` has `how`.
 */
export const MetricNames = {
  /** Gauge: open transports. */
  sessions: "mosh_sessions",
  /** Counter: datagrams sent. */
  sent: "mosh_datagrams_sent",
  /** Counter: datagrams received, authentic or not. */
  received: "mosh_datagrams_received",
  /** Counter: datagrams and messages dropped, by reason. */
  dropped: "mosh_datagrams_dropped",
  /** Counter: instructions that sent a state once more. */
  retransmissions: "mosh_retransmissions",
  /** Counter: changes of the peer's address, or of our own port. */
  roams: "mosh_roams",
  /** Histogram: the smoothed round trip in milliseconds, at each new sample. */
  roundTrip: "mosh_round_trip_milliseconds",
  /** Counter: transports that ended; `how` is the tag of `Ended`, or `Closed` when the scope was closed first. */
  ended: "mosh_sessions_ended"
} as const

/** Callable from any callback. */
export interface TransportMetrics {
  readonly sent: () => void
  readonly received: () => void
  readonly dropped: (reason: DropReason) => void
  /** How many instructions sent a state once more, in all. */
  readonly retransmissions: (total: number) => void
  readonly roamed: () => void
  /** The peer's address became known, or was forgotten. */
  readonly attached: (peer: string | undefined) => void
  readonly roundTrip: (srtt: number) => void
  readonly ended: (how: string) => void
}

const ROUND_TRIPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]

/** The metrics of one role. Transports with the same attributes share them. */
interface Series {
  readonly open: Metric.Gauge<number>
  readonly roundTrips: Metric.Histogram<number>
  readonly sent: Metric.Counter<number>
  readonly received: Metric.Counter<number>
  readonly retransmitted: Metric.Counter<number>
  readonly roamed: Metric.Counter<number>
}

const counter = (name: string, description: string, attributes: Readonly<Record<string, string>>) =>
  Metric.counter(name, { description, incremental: true, attributes })

const makeSeries = (role: string): Series => ({
  open: Metric.gauge(MetricNames.sessions, { description: "Open transports", attributes: { role } }),
  roundTrips: Metric.histogram(MetricNames.roundTrip, {
    description: "Smoothed round trip",
    boundaries: ROUND_TRIPS,
    attributes: { role }
  }),
  sent: counter(MetricNames.sent, "Datagrams sent", { role }),
  received: counter(MetricNames.received, "Datagrams received, authentic or not", { role }),
  retransmitted: counter(MetricNames.retransmissions, "Instructions that sent a state once more", { role }),
  roamed: counter(MetricNames.roams, "Changes of address or port", { role })
})

/** A metric remembers its name with the attributes of its last update, so each set of attributes has metrics of its own. */
const known = new WeakMap<Readonly<Record<string, string>>, Map<string, Series>>()

const seriesOf = (role: string, attributes: Readonly<Record<string, string>>): Series => {
  const roles = known.get(attributes) ?? new Map<string, Series>()
  const series = roles.get(role) ?? makeSeries(role)
  known.set(attributes, roles.set(role, series))
  return series
}

/** Creates the metrics of one end of a session, in the registry and with the loggers of the current fiber. */
export const make = Effect.fnUntraced(function* (end: Role): Effect.fn.Return<TransportMetrics, never, Scope.Scope> {
  const services = yield* Effect.context<never>()
  const role = end.toLowerCase()
  const { open, received, retransmitted, roamed, roundTrips, sent } = seriesOf(
    role,
    Context.get(services, Metric.CurrentMetricAttributes)
  )
  let drops: Map<DropReason, Metric.Counter<number>> | undefined
  const fork = Effect.runForkWith(services)
  const log = (event: string, fields: Readonly<Record<string, unknown>>): void => {
    fork(Effect.annotateLogs(Effect.logDebug(event), { role: end, ...fields }))
  }
  let counted = 0
  let over = false

  const ended = (how: string): void => {
    if (over) return
    over = true
    open.modifyUnsafe(-1, services)
    counter(MetricNames.ended, "Transports that ended", { role, how }).updateUnsafe(1, services)
    log("transport ended", { how })
  }
  open.modifyUnsafe(1, services)
  log("transport opened", {})
  yield* Effect.addFinalizer(() => Effect.sync(() => ended("Closed")))

  return {
    sent: () => sent.updateUnsafe(1, services),
    received: () => received.updateUnsafe(1, services),
    dropped: (reason) => {
      drops ??= new Map()
      let drop = drops.get(reason)
      if (drop === undefined) {
        drop = counter(MetricNames.dropped, "Datagrams and messages dropped", { role, reason })
        drops.set(reason, drop)
      }
      drop.updateUnsafe(1, services)
    },
    retransmissions: (total) => {
      if (total > counted) retransmitted.updateUnsafe(total - counted, services)
      counted = total
    },
    roamed: () => roamed.updateUnsafe(1, services),
    attached: (peer) => log(peer === undefined ? "peer forgotten" : "peer found", { peer }),
    roundTrip: (srtt) => roundTrips.updateUnsafe(srtt, services),
    ended
  }
})
