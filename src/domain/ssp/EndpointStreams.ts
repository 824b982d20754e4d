/**
 * The streams of an `Endpoint`: what `Streams` learns of the session's datagrams, and when its packets are sent.
 *
 * `Streams` knows packet numbers and time. The endpoint knows paths, the peer's features and what the sender has due. The rules
 * that need both are here. Every function does nothing if this end does not announce `Features.streams`. Source:
 * docs/spec/streams.md 1, 2 and 7 to 9.
 */
import * as Nonce from "../crypto/Nonce.ts"
import type { Millis } from "../Machine.ts"
import type * as StreamsState from "../streams/State.ts"
import * as Streams from "../streams/Streams.ts"
import * as Connection from "./Connection.ts"
import type { State } from "./Endpoint.ts"
import { drop, seal, type Step, stepConnection } from "./EndpointStep.ts"
import * as PathMtu from "./path/PathMtu.ts"
import type { Role } from "./Role.ts"
import { Features } from "./SyncObject.ts"
import * as Timing from "./Timing.ts"

export const init = (role: Role, features: Features, now: Millis): StreamsState.State | undefined =>
  (features & Features.streams) === 0 ? undefined : Streams.init({ role, now })

/** When stream packets are to be sent; `Infinity` while they cannot be. */
export const deadline = <Address, Local, Remote>(role: Role, state: State<Address, Local, Remote>): Millis =>
  state.streams === undefined || !isSendable(role, state) ? Infinity : Streams.machine.deadline(state.streams)

/** Whether the peer reads stream packets, and is within reach. */
const isSendable = <Address, Local, Remote>(
  role: Role,
  { connection, sender }: State<Address, Local, Remote>
): boolean => (sender.peer.features & Features.streams) !== 0 && Connection.canSendStreamPacket(role, connection)

/** The peer's features became known. */
export const negotiated = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  const { sender, streams } = step.state
  if (streams === undefined) return
  step.outputs.push({ _tag: "StreamsNegotiated", isSupported: (sender.peer.features & Features.streams) !== 0 })
}

/** A datagram of either kind arrived, for the first time. */
export const received = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  { number, streamPacket }: Extract<Connection.Output<Address>, { readonly _tag: "Numbered" }>
): void => {
  give(step, { _tag: "Received", number, payload: streamPacket })
  settleSoon(step)
}

/** A state datagram was sent. */
export const stateSent = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  number: number,
  bytes: number
): void => {
  give(step, { _tag: "StateSent", number, bytes })
}

/** The peer's state changed: at a server, the user typed. */
export const remoteChanged = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  if (step.parts.role === "Server") give(step, { _tag: "Typed" })
}

/** Applies an application's request. */
export const accept = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  input: Streams.ApplicationInput
): void => {
  give(step, input)
}

/**
 * The timer fired. If it fired very late by the sender's timers, the host was suspended (at least the heartbeat is
 * always on). The streams' own deadline cannot show that: it is in the past whenever the pacer allowed a packet before
 * there was anything to send.
 */
export const tick = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  const due = step.parts.sender.deadline(step.state.sender)
  if (due !== -Infinity && step.now - due >= Timing.SUSPENDED) give(step, { _tag: "Disrupted" })
}

/** The host was suspended, or its addresses changed: it may be in another network now. */
export const pathChanged = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  give(step, { _tag: "PathChanged" })
}

/** Server: datagrams may go to another address since the last one arrived. */
export const followPath = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  const path = Connection.pathName(step.state.connection)
  if (path === step.state.streamPath) return
  step.state.streamPath = path
  give(step, { _tag: "PathChanged" })
  settleSoon(step)
}

/**
 * If stream packets are due, asks for another step at once. They are sent in that step, after the program has reacted
 * to what arrived.
 */
const settleSoon = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  if (step.state.unsettled || deadline(step.parts.role, step.state) > step.now) return
  step.state.unsettled = true
}

/**
 * Sends the stream packets that are due, unless the sender has something to decide or to send first. Returns whether one
 * was full.
 */
export const transmit = <Address, Local, Remote>(step: Step<Address, Local, Remote>): boolean => {
  const { parts } = step
  let isFull = false
  if (step.ended !== undefined || step.state.unsettled) return false
  while (deadline(parts.role, step.state) <= step.now && parts.sender.deadline(step.state.sender) > step.now) {
    const { connection } = step.state
    const number = Connection.streamPacketNumber(parts.role, connection, step.now)
    const limit = packetLimit(step.state)
    const payload = packet(give(step, { _tag: "Transmit", number, limit }))
    if (payload === undefined || !transmitPacket(step, number, payload)) return isFull
    isFull = payload.length === limit
  }
  return isFull
}

/** The probe after a timeout is small: if the path no longer carries large datagrams, it still passes. */
const packetLimit = <Address, Local, Remote>({ mtu, streams }: State<Address, Local, Remote>): number => {
  const isProbe = streams !== undefined && streams.recovery.timeouts > 0 && streams.recovery.probes > 0
  return (isProbe ? PathMtu.FLOOR : mtu.size) - Connection.STREAM_OVERHEAD
}

const packet = (outputs: ReadonlyArray<Streams.Output>): Uint8Array | undefined => {
  for (const output of outputs) if (output._tag === "Packet") return output.payload
  return undefined
}

/** Sends a stream packet. Returns whether the key's limits allowed it. */
export const transmitPacket = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  number: number,
  payload: Uint8Array
): boolean => {
  for (const output of stepConnection(step, { _tag: "TransmitStreamPacket", payload })) {
    if (output._tag === "KeyExhausted") {
      step.ended = "KeyExhausted"
      return false
    }
    if (output._tag !== "Datagram") continue
    const bytes = seal(step, output)
    const used = Number(Nonce.sequence(output.nonce))
    // A copy for a path that may become the peer's: its bytes count, its acknowledgement does not.
    if (used !== number) stateSent(step, used, bytes)
  }
  return true
}

/** Steps the streams and reports what happened. */
const give = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  input: Streams.Input
): ReadonlyArray<Streams.Output> => {
  const { streams } = step.state
  if (streams === undefined) return []
  const [, outputs] = Streams.machine.step(streams, input, step.now)
  for (const output of outputs) {
    if (output._tag === "Dropped") drop(step, "receiving", output.reason)
    else if (output._tag !== "Packet") step.outputs.push({ _tag: "Stream", event: output })
  }
  return outputs
}
