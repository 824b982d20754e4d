/**
 * What forwardings report by Effect's metrics.
 *
 * | metric                         | kind    | attributes    |                                                          |
 * | ------------------------------ | ------- | ------------- | -------------------------------------------------------- |
 * | `mosh_forwarding_listeners`    | gauge   | `role`        | listeners that are open at this end                       |
 * | `mosh_forwarding_connections`  | gauge   | `role`        | connections that are carried                              |
 * | `mosh_forwarded_connections`   | counter | `role`, `how` | connections that ended: `Finished`, or a `ForwardingReason` |
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as ForwardingCode from "../../domain/forwarding/ForwardingCode.ts"
import { StreamError } from "../transport/StreamError.ts"
import { SocketError } from "./Sockets.ts"

/** The names of the metrics. */
export const ForwardingMetricNames = {
  /** Gauge: open listeners of this end. */
  listeners: "mosh_forwarding_listeners",
  /** Gauge: connections that are carried. */
  connections: "mosh_forwarding_connections",
  /** Counter: connections that ended; `how` is `Finished` or a `ForwardingReason`. */
  ended: "mosh_forwarded_connections"
} as const

/** Callable from any callback. */
export interface ForwardingMetrics {
  readonly listening: (change: 1 | -1) => void
  readonly connection: (how: "Finished" | ForwardingCode.ForwardingReason) => void
  /** Counts a connection while it is carried, and how it ended. */
  readonly measured: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const make = (role: "client" | "server"): Effect.Effect<ForwardingMetrics> =>
  Effect.map(Effect.context<never>(), (services) => {
    const attributes = { role }
    const listeners = Metric.gauge(ForwardingMetricNames.listeners, { description: "Open listeners", attributes })
    const carried = Metric.gauge(ForwardingMetricNames.connections, { description: "Carried connections", attributes })
    const connection: ForwardingMetrics["connection"] = (how) =>
      Metric.counter(ForwardingMetricNames.ended, {
        description: "Connections that ended",
        incremental: true,
        attributes: { ...attributes, how }
      }).updateUnsafe(1, services)
    return {
      listening: (change) => listeners.modifyUnsafe(change, services),
      connection,
      measured: (effect) =>
        Effect.suspend(() => {
          carried.modifyUnsafe(1, services)
          return Effect.onExit(effect, (exit) =>
            Effect.sync(() => {
              carried.modifyUnsafe(-1, services)
              connection(Exit.isSuccess(exit) ? "Finished" : reasonOf(exit.cause))
            })
          )
        })
    }
  })

/** Why a connection failed; `reset` if its session ended. */
export const reasonOf = (cause: Cause.Cause<unknown>): ForwardingCode.ForwardingReason => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error instanceof SocketError) return error.reason
  return error instanceof StreamError && error.code !== undefined && error.code > 0
    ? ForwardingCode.reasonOf(error.code)
    : "reset"
}
