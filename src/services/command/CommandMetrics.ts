/**
 * What a server of commands reports by Effect's metrics.
 *
 * | metric                | kind    | attributes |                                                                     |
 * | --------------------- | ------- | ---------- | ------------------------------------------------------------------- |
 * | `mosh_commands`       | gauge   |            | commands that run                                                   |
 * | `mosh_commands_ended` | counter | `how`      | commands that ended: the tag of `CommandEnding`, or `Abandoned`     |
 */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { CommandEnding } from "../../domain/command/CommandFrame.ts"

/** The names of the metrics. */
export const CommandMetricNames = {
  /** Gauge: commands that run. */
  running: "mosh_commands",
  /** Counter: commands that ended; `how` is the tag of a `CommandEnding`, or `Abandoned`. */
  ended: "mosh_commands_ended"
} as const

/** How a command ended for its server. `Abandoned`: by its client, before its end. */
export type How = CommandEnding["_tag"] | "Abandoned"

const running = Metric.gauge(CommandMetricNames.running, { description: "Commands that run" })

/** Counts a command while it runs, and how it ended. */
export const measured =
  (how: () => How) =>
  <E, R>(effect: Effect.Effect<void, E, R>): Effect.Effect<void, E, R> =>
    Effect.acquireUseRelease(
      Metric.modify(running, 1),
      () => effect,
      () =>
        Effect.andThen(
          Metric.modify(running, -1),
          Effect.suspend(() => Metric.update(ended(how()), 1))
        )
    )

const ended = (how: How) =>
  Metric.counter(CommandMetricNames.ended, {
    description: "Commands that ended",
    incremental: true,
    attributes: { how }
  })
