/**
 * Where a cluster records its sessions and machines: which machine holds which session, and which sessions were lost.
 *
 * Storage holds no keys and nothing that is typed or shown. All times are of the storage's clock, so clocks of machines need not
 * agree.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Clock from "effect/Clock"
import type * as Reconciliation from "../../domain/cluster/Reconciliation.ts"
import type { SessionIdentity } from "../../domain/cluster/SessionIdentity.ts"
import type { Machine, Session } from "../../domain/cluster/SessionMessages.ts"

/** The database does not answer, or its file cannot be opened: `cause` has what the driver reports. */
export class StorageError extends Schema.TaggedError<StorageError>()("StorageError", { cause: Schema.Defect() }) {
  override get message() {
    let cause = this.cause
    while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause
    return `the records of sessions cannot be read or written: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}

/** A session to record: who owns it, and which start of which machine will hold it. */
export interface Claim extends SessionIdentity {
  /** The session's id: a UUID. */
  readonly id: string
  /** The name of its machine. */
  readonly machine: string
  /** The start of the machine: a UUID. */
  readonly incarnation: string
}

/** A machine's heartbeat. */
export type Heartbeat = Omit<Machine, "age">

/** The number of sessions of one owner that `list` gives, the newest. */
export const LONGEST_LIST = 1000

/** How long sessions that ended or were lost stay listed, ms: 7 days. */
export const RETENTION = 7 * 24 * 3_600_000

/**
 * Records the sessions and machines of a cluster. `SqlSessionStorage.layer` keeps them in Postgres or SQLite; `layerMemory` in
 * this process, for one node.
 */
export class SessionStorage extends Context.Service<
  SessionStorage,
  {
    /** The newest session of this name. */
    readonly find: (identity: SessionIdentity) => Effect.Effect<Session | undefined, StorageError>
    /** The sessions of an owner, newest first, at most `LONGEST_LIST`. */
    readonly list: (owner: string) => Effect.Effect<ReadonlyArray<Session>, StorageError>
    /** The number of running sessions of an owner. */
    readonly countRunning: (owner: string) => Effect.Effect<number, StorageError>
    /** Records a session, unless one of this name is running: then `false`. Atomic. */
    readonly claim: (claim: Claim) => Effect.Effect<boolean, StorageError>
    /** Removes a session that did not start. */
    readonly release: (id: string) => Effect.Effect<void, StorageError>
    /** Records that running sessions ended, and how. */
    readonly end: (ids: ReadonlyArray<string>, ending: string) => Effect.Effect<void, StorageError>
    /** Records that lost sessions run. */
    readonly revive: (ids: ReadonlyArray<string>) => Effect.Effect<void, StorageError>
    /** What a start of a machine holds according to the records, except what ended. */
    readonly held: (
      machine: string,
      incarnation: string
    ) => Effect.Effect<ReadonlyArray<Reconciliation.Stored>, StorageError>
    /** The machines, also those without a recent heartbeat. */
    readonly machines: Effect.Effect<ReadonlyArray<Machine>, StorageError>
    /** Records a machine. Sessions of earlier starts of this machine are recorded as lost. */
    readonly heartbeat: (machine: Heartbeat) => Effect.Effect<void, StorageError>
    /** Removes a machine that holds no sessions any more. */
    readonly leave: (machine: string, incarnation: string) => Effect.Effect<void, StorageError>
    /**
     * Records the sessions of machines as lost whose last heartbeat is `expiration` ms old, and that these machines hold none. Removes
     * old records.
     */
    readonly sweep: (expiration: number) => Effect.Effect<void, StorageError>
  }
>()("effect-mosh/cluster/SessionStorage") {}

/** The phrase that a lost session has as its `ending`. */
export const LOST = "its machine was lost"

/** Storage in this process. */
export const layerMemory: Layer.Layer<SessionStorage> = Layer.effect(
  SessionStorage,
  Effect.gen(function* () {
    const clock = yield* Clock.clockWith(Effect.succeed)
    const now = (): number => clock.currentTimeMillisUnsafe()
    const sessions = new Map<string, Session>()
    const machines = new Map<string, { readonly machine: Heartbeat; readonly seenAt: number }>()
    const keyOf = ({ name, owner }: SessionIdentity): string => `${owner}/${name}`
    const update = (isMeant: (session: Session) => boolean, change: Partial<Session>): void => {
      for (const [key, session] of sessions) if (isMeant(session)) sessions.set(key, { ...session, ...change })
    }
    // A session may have been opened after the last heartbeat of its machine.
    const lose = (isMeant: (session: Session) => boolean, at: number): void => {
      for (const [key, session] of sessions) {
        if (session.state !== "Running" || !isMeant(session)) continue
        sessions.set(key, { ...session, state: "Lost", endedAt: Math.max(at, session.openedAt), ending: LOST })
      }
    }

    return SessionStorage.of({
      find: (identity) => Effect.sync(() => sessions.get(keyOf(identity))),
      list: (owner) =>
        Effect.sync(() =>
          [...sessions.values()]
            .filter((session) => session.owner === owner)
            .toSorted((a, b) => b.openedAt - a.openedAt)
            .slice(0, LONGEST_LIST)
        ),
      countRunning: (owner) =>
        Effect.sync(
          () => [...sessions.values()].filter((one) => one.owner === owner && one.state === "Running").length
        ),
      claim: (claim) =>
        Effect.sync(() => {
          if (sessions.get(keyOf(claim))?.state === "Running") return false
          sessions.set(keyOf(claim), { ...claim, state: "Running", openedAt: now(), endedAt: null, ending: null })
          return true
        }),
      release: (id) =>
        Effect.sync(() => {
          for (const [key, session] of sessions) if (session.id === id) sessions.delete(key)
        }),
      end: (ids, ending) =>
        Effect.sync(() =>
          update(({ id, state }) => ids.includes(id) && state !== "Ended", { state: "Ended", endedAt: now(), ending })
        ),
      revive: (ids) =>
        Effect.sync(() =>
          update(({ id, state }) => ids.includes(id) && state === "Lost", {
            state: "Running",
            endedAt: null,
            ending: null
          })
        ),
      held: (machine, incarnation) =>
        Effect.sync(() =>
          [...sessions.values()]
            .filter((one) => one.machine === machine && one.incarnation === incarnation && one.state !== "Ended")
            .map(({ id, openedAt, state }) => ({ id, state, age: now() - openedAt }))
        ),
      machines: Effect.sync(() =>
        [...machines.values()].map(({ machine, seenAt }) => ({ ...machine, age: now() - seenAt }))
      ),
      heartbeat: (machine) =>
        Effect.sync(() => {
          const seenAt = machines.get(machine.name)?.seenAt ?? now()
          lose((one) => one.machine === machine.name && one.incarnation !== machine.incarnation, seenAt)
          machines.set(machine.name, { machine, seenAt: now() })
        }),
      leave: (name, incarnation) =>
        Effect.sync(() => {
          if (machines.get(name)?.machine.incarnation === incarnation) machines.delete(name)
        }),
      sweep: (expiration) =>
        Effect.sync(() => {
          for (const [name, { machine, seenAt }] of machines) {
            if (now() - seenAt < expiration) continue
            lose((session) => session.machine === name, seenAt)
            machines.set(name, { machine: { ...machine, sessions: 0 }, seenAt })
          }
          for (const [key, { endedAt }] of sessions) {
            if (endedAt !== null && now() - endedAt > RETENTION) sessions.delete(key)
          }
        })
    })
  })
)
