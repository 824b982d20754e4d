/**
 * A worker of the cluster's test, as a process: `worker.ts MACHINE RUNNER-PORT DATABASE-PORT`. It ends when it was drained.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { NodeMoshCluster, SessionHost } from "../../../../src/cluster.ts"
import * as NodeMoshServer from "../../../../src/services/node/NodeMoshServer.ts"
import { database } from "../../../support/postgres.ts"

const [machine = "", runnerPort = "", databasePort = ""] = process.argv.slice(2)

/** Nodes authenticate each other and encrypt what they send, as on different machines. */
export const SECRETS = [Redacted.make("the secret of the test's nodes: 32 characters")]

/** Much shorter than in earnest, so that a lost machine is noticed within the test. */
export const HEARTBEAT = 1000
export const SHARDING = {
  shardsPerGroup: 24,
  shardLockExpiration: "9 seconds",
  shardLockRefreshInterval: "3 seconds",
  runnerHealthCheckInterval: "1 second",
  refreshAssignmentsInterval: "500 millis"
} as const

if (import.meta.main) {
  const worker = NodeMoshCluster.layerWorker({
    machine,
    address: "127.0.0.1",
    bind: "127.0.0.1",
    ports: { low: 0, high: 0 },
    runner: { host: "127.0.0.1", port: Number(runnerPort) },
    secrets: SECRETS,
    heartbeat: HEARTBEAT,
    sharding: SHARDING,
    program:
      ({ name, owner }) =>
      (terminal) =>
        Effect.andThen(
          terminal.write(`${owner}/${name} on ${machine}\r\n`),
          Stream.runForEach(terminal.keys, terminal.write)
        )
  })
  const program = Effect.gen(function* () {
    const host = yield* SessionHost
    process.stdout.write("ready\n")
    yield* host.drained
  })
  const layer = worker.pipe(Layer.provide([NodeMoshServer.layer, database(Number(databasePort))]))
  void Effect.runPromise(program.pipe(Effect.provide(layer))).then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    }
  )
}
