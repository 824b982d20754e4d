/**
 * Reaches the machines of a cluster: from node to node, at the address of the machine's runner.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RcMap from "effect/RcMap"
import * as RpcClient from "effect/rpc/RpcClient"
import type { RpcClientError } from "effect/rpc/RpcClientError"
import * as RpcTest from "effect/rpc/RpcTest"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as Runners from "effect/cluster/Runners"
import type { Machine } from "../../domain/cluster/SessionMessages.ts"
import { type MachineClient, type MachineRefusal, MachineRpcs } from "./MachineRpcs.ts"

/** How long a machine has to answer, ms. */
const PATIENCE = 10_000

/** How often a request is sent again when its connection fails, for a machine that is too busy to accept one at once. */
const RETRIES = 4

export class MachineClients extends Context.Service<
  MachineClients,
  {
    readonly get: (machine: Pick<Machine, "host" | "port">) => Effect.Effect<MachineClient, never, Scope.Scope>
  }
>()("effect-mosh/cluster/MachineClients") {}

/** Over the network. */
export const layer: Layer.Layer<MachineClients, never, Runners.RpcClientProtocol> = Layer.effect(
  MachineClients,
  Effect.gen(function* () {
    const protocol = yield* Runners.RpcClientProtocol
    const clients = yield* RcMap.make({
      lookup: (address: RunnerAddress.RunnerAddress) =>
        Effect.flatMap(protocol.make(address), (one) =>
          RpcClient.make(MachineRpcs, { spanPrefix: "Machine" }).pipe(Effect.provideService(RpcClient.Protocol, one))
        ),
      idleTimeToLive: "1 minute"
    })
    return MachineClients.of({
      get: ({ host, port }) => RcMap.get(clients, RunnerAddress.RunnerAddress.make({ host, port }))
    })
  })
)

/** To the machine in this process. */
export const layerLocal = Layer.effect(
  MachineClients,
  Effect.map(RpcTest.makeClient(MachineRpcs), (client) => MachineClients.of({ get: () => Effect.succeed(client) }))
)

/** A machine did not answer in time, or its reply could not be decoded. */
export class MachineUnreachable extends Data.TaggedError("MachineUnreachable")<{ readonly cause: unknown }> {}

/**
 * Requests something of a machine. A request may arrive twice: all have the same effect as once, except that a session gets one
 * more listener.
 */
export const call = <A>(
  clients: MachineClients["Service"],
  machine: Pick<Machine, "host" | "port">,
  request: (client: MachineClient) => Effect.Effect<A, MachineRefusal | RpcClientError>
): Effect.Effect<A, MachineRefusal | MachineUnreachable> =>
  clients.get(machine).pipe(
    Effect.flatMap(request),
    Effect.scoped,
    Effect.retry({
      while: (failure) => failure._tag === "RpcClientError",
      times: RETRIES,
      schedule: Schedule.spaced("250 millis")
    }),
    Effect.timeout(PATIENCE),
    Effect.catchTag(["RpcClientError", "TimeoutError"], (cause) => new MachineUnreachable({ cause })),
    // A reply that cannot be decoded, or a machine that ends: it interrupts its requests.
    Effect.catchCauseIf(
      (cause) => !Cause.hasFails(cause),
      (cause) => new MachineUnreachable({ cause })
    )
  )
