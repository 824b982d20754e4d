/**
 * What a shared port reports to Effect's metrics: its `counters`, and how many sessions use it.
 */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { Counters, DropReason } from "../../domain/sharing/Demultiplexer.ts"

/** The names of the metrics. All have the attribute `port`, and `mosh_shared_port_dropped` has `reason`. */
export const SharedPortMetricNames = {
  /** Gauge: sessions that use the port. */
  sessions: "mosh_shared_port_sessions",
  /** Counter: datagrams from addresses that their session used before. */
  known: "mosh_shared_port_known",
  /** Counter: datagrams whose session was found by trial decryption. */
  found: "mosh_shared_port_found",
  /** Counter: trial decryptions. */
  trials: "mosh_shared_port_trials",
  /** Counter: datagrams that reached no session, by reason. */
  dropped: "mosh_shared_port_dropped"
} as const

/** Callable from any callback. */
export interface SharedPortMetrics {
  /** Reports the sessions that use the port now. */
  readonly sessions: (count: number) => void
  /** Reports what the counters have counted since the last call. */
  readonly counted: (counters: Readonly<Counters>) => void
}

export const make = (port: number): Effect.Effect<SharedPortMetrics> =>
  Effect.map(Effect.context<never>(), (services) => {
    const attributes = { port: `${port}` }
    const sessions = Metric.gauge(SharedPortMetricNames.sessions, {
      description: "Sessions that use the port",
      attributes
    })
    /** Reports how much a count has grown since the last call. */
    const counter = (name: string, description: string, more: Readonly<Record<string, string>> = {}) => {
      const metric = Metric.counter(name, { description, incremental: true, attributes: { ...attributes, ...more } })
      let reported = 0
      return (count: number): void => {
        if (count === reported) return
        metric.updateUnsafe(count - reported, services)
        reported = count
      }
    }
    const dropped = (reason: DropReason) =>
      counter(SharedPortMetricNames.dropped, "Datagrams that reached no session", { reason })
    const known = counter(SharedPortMetricNames.known, "Datagrams from a session's addresses")
    const found = counter(SharedPortMetricNames.found, "Datagrams whose session was found by trial decryption")
    const trials = counter(SharedPortMetricNames.trials, "Trial decryptions")
    const drops = REASONS.map((reason) => [reason, dropped(reason)] as const)
    return {
      sessions: (count) => sessions.updateUnsafe(count, services),
      counted: (counters) => {
        known(counters.known)
        found(counters.found)
        trials(counters.trials)
        for (const [reason, report] of drops) report(counters.dropped[reason])
      }
    }
  })

const REASONS: ReadonlyArray<DropReason> = ["malformed", "unauthentic", "overload", "suspended", "limited"]
