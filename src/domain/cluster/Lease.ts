/**
 * When a machine counts as lost: no heartbeat for six intervals, as seen by a machine that reached the database all that time.
 *
 * Machines write heartbeats to the database, and each declares others lost. While the database is down, no heartbeat arrives.
 * So after an outage a machine waits until the others have had time to report.
 */
import type { Millis } from "../Machine.ts"

/** The time between two heartbeats by default, ms. */
export const HEARTBEAT = 5000

/** The age of the last heartbeat at which a machine is lost, ms. */
export const expiration = (heartbeat: Millis): Millis => 6 * heartbeat

/** The age of the last heartbeat at which a machine gets no more sessions, and two heartbeats were interrupted by an outage, ms. */
export const overdue = (heartbeat: Millis): Millis => 3 * heartbeat

export interface State {
  /** Since when heartbeats have succeeded without an outage; `undefined` before the first. */
  readonly since: Millis | undefined
  /** The last successful heartbeat. */
  readonly last: Millis | undefined
}

export const initial: State = { since: undefined, last: undefined }

/** After a heartbeat that succeeded at `now`. */
export const succeeded = ({ last, since }: State, now: Millis, heartbeat: Millis): State => ({
  since: since === undefined || last === undefined || now - last > overdue(heartbeat) ? now : since,
  last: now
})

/** Whether the holder of `state` may declare others lost. */
export const mayDeclare = ({ since }: State, now: Millis, heartbeat: Millis): boolean =>
  since !== undefined && now - since >= expiration(heartbeat)
