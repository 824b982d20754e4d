/**
 * A machine of a cluster: it holds sessions, serves their clients on one UDP port, and reports itself to storage.
 *
 * A session is a process with its screen, so it stays on its machine until it ends. Only the knowledge where it is moves between
 * nodes.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Lease from "../../domain/cluster/Lease.ts"
import * as Reconciliation from "../../domain/cluster/Reconciliation.ts"
import type { SessionIdentity } from "../../domain/cluster/SessionIdentity.ts"
import type { Mode, Request, Ticket } from "../../domain/cluster/SessionMessages.ts"
import type { PortRange } from "../../domain/arguments/PortRange.ts"
import type { EndReason, Limits } from "../../domain/session/Lifetime.ts"
import * as Actor from "../runtime/Actor.ts"
import type { Application } from "../server/Application.ts"
import type { Attachments } from "../server/Attachments.ts"
import { MoshServer } from "../server/MoshServer.ts"
import type { Program, Session } from "../server/Session.ts"
import type { BindError } from "../transport/Datagrams.ts"
import * as ClusterMetrics from "./ClusterMetrics.ts"
import { MachineRefusal, MachineRpcs } from "./MachineRpcs.ts"
import { SessionStorage } from "./SessionStorage.ts"

/** What a machine offers, and how it is reached. */
export interface HostOptions {
  /** The machine's name, unique in the cluster: at most 64 ASCII letters, digits, `.`, `_` and `-`. */
  readonly machine: string
  /**
   * The IP address or host name at which clients reach this machine by UDP: at most 256 characters. Behind a NAT or in a cloud
   * network, it differs from `bind`.
   */
  readonly address: string
  /** The numeric local IP address that the UDP port is bound to. Default: all addresses, of IPv4 and IPv6. */
  readonly bind?: string | undefined
  /** The UDP ports to try for the one port that all sessions share, as in `ListenOptions`. */
  readonly ports?: PortRange | undefined
  /**
   * The time between the machine's heartbeats in the database, ms, the same on all machines. After three, a machine gets no more
   * sessions; after six, its sessions are lost. Default: 5000.
   */
  readonly heartbeat?: number | undefined
  /** How many sessions the machine accepts. Default: 1000. */
  readonly capacity?: number | undefined
  /** How long a session waits for absent clients, see `AttachmentsOptions.limits`. Default: 30 days. */
  readonly limits?: Partial<Limits> | undefined
  /**
   * What a session runs. The client sends the request. It is bounded, but not trusted: any program that runs as the owner can
   * send any request.
   */
  readonly program: (session: SessionIdentity & { readonly request: Request }) => Program | Application<unknown>
}

/** A machine of the cluster, in this process. */
export class SessionHost extends Context.Service<
  SessionHost,
  {
    /** This start of the machine: a UUID. */
    readonly incarnation: string
    /** The UDP port that all its sessions share. */
    readonly port: number
    /** How many sessions the machine holds. */
    readonly sessions: () => number
    /**
     * Accepts no more sessions, and informs the users of the others on their screens. Those that still run after `within` ms are
     * ended as by SIGTERM. A second call changes the time. Resumes at once.
     */
    readonly drain: (options: { readonly within: number }) => Effect.Effect<void>
    /** Resumes when the machine drains and holds no session any more: then its process can end. */
    readonly drained: Effect.Effect<void>
  }
>()("effect-mosh/cluster/SessionHost") {}

/** Where the machine's runner receives RPCs. */
export interface RunnerLocation {
  readonly host: string
  readonly port: number
}

/** A session that the machine holds. */
interface Held {
  readonly identity: SessionIdentity
  readonly session: Session
  readonly attachments: Attachments
  readonly openedAt: number
}

/** The default of `HostOptions.capacity`. */
export const DEFAULT_CAPACITY = 1000

/** The default of `HostOptions.limits.network`, ms: 30 days. */
const DEFAULT_ABSENCE = 30 * 86_400_000

/** Every how many heartbeats the sessions held are compared with storage. */
const RECONCILE_EVERY = 6

/** How long clients have to acknowledge the end of a drained session, ms. */
const LAST_WORDS = 10_000

/** Runs the machine until the scope closes, and answers `MachineRpcs`. */
export const layer = (
  options: HostOptions,
  runner: RunnerLocation,
  newId: Effect.Effect<string>
): Layer.Layer<SessionHost | RpcHandlers, BindError, MoshServer | SessionStorage> =>
  Layer.effectContext(make(options, runner, newId))

type RpcHandlers = Layer.Success<ReturnType<typeof MachineRpcs.toLayer>>

const make = Effect.fnUntraced(function* (options: HostOptions, runner: RunnerLocation, newId: Effect.Effect<string>) {
  const mosh = yield* MoshServer
  const storage = yield* SessionStorage
  const scope = yield* Effect.scope
  const metrics = yield* ClusterMetrics.make(options.machine)
  const now = yield* Actor.millis
  const incarnation = yield* newId
  const sharedPort = yield* mosh.sharePort({ address: options.bind, ports: options.ports })
  const limits = { ...options.limits, network: options.limits?.network ?? DEFAULT_ABSENCE }
  const capacity = options.capacity ?? DEFAULT_CAPACITY
  const heartbeat = options.heartbeat ?? Lease.HEARTBEAT
  const expiration = Lease.expiration(heartbeat)
  const held = new Map<string, Held>()
  const opening = new Set<string>()
  const drained = yield* Deferred.make<void>()
  let deadline: number | undefined
  let beats = 0
  let lease = Lease.initial

  const checkDrained = (): void => {
    metrics.sessions(held.size)
    if (deadline !== undefined && held.size === 0 && opening.size === 0) {
      Deferred.doneUnsafe(drained, Effect.void)
    }
  }

  const admit = (id: string, mode: Mode) =>
    Effect.gen(function* () {
      const attachments = held.get(id)?.attachments
      if (attachments === undefined) return yield* new MachineRefusal({ reason: "NoSession" })
      const { key, port } = yield* attachments
        .admit({ sharedPort, mode })
        .pipe(Effect.mapError(() => new MachineRefusal({ reason: "Failed" })))
      return { id, machine: options.machine, address: options.address, port, key: Redacted.make(key) } satisfies Ticket
    })

  /** Holds a session until it ends. */
  const hold = Effect.fnUntraced(function* (id: string, identity: SessionIdentity, request: Request) {
    const own = yield* Scope.fork(scope)
    const session = yield* mosh.open({ program: options.program({ ...identity, request }) }).pipe(Scope.provide(own))
    const attachments = yield* mosh.attachments(session, { persistent: true, limits, name: identity.name }).pipe(
      Scope.provide(own),
      Effect.mapError(() => new MachineRefusal({ reason: "Failed" })),
      Effect.onError((cause) => Scope.close(own, Exit.failCause(cause)))
    )
    held.set(id, { identity, session, attachments, openedAt: now() })
    metrics.opened()
    metrics.sessions(held.size)
    yield* attachments.ended.pipe(
      Effect.flatMap((because) => {
        held.delete(id)
        checkDrained()
        const isDrained = because === "Terminated" && deadline !== undefined && now() >= deadline
        return Effect.ignore(storage.end([id], isDrained ? ENDINGS.stopped : (ENDINGS[because] ?? because)))
      }),
      Effect.ensuring(Scope.close(own, Exit.void)),
      Effect.forkIn(scope)
    )
  })

  const handlers = yield* Layer.build(
    MachineRpcs.toLayer({
      "Mosh1/Open": ({ id, mode, name, owner, request }) =>
        Effect.gen(function* () {
          if (!held.has(id)) {
            if (deadline !== undefined) return yield* new MachineRefusal({ reason: "Draining" })
            if (held.size + opening.size >= capacity) return yield* new MachineRefusal({ reason: "Full" })
            // A node that got no reply requests again: its first request may be under way.
            if (opening.has(id)) return yield* new MachineRefusal({ reason: "Failed" })
            opening.add(id)
            yield* hold(id, { owner, name }, request).pipe(
              Effect.uninterruptible,
              Effect.ensuring(Effect.sync(() => opening.delete(id)))
            )
          }
          return yield* admit(id, mode)
        }),
      "Mosh1/Admit": ({ id, mode }) => admit(id, mode),
      "Mosh1/Activity": ({ id }) =>
        Effect.suspend(() => {
          const attachments = held.get(id)?.attachments
          if (attachments === undefined) return Effect.fail(new MachineRefusal({ reason: "NoSession" }))
          const clients = attachments.list().filter(({ phase }) => phase === "Attached").length
          return Effect.succeed({ clients, since: Math.round(attachments.attached().age) })
        }),
      "Mosh1/End": ({ id }) =>
        Effect.suspend(() => {
          const one = held.get(id)
          if (one === undefined) return Effect.fail(new MachineRefusal({ reason: "NoSession" }))
          one.attachments.terminate()
          return Effect.void
        }),
      "Mosh1/Drain": (payload) => drain(payload)
    })
  )

  const beat = Effect.gen(function* () {
    const machine = { name: options.machine, incarnation, ...runner, address: options.address, capacity }
    yield* storage.heartbeat({ ...machine, sessions: held.size, isDraining: deadline !== undefined })
    const before = lease.since
    lease = Lease.succeeded(lease, now(), heartbeat)
    if (Lease.mayDeclare(lease, now(), heartbeat)) yield* storage.sweep(expiration)
    if (before !== lease.since || beats++ % RECONCILE_EVERY === 0) yield* reconcile
  })

  const reconcile = Effect.gen(function* () {
    const stored = yield* storage.held(options.machine, incarnation)
    const ages = new Map(Array.from(held, ([id, { openedAt }]) => [id, now() - openedAt]))
    const verdict = Reconciliation.reconcile(ages, stored, expiration)
    yield* storage.revive(verdict.revive)
    yield* storage.end(verdict.close, ENDINGS.unknown)
    for (const id of verdict.end) held.get(id)?.attachments.terminate()
  })

  const endAll = Effect.gen(function* () {
    for (const { attachments } of held.values()) attachments.terminate()
    yield* Effect.timeoutOption(Deferred.await(drained), LAST_WORDS)
    for (const { attachments } of held.values()) attachments.terminate()
  })

  const drain = ({ within }: { readonly within: number }): Effect.Effect<void> =>
    Effect.gen(function* () {
      deadline = now() + within
      const minutes = Math.ceil(within / 60_000)
      const when = minutes === 1 ? "in a minute" : `in ${minutes} minutes`
      for (const { session } of held.values()) {
        session.announce(`This machine will be restarted: sessions on it end ${within < 1000 ? "now" : when}.`)
      }
      checkDrained()
      yield* Effect.ignore(beat)
      yield* Effect.sleep(within).pipe(
        Effect.andThen(Effect.suspend(() => (deadline !== undefined && now() >= deadline ? endAll : Effect.void))),
        Effect.forkIn(scope)
      )
    }).pipe(Effect.uninterruptible)

  yield* Scope.addFinalizer(
    scope,
    Effect.suspend(() => {
      const ids = [...held.keys()]
      return Effect.andThen(storage.end(ids, ENDINGS.stopped), storage.leave(options.machine, incarnation))
    }).pipe(Effect.timeoutOption(LAST_WORDS), Effect.ignore)
  )
  // Once the layer is built, sessions can be placed here.
  yield* Effect.ignore(beat)
  yield* Effect.ignore(beat).pipe(Effect.delay(heartbeat), Effect.forever, Effect.forkScoped)

  return Context.add(
    handlers,
    SessionHost,
    SessionHost.of({
      incarnation,
      port: sharedPort.port,
      sessions: () => held.size,
      drain,
      drained: Deferred.await(drained)
    })
  )
})

/** How a session ended, for its user. */
const ENDINGS: Readonly<Partial<Record<EndReason, string>>> & { readonly unknown: string; readonly stopped: string } = {
  NoClient: "no client connected",
  ClientSilent: "its clients were silent for too long",
  ClientLeft: "its last client left",
  ProgramEnded: "its program ended",
  Terminated: "it was ended",
  HungUp: "it was ended",
  unknown: "its machine does not hold it",
  stopped: "its machine was stopped"
}
