/**
 * The sessions of one user, as an entity of the cluster: its id is the user.
 *
 * The entity knows where the user's sessions are, and holds none itself: it moves when nodes come and go, and sessions cannot. It
 * opens one session at a time, so two gateways that open the same name get one session, and a user's limit holds. It reaches only
 * sessions of its own user.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Entity from "effect/cluster/Entity"
import type * as Layer from "effect/Layer"
import type { Sharding } from "effect/cluster/Sharding"
import * as Rpc from "effect/rpc/Rpc"
import * as Schema from "effect/Schema"
import * as ClusterFailure from "../../domain/cluster/ClusterFailure.ts"
import * as Lease from "../../domain/cluster/Lease.ts"
import * as Placement from "../../domain/cluster/Placement.ts"
import * as SessionIdentity from "../../domain/cluster/SessionIdentity.ts"
import * as Messages from "../../domain/cluster/SessionMessages.ts"
import { call, MachineClients, type MachineUnreachable } from "./MachineClients.ts"
import type { MachineRefusal } from "./MachineRpcs.ts"
import { SessionStorage, type StorageError } from "./SessionStorage.ts"

const Name = SessionIdentity.Name
const error = ClusterFailure.ClusterFailure

// None of these RPCs is annotated as persisted: replies contain keys, and must not pass through storage.
export const SessionsEntity = Entity.make(`effect-mosh/Sessions/${Messages.VERSION}`, [
  Rpc.make("Open", {
    payload: { name: Name, request: Messages.Request, mode: Messages.Mode },
    success: Messages.Opened,
    error
  }),
  Rpc.make("Attach", { payload: { name: Name, mode: Messages.Mode }, success: Messages.Ticket, error }),
  Rpc.make("List", { success: Schema.Array(Messages.Session), error }),
  Rpc.make("Status", { payload: { name: Name }, success: Messages.Status, error }),
  Rpc.make("End", { payload: { name: Name }, error })
])

export interface EntityOptions {
  /** How many sessions a user may have at a time. Default: 32. */
  readonly sessionsPerUser?: number | undefined
  /** See `HostOptions.heartbeat`. */
  readonly heartbeat?: number | undefined
}

/** The default of `sessionsPerUser`. */
export const DEFAULT_SESSIONS_PER_USER = 32

/** How many machines are tried for a new session. */
const MAX_ATTEMPTS = 4

/** How old the list of machines may be, in which a new session's machine is selected. */
const LIST_AGE = "1 second"

export const layer = (
  options: EntityOptions,
  newId: Effect.Effect<string>
): Layer.Layer<never, never, SessionStorage | MachineClients | Sharding> => SessionsEntity.toLayer(make(options, newId))

const make = Effect.fnUntraced(function* (options: EntityOptions, newId: Effect.Effect<string>) {
  const { entityId: owner } = yield* Entity.CurrentAddress
  const storage = yield* SessionStorage
  const clients = yield* MachineClients
  const limit = options.sessionsPerUser ?? DEFAULT_SESSIONS_PER_USER
  const heartbeat = options.heartbeat ?? Lease.HEARTBEAT
  const expiration = Lease.expiration(heartbeat)
  const machines = yield* Effect.cachedWithTTL(storage.machines, LIST_AGE)

  const noSession = (name: string): ClusterFailure.ClusterFailure =>
    ClusterFailure.make("NoSession", `There is no session ${name}.`)

  /** Where a running session is; `undefined` if its machine was lost or forgot it, which is then recorded. */
  const locate = Effect.fnUntraced(function* (session: Messages.Session) {
    const machine = (yield* storage.machines).find(({ name }) => name === session.machine)
    if (machine !== undefined && machine.incarnation === session.incarnation && machine.age < expiration) {
      return machine
    }
    return undefined
  })

  const lossOf = Effect.fnUntraced(function* (session: Messages.Session) {
    const at = session.endedAt ?? (yield* Clock.currentTimeMillis)
    return { machine: session.machine, at } satisfies Messages.Loss
  })

  const lost = Effect.fnUntraced(function* (session: Messages.Session) {
    const { at, machine } = yield* lossOf(session)
    const when = new Date(at).toISOString().slice(0, 19)
    return ClusterFailure.make(
      "SessionLost",
      `The session ${session.name} was lost with its machine ${machine}, last seen at ${when}Z. Open it again to start a new one.`
    )
  })

  /** A machine that does not hold a session any more: then that is recorded. */
  const failed = (
    session: Messages.Session,
    failure: MachineRefusal | MachineUnreachable
  ): Effect.Effect<undefined, StorageError | ClusterFailure.ClusterFailure> =>
    failure._tag !== "MachineUnreachable" && failure.reason === "NoSession"
      ? Effect.as(storage.end([session.id], "its machine does not hold it"), undefined)
      : Effect.fail(
          ClusterFailure.make(
            "Unreachable",
            `The machine ${session.machine} of the session ${session.name} does not answer. Try again in a moment.`
          )
        )

  /** A client for a running session; `undefined` if its machine does not hold it any more. */
  const admit = Effect.fnUntraced(function* (session: Messages.Session, mode: Messages.Mode) {
    const machine = yield* locate(session)
    if (machine === undefined) return undefined
    return yield* call(clients, machine, (client) => client["Mosh1/Admit"]({ id: session.id, mode })).pipe(
      Effect.catch((failure) => failed(session, failure))
    )
  })

  const start = Effect.fnUntraced(function* (name: string, request: Messages.Request, mode: Messages.Mode) {
    if ((yield* storage.countRunning(owner)) >= limit) {
      return yield* ClusterFailure.make("TooMany", `You have ${limit} sessions, the most allowed. End one first.`)
    }
    const id = yield* newId
    for (const machine of Placement.rank(yield* machines, id, heartbeat).slice(0, MAX_ATTEMPTS)) {
      const claim = { id, owner, name, machine: machine.name, incarnation: machine.incarnation }
      if (!(yield* storage.claim(claim))) return undefined
      const ticket = yield* call(clients, machine, (client) =>
        client["Mosh1/Open"]({ id, owner, name, request, mode })
      ).pipe(
        Effect.tapError((failure) =>
          Effect.logWarning(
            `${machine.name} opened no session: ${failure._tag === "MachineUnreachable" ? "Unreachable" : failure.reason}`
          )
        ),
        Effect.catch(() => Effect.as(storage.release(id), undefined))
      )
      if (ticket !== undefined) return ticket
    }
    return yield* ClusterFailure.make("NoMachine", "No machine accepts sessions now. Try again later.")
  })

  const open = Effect.fnUntraced(function* (name: string, request: Messages.Request, mode: Messages.Mode) {
    // Another node can take the name only while two nodes hold this entity, so once more suffices.
    for (let attempt = 0; attempt < 2; attempt++) {
      const before = yield* storage.find({ owner, name })
      let loss = before?.state === "Lost" ? yield* lossOf(before) : undefined
      if (before?.state === "Running") {
        const ticket = yield* admit(before, mode)
        if (ticket !== undefined) return { ticket, isNew: false }
        const after = yield* storage.find({ owner, name })
        if (after?.state === "Running" && after.id === before.id) {
          loss = yield* lossOf(before)
          yield* storage.end([before.id], "its machine was lost")
        }
      }
      const ticket = yield* start(name, request, mode)
      if (ticket !== undefined) return { ticket, isNew: true, ...(loss === undefined ? {} : { lost: loss }) }
    }
    return yield* ClusterFailure.make("Unavailable", "Another node opens a session of this name. Try again.")
  })

  const running = Effect.fnUntraced(function* (name: string) {
    const session = yield* storage.find({ owner, name })
    if (session === undefined || session.state === "Ended") return yield* noSession(name)
    if (session.state === "Lost") return yield* yield* lost(session)
    return session
  })

  const answer = <A, E>(effect: Effect.Effect<A, E>) =>
    effect.pipe(
      Effect.mapError((failure) =>
        failure instanceof ClusterFailure.ClusterFailure
          ? failure
          : ClusterFailure.make("Storage", "The cluster's database does not answer. Try again in a moment.")
      ),
      Effect.tapCause((cause) => (Cause.hasDies(cause) ? Effect.logError("Sessions entity", cause) : Effect.void))
    )

  return SessionsEntity.of({
    Open: ({ payload }) => answer(open(payload.name, payload.request, payload.mode)),
    Attach: ({ payload: { mode, name } }) =>
      answer(
        Effect.gen(function* () {
          const session = yield* running(name)
          const ticket = yield* admit(session, mode)
          if (ticket !== undefined) return ticket
          const after = yield* storage.find({ owner, name })
          return yield* after?.state === "Running" ? yield* lost(session) : noSession(name)
        })
      ).pipe(Rpc.fork),
    List: () => answer(storage.list(owner)).pipe(Rpc.fork),
    Status: ({ payload: { name } }) =>
      answer(
        Effect.gen(function* () {
          const session = yield* storage.find({ owner, name })
          if (session === undefined) return yield* noSession(name)
          const machine = session.state === "Running" ? yield* locate(session) : undefined
          if (machine === undefined) return { session }
          return yield* call(clients, machine, (client) => client["Mosh1/Activity"]({ id: session.id })).pipe(
            Effect.match({ onFailure: () => ({ session }), onSuccess: (activity) => ({ session, activity }) })
          )
        })
      ).pipe(Rpc.fork),
    End: ({ payload: { name } }) =>
      answer(
        Effect.gen(function* () {
          const session = yield* running(name)
          const machine = yield* locate(session)
          if (machine === undefined) return yield* yield* lost(session)
          yield* call(clients, machine, (client) => client["Mosh1/End"]({ id: session.id })).pipe(
            Effect.catch((failure) => failed(session, failure))
          )
        })
      )
  })
})
