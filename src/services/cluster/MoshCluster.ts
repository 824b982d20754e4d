/**
 * Sessions of a cluster, from any of its nodes.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Sharding } from "effect/cluster/Sharding"
import * as ClusterFailure from "../../domain/cluster/ClusterFailure.ts"
import * as SessionIdentity from "../../domain/cluster/SessionIdentity.ts"
import type * as Messages from "../../domain/cluster/SessionMessages.ts"
import { call, MachineClients } from "./MachineClients.ts"
import { SessionsEntity } from "./SessionsEntity.ts"
import { SessionStorage } from "./SessionStorage.ts"

/** How an operation gets its client to the session. */
export interface AttachOptions {
  /** What the client may do, see `AdmitOptions.mode`. Default: `TakeOver`. */
  readonly mode?: Messages.Mode | undefined
}

/** What a new session runs, if there is none of this name. */
export interface OpenSessionOptions extends AttachOptions {
  /** The words of a command, at most 64 of 4096 characters. Default: none. */
  readonly command?: ReadonlyArray<string> | undefined
  /** Variables for the program, at most 64 of 4096 characters. Default: none. */
  readonly environment?: Readonly<Record<string, string>> | undefined
}

/** How long an operation may take, ms: some nodes may have to be given up first. */
const PATIENCE = 30_000

/**
 * The cluster's sessions. The owner of each identity must come from the user's login: a caller that passes an
 * owner can attach to all sessions of that owner.
 *
 * ```ts
 * import { Console, Effect, Redacted } from "effect"
 * import { MoshCluster } from "effect-mosh/cluster"
 *
 * // Opens a session, or attaches to it on the machine that holds it, and prints what `mosh-server` prints.
 * export const connect = (owner: string, name: string) =>
 *   Effect.gen(function* () {
 *     const cluster = yield* MoshCluster
 *     const { lost, ticket } = yield* cluster.open({ owner, name })
 *     if (lost !== undefined) yield* Console.error(`The session before was lost with ${lost.machine}.`)
 *     yield* Console.log(`MOSH IP ${ticket.address}\nMOSH CONNECT ${ticket.port} ${Redacted.value(ticket.key)}`)
 *   })
 * ```
 */
export class MoshCluster extends Context.Service<
  MoshCluster,
  {
    /**
     * Attaches one more client to the session, with a fresh key. Opens the session if there is none of this name: of several calls at
     * the same time, one opens it. A session that was lost is replaced by a new one, and `lost` gives its machine.
     */
    readonly open: (
      session: SessionIdentity.SessionIdentity,
      options?: OpenSessionOptions
    ) => Effect.Effect<Messages.Opened, ClusterFailure.ClusterFailure>
    /** Attaches one more client to a running session, with a fresh key. */
    readonly attach: (
      session: SessionIdentity.SessionIdentity,
      options?: AttachOptions
    ) => Effect.Effect<Messages.Ticket, ClusterFailure.ClusterFailure>
    /** The owner's sessions, newest first, also those that ended or were lost in the last 7 days; at most 1000. */
    readonly list: (owner: string) => Effect.Effect<ReadonlyArray<Messages.Session>, ClusterFailure.ClusterFailure>
    /** The newest session of this name, and its clients. */
    readonly status: (
      session: SessionIdentity.SessionIdentity
    ) => Effect.Effect<Messages.Status, ClusterFailure.ClusterFailure>
    /** Ends a running session as SIGTERM ends `mosh-server`: its clients are notified. */
    readonly end: (session: SessionIdentity.SessionIdentity) => Effect.Effect<void, ClusterFailure.ClusterFailure>
    /** The machines that hold sessions. */
    readonly machines: Effect.Effect<ReadonlyArray<Messages.Machine>, ClusterFailure.ClusterFailure>
    /** Drains a machine, see `SessionHost.drain`. */
    readonly drain: (
      machine: string,
      options: { readonly within: number }
    ) => Effect.Effect<void, ClusterFailure.ClusterFailure>
  }
>()("effect-mosh/cluster/MoshCluster") {}

const NAMES = `A session's name has 1 to 32 letters, digits, ".", "_" or "-", the first a letter; all and new are reserved.`
const OWNERS = `The user's name has 1 to 64 letters, digits, ".", "_", "-", "@" or "+", the first a letter, a digit or "_".`

/** The cluster's sessions through its entities. */
export const layer: Layer.Layer<MoshCluster, never, Sharding | SessionStorage | MachineClients> = Layer.effect(
  MoshCluster,
  Effect.gen(function* () {
    const entity = yield* SessionsEntity.client
    const storage = yield* SessionStorage
    const clients = yield* MachineClients

    const checked = <A, E>(
      identity: SessionIdentity.SessionIdentity,
      effect: () => Effect.Effect<A, E>
    ): Effect.Effect<A, ClusterFailure.ClusterFailure> =>
      SessionIdentity.isValid(identity)
        ? answered(Effect.suspend(effect))
        : Effect.fail(ClusterFailure.make("InvalidName", SessionIdentity.isOwner(identity.owner) ? NAMES : OWNERS))

    return MoshCluster.of({
      open: Effect.fn("MoshCluster.open")((identity, options = {}) => {
        const request = { command: options.command ?? [], environment: options.environment ?? {} }
        return checked(identity, () =>
          entity(identity.owner).Open({ name: identity.name, request, mode: options.mode ?? "TakeOver" })
        )
      }),
      attach: Effect.fn("MoshCluster.attach")((identity, { mode = "TakeOver" } = {}) =>
        checked(identity, () => entity(identity.owner).Attach({ name: identity.name, mode }))
      ),
      list: Effect.fn("MoshCluster.list")((owner) => checked({ owner, name: "any" }, () => entity(owner).List())),
      status: Effect.fn("MoshCluster.status")((identity) =>
        checked(identity, () => entity(identity.owner).Status({ name: identity.name }))
      ),
      end: Effect.fn("MoshCluster.end")((identity) =>
        checked(identity, () => entity(identity.owner).End({ name: identity.name }))
      ),
      machines: storage.machines.pipe(
        Effect.mapError(() => ClusterFailure.make("Storage", "The cluster's database does not answer."))
      ),
      drain: Effect.fn("MoshCluster.drain")(function* (name, { within }) {
        const machines = yield* storage.machines.pipe(
          Effect.mapError(() => ClusterFailure.make("Storage", "The cluster's database does not answer."))
        )
        const machine = machines.find((one) => one.name === name)
        if (machine === undefined) {
          return yield* ClusterFailure.make("NoMachine", `There is no machine ${name}.`)
        }
        yield* call(clients, machine, (client) => client["Mosh1/Drain"]({ within })).pipe(
          Effect.mapError(() => ClusterFailure.make("Unreachable", `The machine ${name} does not answer.`))
        )
      })
    })
  })
)

/**
 * An entity's answer. What the entity does not answer itself: the cluster is starting, or the entity moves, which interrupts its
 * requests. If the caller is interrupted, nothing after that runs.
 */
const answered = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, ClusterFailure.ClusterFailure> =>
  effect.pipe(
    Effect.timeout(PATIENCE),
    Effect.mapError((failure) =>
      failure instanceof ClusterFailure.ClusterFailure
        ? failure
        : ClusterFailure.make("Unavailable", "The cluster does not answer. Try again in a moment.")
    ),
    Effect.catchCauseIf(
      (cause) => !Cause.hasFails(cause),
      () => Effect.fail(ClusterFailure.make("Unavailable", "The cluster does not answer. Try again in a moment."))
    )
  )
