/**
 * Which events of a session, bells, clipboard writes and notifications, have reached any of its clients.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as EventCounts from "../../domain/events/EventCounts.ts"

export interface DeliveredEvents {
  /** Adds a client, until the scope ends: `acknowledged` returns the events that it has. */
  readonly add: (acknowledged: () => EventCounts.EventCounts) => Effect.Effect<void, never, Scope.Scope>
  /** The events that any client has, also of those that have left. */
  readonly counts: () => EventCounts.EventCounts
}

export const make = (): DeliveredEvents => {
  const clients = new Set<() => EventCounts.EventCounts>()
  let left = EventCounts.NONE
  return {
    add: (acknowledged) =>
      Effect.asVoid(
        Effect.acquireRelease(
          Effect.sync(() => clients.add(acknowledged)),
          () =>
            Effect.sync(() => {
              clients.delete(acknowledged)
              left = EventCounts.newest(left, acknowledged())
            })
        )
      ),
    counts: () => [...clients].reduce((counts, acknowledged) => EventCounts.newest(counts, acknowledged()), left)
  }
}
