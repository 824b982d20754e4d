/**
 * Decides which machine gets a new session: the less loaded of two that a hash of the session's id selects.
 *
 * Loads are some seconds old when they are read. If all nodes chose the least loaded machine, a burst of new sessions would
 * go to one machine. Of two random ones, the burst spreads, and no machine gets far more than the others (M. Mitzenmacher,
 * "The Power of Two Choices in Randomized Load Balancing", 2001).
 */
import * as Hash from "effect/Hash"
import type { Millis } from "../Machine.ts"
import * as Lease from "./Lease.ts"
import type { Machine } from "./SessionMessages.ts"

/**
 * The machines to try for the session `id`, best first. Machines that drain, are full, or whose heartbeat has expired are left
 * out. Those whose heartbeat is overdue come last: after an outage of the database, all are.
 */
export const rank = (machines: ReadonlyArray<Machine>, id: string, heartbeat: Millis): ReadonlyArray<Machine> => {
  const isOverdue = ({ age }: Machine): boolean => age >= Lease.overdue(heartbeat)
  const accepting = machines
    .filter(
      ({ age, capacity, isDraining, sessions }) =>
        !isDraining && sessions < capacity && age < Lease.expiration(heartbeat)
    )
    .map((machine) => ({ machine, order: weight(id, machine.name) }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ machine }) => machine)
  const [first, second, ...others] = accepting.filter((machine) => !isOverdue(machine))
  const overdue = accepting.filter(isOverdue)
  if (first === undefined) return overdue
  if (second === undefined) return [first, ...overdue]
  return [...(load(second) < load(first) ? [second, first] : [first, second]), ...others, ...overdue]
}

/** The share of the machine that is in use. */
const load = ({ capacity, sessions }: Machine): number => sessions / capacity

/** A pseudorandom number for each pair (rendezvous hashing). `Hash.string` alone keeps similar texts close. */
const weight = (id: string, name: string): number => {
  let hash = Hash.string(`${id}/${name}`)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
