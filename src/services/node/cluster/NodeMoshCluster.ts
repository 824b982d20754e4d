/**
 * The nodes of a cluster, on Node.
 *
 * - `layerSingle`: one node, which holds sessions and needs no database server.
 * - `layerWorker`: a node that holds sessions, one of many.
 * - `layerGateway`: a node that holds none: it opens and attaches sessions of users who logged in.
 *
 * Workers and gateways share a database (`SqlClient`), and reach each other by TCP. What passes between them contains keys. So it is
 * encrypted, and accepted only from nodes that have one of the `secrets`. Without secrets, a worker listens on loopback only.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerServer from "effect/cluster/RunnerServer"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as SqlRunnerStorage from "effect/cluster/SqlRunnerStorage"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import type { SocketServerError } from "effect/socket/SocketServer"
import type { SqlClient } from "effect/sql/SqlClient"
import * as Crypto from "node:crypto"
import * as MachineClients from "../../cluster/MachineClients.ts"
import { MachineRpcs } from "../../cluster/MachineRpcs.ts"
import * as MoshCluster from "../../cluster/MoshCluster.ts"
import * as SessionHost from "../../cluster/SessionHost.ts"
import * as SessionsEntity from "../../cluster/SessionsEntity.ts"
import * as SessionStorage from "../../cluster/SessionStorage.ts"
import * as SqlSessionStorage from "../../cluster/SqlSessionStorage.ts"
import type { MoshServer } from "../../server/MoshServer.ts"
import type { BindError } from "../../transport/Datagrams.ts"
import * as NodeSqlite from "./NodeSqlite.ts"
import * as NodeTransport from "./NodeTransport.ts"

export { SecretError, type Secrets } from "./NodeTransport.ts"

/** A worker: what it offers its users, and how other nodes reach it. */
export interface WorkerOptions extends SessionHost.HostOptions, SessionsEntity.EntityOptions {
  /** Where other nodes reach this one by TCP, in the private network. */
  readonly runner: { readonly host: string; readonly port: number }
  /** The local address to listen on for other nodes. Default: `runner.host`. */
  readonly listen?: { readonly host: string; readonly port: number } | undefined
  /** The secrets of the nodes. Default: none; then the worker must listen on loopback. */
  readonly secrets?: NodeTransport.Secrets | undefined
  /** Further settings of Effect's cluster, the same on all nodes. */
  readonly sharding?: Partial<ShardingConfig.ShardingConfig["Service"]> | undefined
}

const newId: Effect.Effect<string> = Effect.sync(() => Crypto.randomUUID())

/**
 * What differs from Effect's defaults: the users whose entity was on a node that died can open and attach again after some 15
 * seconds, instead of a minute. Sessions are not affected.
 */
const SHARDING: Partial<ShardingConfig.ShardingConfig["Service"]> = {
  runnerHealthCheckInterval: "5 seconds",
  shardLockExpiration: "15 seconds",
  shardLockRefreshInterval: "5 seconds"
}

/** The longest message between nodes, in bytes: a request has at most 64 + 64 texts of 4096 characters. */
const MAX_MESSAGE = 4 * 1_048_576

/** JSON, because Effect's binary format refuses nodes of another release, whose messages have more fields. */
const serialization = RpcSerialization.layerNdjsonWith({ maxBufferSize: MAX_MESSAGE })

/** Messages are never stored: replies contain keys. */
const messageStorage = MessageStorage.layerNoop

/** A single node. */
export interface SingleOptions extends SessionHost.HostOptions, SessionsEntity.EntityOptions {
  /**
   * A file for the records of sessions, in an existing directory: an SQLite database, which one node at a time can open. After a crash,
   * the next start reports which sessions were lost, and when. Default: none; then the records end with the process, as sessions do.
   */
  readonly file?: string | undefined
}

/**
 * One node that holds sessions and needs no database server. Fails to start if `file` cannot be opened.
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { MoshCluster, NodeMoshCluster } from "effect-mosh/cluster"
 * import { NodeLogin, NodeMoshServer } from "effect-mosh/node"
 *
 * const node = NodeMoshCluster.layerSingle({
 *   machine: "here",
 *   address: "127.0.0.1",
 *   program: ({ request }) => NodeLogin.program({ command: request.command })
 * }).pipe(Layer.provide(NodeMoshServer.layer))
 *
 * export const opened = Effect.gen(function* () {
 *   const cluster = yield* MoshCluster
 *   return yield* cluster.open({ owner: "ada", name: "work" })
 * }).pipe(Effect.provide(node))
 * ```
 */
export const layerSingle = (
  options: SingleOptions
): Layer.Layer<
  MoshCluster.MoshCluster | SessionHost.SessionHost,
  BindError | SessionStorage.StorageError,
  MoshServer
> =>
  Layer.mergeAll(MoshCluster.layer, SessionsEntity.layer(options, newId)).pipe(
    Layer.provide(
      Sharding.layer.pipe(
        Layer.provide(Runners.layerNoop),
        Layer.provide([
          messageStorage,
          RunnerStorage.layerMemory,
          RunnerHealth.layerNoop,
          ShardingConfig.layer({ simulateRemoteSerialization: false })
        ])
      )
    ),
    Layer.provide(MachineClients.layerLocal),
    Layer.provideMerge(SessionHost.layer(options, { host: "localhost", port: 1 }, newId)),
    Layer.provide(options.file === undefined ? SessionStorage.layerMemory : stored(options.file))
  )

const stored = (file: string): Layer.Layer<SessionStorage.SessionStorage, SessionStorage.StorageError> =>
  SqlSessionStorage.layer.pipe(
    Layer.provide(NodeSqlite.layer(file)),
    Layer.catchTag("SqlError", (cause) =>
      Layer.effect(SessionStorage.SessionStorage, Effect.fail(new SessionStorage.StorageError({ cause })))
    )
  )

/**
 * A worker: it holds sessions, and serves the clients of all of them on one UDP port.
 *
 * ```ts
 * import { Effect, Layer, Redacted } from "effect"
 * import type { SqlClient } from "effect/sql"
 * import { NodeMoshCluster, SessionHost } from "effect-mosh/cluster"
 * import { NodeLogin, NodeMoshServer } from "effect-mosh/node"
 *
 * const worker = NodeMoshCluster.layerWorker({
 *   machine: "worker-1",
 *   address: "worker-1.example.org",
 *   runner: { host: "10.0.0.11", port: 34431 },
 *   secrets: [Redacted.make(process.env["FLEET_SECRET"] ?? "")],
 *   program: ({ request }) => NodeLogin.program({ command: request.command })
 * })
 *
 * // Ends when the machine was drained. `database` is `PgClient.layer` of `@effect/sql-pg`.
 * export const work = <E>(database: Layer.Layer<SqlClient.SqlClient, E>) =>
 *   Effect.flatMap(SessionHost, (host) => host.drained).pipe(
 *     Effect.provide(Layer.provide(worker, [NodeMoshServer.layer, database]))
 *   )
 * ```
 */
export const layerWorker = (
  options: WorkerOptions
): Layer.Layer<
  MoshCluster.MoshCluster | SessionHost.SessionHost,
  BindError | SocketServerError | SessionStorage.StorageError | NodeTransport.SecretError,
  MoshServer | SqlClient
> => {
  const { listen = options.runner, secrets = [] } = options
  const server = RpcServer.layer(Runners.Rpcs.merge(MachineRpcs), {
    spanPrefix: "Node",
    disableFatalDefects: true
  }).pipe(Layer.provide(RunnerServer.layerHandlers))
  return Layer.mergeAll(MoshCluster.layer, SessionsEntity.layer(options, newId), server).pipe(
    Layer.provide(Sharding.layer),
    Layer.provide(RunnerHealth.layerPing),
    Layer.provide([Runners.layerRpc, MachineClients.layer]),
    Layer.provideMerge(SessionHost.layer(options, options.runner, newId)),
    Layer.provide([
      SqlSessionStorage.layer,
      messageStorage,
      Layer.orDie(SqlRunnerStorage.layer),
      NodeTransport.client(secrets),
      RpcServer.layerProtocolSocketServer.pipe(Layer.provide(NodeTransport.server(secrets, listen)))
    ]),
    Layer.provide([serialization, sharding(options.sharding, options)])
  )
}

/** A gateway's settings. */
export interface GatewayOptions {
  /** The secrets of the nodes, as on workers. Default: none. */
  readonly secrets?: NodeTransport.Secrets | undefined
  /** Further settings of Effect's cluster, the same on all nodes. */
  readonly sharding?: Partial<ShardingConfig.ShardingConfig["Service"]> | undefined
}

/**
 * A gateway: it holds no sessions, and opens and attaches those of users who logged in.
 *
 * ```ts
 * import { Effect, Layer, Redacted } from "effect"
 * import type { SqlClient } from "effect/sql"
 * import { MoshCluster, NodeMoshCluster } from "effect-mosh/cluster"
 *
 * const secrets = [Redacted.make(process.env["FLEET_SECRET"] ?? "")]
 *
 * export const attach = <E>(database: Layer.Layer<SqlClient.SqlClient, E>, owner: string, name: string) =>
 *   Effect.flatMap(MoshCluster, (cluster) => cluster.attach({ owner, name })).pipe(
 *     Effect.provide(Layer.provide(NodeMoshCluster.layerGateway({ secrets }), database))
 *   )
 * ```
 */
export const layerGateway = (
  options: GatewayOptions = {}
): Layer.Layer<MoshCluster.MoshCluster, SessionStorage.StorageError | NodeTransport.SecretError, SqlClient> =>
  MoshCluster.layer.pipe(
    Layer.provide([RunnerServer.layerClientOnly, MachineClients.layer]),
    Layer.provide([
      SqlSessionStorage.layer,
      messageStorage,
      Layer.orDie(SqlRunnerStorage.layer),
      NodeTransport.client(options.secrets ?? [])
    ]),
    Layer.provide([serialization, sharding(options.sharding)])
  )

const sharding = (
  settings: Partial<ShardingConfig.ShardingConfig["Service"]> | undefined,
  worker?: Pick<WorkerOptions, "listen" | "runner">
): Layer.Layer<ShardingConfig.ShardingConfig> =>
  ShardingConfig.layer({
    ...SHARDING,
    ...settings,
    runnerAddress: Option.map(Option.fromUndefinedOr(worker?.runner), (one) => RunnerAddress.RunnerAddress.make(one)),
    runnerListenAddress: Option.map(Option.fromUndefinedOr(worker?.listen), (one) =>
      RunnerAddress.RunnerAddress.make(one)
    )
  })
