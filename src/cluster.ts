/**
 * Sessions of many users on many machines, on Effect's cluster.
 *
 * `MoshCluster` opens sessions and attaches clients to them from any node. `NodeMoshCluster` has the layers of the nodes. Needs
 * `@effect/platform-node`, and for more than one node `@effect/sql-pg`: both are optional peer dependencies of the package. The page
 * [docs/cluster.md](../cluster.md) describes deployments.
 */
export { type AttachOptions, MoshCluster, type OpenSessionOptions } from "./services/cluster/MoshCluster.ts"
export { type HostOptions, SessionHost } from "./services/cluster/SessionHost.ts"
export { ClusterFailure, type Reason as ClusterFailureReason } from "./domain/cluster/ClusterFailure.ts"
export * as GatewayCommand from "./domain/cluster/GatewayCommand.ts"
export * as SessionIdentity from "./domain/cluster/SessionIdentity.ts"
export * as SessionMessages from "./domain/cluster/SessionMessages.ts"
export { type Claim, type Heartbeat, SessionStorage, StorageError } from "./services/cluster/SessionStorage.ts"
export * as SqlSessionStorage from "./services/cluster/SqlSessionStorage.ts"
export { ClusterMetricNames } from "./services/cluster/ClusterMetrics.ts"
export * as NodeMoshCluster from "./services/node/cluster/NodeMoshCluster.ts"
