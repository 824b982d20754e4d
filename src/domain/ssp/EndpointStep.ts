/**
 * One step of an `Endpoint` in progress, and what its parts share.
 */
import type { Machine, Millis } from "../Machine.ts"
import type * as Instruction from "../wire/Instruction.ts"
import type * as Connection from "./Connection.ts"
import type { DropReason } from "./DropReason.ts"
import type { EndReason } from "./EndReason.ts"
import * as EndpointIds from "./EndpointIds.ts"
import type { Direction, Options, Output, State } from "./Endpoint.ts"
import type * as Receiver from "./Receiver.ts"
import * as Sender from "./sender/Sender.ts"

export interface Parts<Address, Local, Remote> extends Options<Address, Local, Remote> {
  readonly connection: Machine<Connection.State<Address>, Connection.Input<Address>, Connection.Output<Address>>
  readonly sender: Machine<Sender.State<Local>, Sender.Input<Local>, Sender.Output>
  readonly receiver: Machine<Receiver.State<Remote>, Receiver.Input, Receiver.Output<Remote>>
}

/** It never leaves `step`, so it may change in place. */
export interface Step<Address, Local, Remote> {
  readonly parts: Parts<Address, Local, Remote>
  readonly now: Millis
  /** A copy of the state before the step, which the parts change. */
  readonly state: Mutable<State<Address, Local, Remote>>
  readonly outputs: Array<Output<Address, Remote>>
  /** What the sender wants to send: it is transmitted at the end of the step. */
  readonly instructions: Array<Instruction.Instruction>
  ended: EndReason | undefined
}

type Mutable<A> = { -readonly [Key in keyof A]: A[Key] }

/** Passes an input to the sender, which sends nothing before it settles. */
export const inform = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  input: Sender.Input<Local>
): void => {
  const { state } = step
  state.sender = Sender.accept(step.parts.local, state.sender, input, step.now)
  state.unsettled = true
}

export const stepConnection = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  input: Connection.Input<Address>
): ReadonlyArray<Connection.Output<Address>> => {
  const [connection, outputs] = step.parts.connection.step(step.state.connection, input, step.now)
  step.state.connection = connection
  return outputs
}

export const drop = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  direction: Direction,
  reason: DropReason
): void => {
  step.outputs.push({ _tag: "Dropped", direction, reason })
}

/** Seals and sends a datagram. Returns its size in bytes. */
export const seal = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  { nonce, plaintext, socket, to }: Extract<Connection.Output<Address>, { readonly _tag: "Datagram" }>
): number => {
  const datagram = step.parts.cipher.seal(EndpointIds.withId(step, nonce), plaintext)
  step.outputs.push({ _tag: "Send", datagram, socket, to })
  return datagram.length
}
