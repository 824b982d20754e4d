/**
 * What transports count, as Effect metrics: whoever adds an exporter's layer (Prometheus, OTLP) to the program sees them.
 *
 * | metric                        | kind      | attributes     |                                                     |
 * | ----------------------------- | --------- | -------------- | --------------------------------------------------- |
 * | `mosh_sessions`               | gauge     | `role`         | transports that are open                            |
 * | `mosh_datagrams_sent`         | counter   | `role`         |                                                     |
 * | `mosh_datagrams_received`     | counter   | `role`         | authentic or not                                    |
 * | `mosh_datagrams_dropped`      | counter   | `role, reason` | by `DropReason`                                     |
 * | `mosh_retransmissions`        | counter   | `role`         | instructions that said a state once more            |
 * | `mosh_roams`                  | counter   | `role`         | changes of the peer's address, or of our own port   |
 * | `mosh_round_trip_milliseconds`| histogram | `role`         | the smoothed round trip, at each new sample         |
 * | `mosh_sessions_ended`         | counter   | `role, how`    | by how they ended                                   |
 */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { DropReason } from "../domain/sync/DropReason.ts"
import type { Role } from "../domain/sync/Role.ts"

/** Callable from any callback. */
export interface TransportMetrics {
  readonly opened: () => void
  readonly sent: () => void
  readonly received: () => void
  readonly dropped: (reason: DropReason) => void
  readonly retransmitted: () => void
  readonly roamed: () => void
  readonly roundTrip: (srtt: number) => void
  readonly ended: (how: string) => void
}

const ROUND_TRIPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]

/** The metrics of one end of a session, in the registry of the fiber that asks. */
export const make = (role: Role): Effect.Effect<TransportMetrics> =>
  Effect.contextWith((services) => {
    const attributes = { role: role.toLowerCase() }
    const counter = (name: string, description: string, more: Readonly<Record<string, string>> = {}) => {
      const metric = Metric.counter(name, { description, incremental: true, attributes: { ...attributes, ...more } })
      return () => metric.updateUnsafe(1, services)
    }
    const open = Metric.gauge("mosh_sessions", { description: "Open transports", attributes })
    const roundTrips = Metric.histogram("mosh_round_trip_milliseconds", {
      description: "Smoothed round trip",
      boundaries: ROUND_TRIPS,
      attributes
    })
    return Effect.succeed({
      opened: () => open.modifyUnsafe(1, services),
      sent: counter("mosh_datagrams_sent", "Datagrams sent"),
      received: counter("mosh_datagrams_received", "Datagrams received, authentic or not"),
      dropped: (reason) => counter("mosh_datagrams_dropped", "Datagrams and messages refused", { reason })(),
      retransmitted: counter("mosh_retransmissions", "States said once more"),
      roamed: counter("mosh_roams", "Changes of address or port"),
      roundTrip: (srtt) => roundTrips.updateUnsafe(srtt, services),
      ended: (how) => {
        open.modifyUnsafe(-1, services)
        counter("mosh_sessions_ended", "Transports that ended", { how })()
      }
    })
  })
