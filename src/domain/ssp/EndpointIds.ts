/**
 * The connection ids of an `Endpoint`: which datagrams of a client carry one, and which ones its server expects.
 *
 * A server that shares a port finds a client that moved by its id, and drops datagrams with an unknown id unexamined. So a client
 * sends an id only if its server certainly expects it: both ends announced `Features.connectionIds`, the server has received
 * one of its states, and the id's block is at most `ConnectionId.AHEAD` blocks after that of a packet which the server certainly
 * received. All other datagrams have none, and their session is found by trying keys. Packet numbers inside the endpoint are
 * without ids. Source: docs/spec/connection-ids.md.
 */
import * as ConnectionId from "../crypto/ConnectionId.ts"
import * as Nonce from "../crypto/Nonce.ts"
import type { PacketNumber, StateNumber } from "../wire/Numbers.ts"
import type { State } from "./Endpoint.ts"
import type { Step } from "./EndpointStep.ts"
import type { Role } from "./Role.ts"
import * as Sender from "./sender/Sender.ts"
import { Features } from "./SyncObject.ts"

export interface Ids {
  /**
   * Client: no state above `state` was sent before the packet `packet`. If the peer acknowledges one, it has received a packet
   * from `packet` on.
   */
  readonly mark: { readonly state: StateNumber; readonly packet: PacketNumber }
  /** Client: the block of a packet that the server has received or a later one; `undefined`: no state was acknowledged. */
  readonly confirmed: number | undefined
  /** Client: the id of the block that was sent from last. */
  readonly sent: { readonly block: number; readonly id: number } | undefined
  /** Server: the block of the newest packet that was received with ids negotiated. */
  readonly reached: number | undefined
}

export const INITIAL: Ids = {
  mark: { state: 0n, packet: 0n },
  confirmed: undefined,
  sent: undefined,
  reached: undefined
}

/**
 * The features that an end announces: without connection ids if its cipher makes none, or if it is a server that does not
 * share its port.
 */
export const announced = (
  role: Role,
  features: Features,
  end: { readonly hasIds: boolean; readonly isShared: boolean }
): Features => (end.hasIds && (role === "Client" || end.isShared) ? features : features & ~Features.connectionIds)

const isNegotiated = <Address, Local, Remote>({ sender }: State<Address, Local, Remote>): boolean =>
  Sender.areNegotiated(sender, Features.connectionIds)

/** Whether datagrams with connection ids are decrypted. */
export const areReceived = <Address, Local, Remote>(role: Role, state: State<Address, Local, Remote>): boolean =>
  role === "Server" && isNegotiated(state)

/** Server: reports the block of the newest packet if it is another one. */
export const received = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  const { parts, state } = step
  if (!areReceived(parts.role, state)) return
  const reached = ConnectionId.blockOf(state.connection.window.next - 1n)
  if (reached === state.ids.reached) return
  state.ids = { ...state.ids, reached }
  step.outputs.push({ _tag: "BlockReached", block: reached })
}

/** Client: the server has received the state `number`. */
export const stateAcknowledged = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  number: StateNumber
): void => {
  const { parts, state } = step
  const { ids } = state
  if (parts.role === "Server" || number <= ids.mark.state) return
  const mark = { state: Sender.newest(state.sender).number, packet: state.connection.nextSequence }
  state.ids = { ...ids, confirmed: ConnectionId.blockOf(ids.mark.packet), mark }
}

/** The nonce with the connection id of its block, if its receiver expects that. */
export const withId = <Address, Local, Remote>(step: Step<Address, Local, Remote>, nonce: bigint): bigint => {
  const { parts, state } = step
  const { confirmed, sent } = state.ids
  const { connectionId } = parts.cipher
  if (confirmed === undefined || connectionId === undefined || !isNegotiated(state)) return nonce
  const block = ConnectionId.blockOf(Nonce.sequence(nonce))
  if (block > confirmed + ConnectionId.AHEAD) return nonce
  if (sent?.block === block) return Nonce.withId(nonce, sent.id)
  const id = connectionId(block)
  state.ids = { ...state.ids, sent: { block, id } }
  return Nonce.withId(nonce, id)
}
