/**
 * Compares the sessions that a machine holds with those that storage attributes to it.
 *
 * They differ after an outage of the database, after the machine was declared lost although it only could not be reached, and when a
 * node ended between storing a session and starting it.
 */
import type { Millis } from "../Machine.ts"

/** A session in storage. */
export interface Stored {
  readonly id: string
  readonly state: "Running" | "Ended" | "Lost"
  /** How long ago it was opened, ms by the database's clock. */
  readonly age: number
}

/** What to do. */
export interface Verdict {
  /** Sessions that run here and were reported lost: report them as running. */
  readonly revive: ReadonlyArray<string>
  /** Sessions that storage does not attribute to this machine: end them here, their name belongs to another session. */
  readonly end: ReadonlyArray<string>
  /** Sessions that do not run here: report them as ended. */
  readonly close: ReadonlyArray<string>
}

/**
 * `held`: the sessions of this machine with their ages, ms. A session is left alone for `grace` ms after it was opened: the other
 * side may be about to start or to store it.
 */
export const reconcile = (held: ReadonlyMap<string, number>, stored: ReadonlyArray<Stored>, grace: Millis): Verdict => {
  const byId = new Map(stored.map((session) => [session.id, session]))
  return {
    revive: stored.filter(({ id, state }) => state === "Lost" && held.has(id)).map(({ id }) => id),
    end: [...held].flatMap(([id, age]) => {
      const state = byId.get(id)?.state
      return state === "Ended" || (state === undefined && age >= grace) ? [id] : []
    }),
    close: stored
      .filter(({ age, id, state }) => state === "Running" && age >= grace && !held.has(id))
      .map(({ id }) => id)
  }
}
