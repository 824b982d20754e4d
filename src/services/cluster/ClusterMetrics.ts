/**
 * What a machine of a cluster reports by Effect's metrics.
 *
 * | metric                         | kind    | attributes |                              |
 * | ------------------------------ | ------- | ---------- | ---------------------------- |
 * | `mosh_cluster_sessions`        | gauge   | `machine`  | sessions that it holds       |
 * | `mosh_cluster_sessions_opened` | counter | `machine`  | sessions that it has opened  |
 */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

/** The names of the metrics. */
export const ClusterMetricNames = {
  /** Gauge: the sessions that a machine holds. */
  sessions: "mosh_cluster_sessions",
  /** Counter: the sessions that a machine has opened. */
  opened: "mosh_cluster_sessions_opened"
} as const

/** Callable from any callback. */
export interface ClusterMetrics {
  readonly sessions: (count: number) => void
  readonly opened: () => void
}

export const make = (machine: string): Effect.Effect<ClusterMetrics> =>
  Effect.map(Effect.context<never>(), (services) => {
    const attributes = { machine }
    const held = Metric.gauge(ClusterMetricNames.sessions, { description: "Sessions of a machine", attributes })
    const opened = Metric.counter(ClusterMetricNames.opened, {
      description: "Sessions that a machine has opened",
      incremental: true,
      attributes
    })
    return {
      sessions: (count) => held.updateUnsafe(count, services),
      opened: () => opened.updateUnsafe(1, services)
    }
  })
