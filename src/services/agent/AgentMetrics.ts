/**
 * What agent forwarding reports by Effect's metrics.
 *
 * | metric                | kind    | attributes    |                                                            |
 * | --------------------- | ------- | ------------- | ---------------------------------------------------------- |
 * | `mosh_agent_requests` | counter | `role`, `how` | requests: `Answered`, `Failed` (by the agent, or because of the client), or `NoAgent` |
 */
import type * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

/** The names of the metrics. */
export const AgentMetricNames = {
  /** Counter: requests of programs; `how` is `Answered`, `Failed` or `NoAgent`. */
  requests: "mosh_agent_requests"
} as const

/** `Failed`: the agent answered so, or the client did not answer. `NoAgent`: there is none to ask. */
export type How = "Answered" | "Failed" | "NoAgent"

/** Counts a request of a program. */
export const count = (role: "client" | "server", how: How): Effect.Effect<void> =>
  Metric.update(
    Metric.counter(AgentMetricNames.requests, {
      description: "Requests to an authentication agent",
      incremental: true,
      attributes: { role, how }
    }),
    1
  )
