/**
 * What nodes request of the machine that holds a session. The requests go from node to node and pass no storage, because replies
 * contain keys.
 */
import * as Rpc from "effect/rpc/Rpc"
import type * as RpcClient from "effect/rpc/RpcClient"
import type { RpcClientError } from "effect/rpc/RpcClientError"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as ReceivedReason from "../../domain/cluster/ReceivedReason.ts"
import * as SessionIdentity from "../../domain/cluster/SessionIdentity.ts"
import * as Messages from "../../domain/cluster/SessionMessages.ts"

/** A machine did not do what a node requested. A reason that only later releases know counts as `Failed`. */
export class MachineRefusal extends Schema.TaggedError<MachineRefusal>()("MachineRefusal", {
  reason: ReceivedReason.make(Schema.Literals(["Draining", "Full", "NoSession", "Failed"]), "Failed")
}) {}

export class MachineRpcs extends RpcGroup.make(
  /** Opens the session, unless this machine holds it, and admits a client. */
  Rpc.make("Open", {
    payload: {
      id: Messages.Id,
      owner: SessionIdentity.Owner,
      name: SessionIdentity.Name,
      request: Messages.Request,
      mode: Messages.Mode
    },
    success: Messages.Ticket,
    error: MachineRefusal
  }),
  /** Admits a client to a session that this machine holds. */
  Rpc.make("Admit", {
    payload: { id: Messages.Id, mode: Messages.Mode },
    success: Messages.Ticket,
    error: MachineRefusal
  }),
  Rpc.make("Activity", { payload: { id: Messages.Id }, success: Messages.Activity, error: MachineRefusal }),
  Rpc.make("End", { payload: { id: Messages.Id }, error: MachineRefusal }),
  /** Accepts no more sessions; ends the others after `within` ms. */
  Rpc.make("Drain", { payload: { within: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 })) } })
).prefix(`Mosh${Messages.VERSION}/`) {}

/** A machine's client. */
export type MachineClient = RpcClient.RpcClient<RpcGroup.Rpcs<typeof MachineRpcs>, RpcClientError>
