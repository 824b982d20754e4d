/**
 * The path MTU of an `Endpoint`: what `PathMtu` learns of the session's datagrams, and when its probes are sent.
 *
 * `PathMtu` knows sizes and packet numbers. The endpoint knows the peer's features, the path, and what the sender has due.
 * Source: docs/spec/path-mtu.md.
 */
import type { Millis } from "../Machine.ts"
import * as StreamPacket from "../wire/streams/StreamPacket.ts"
import * as Connection from "./Connection.ts"
import type { Instruction } from "../wire/Instruction.ts"
import type { State } from "./Endpoint.ts"
import { inform, type Step, stepConnection } from "./EndpointStep.ts"
import * as EndpointStreams from "./EndpointStreams.ts"
import * as PathMtu from "./path/PathMtu.ts"
import * as Retransmission from "./sender/Retransmission.ts"
import * as Sender from "./sender/Sender.ts"
import type { Role } from "./Role.ts"
import * as Rtt from "./path/Rtt.ts"
import { Features } from "./SyncObject.ts"

const NEEDED = Features.mtu | Features.streams

/** Whether both ends announce `Features.mtu` and `Features.streams`. */
export const isNegotiated = <Address, Local, Remote>({ sender }: State<Address, Local, Remote>): boolean =>
  Sender.areNegotiated(sender, NEEDED)

/** Whether the peer would answer a probe now. While it is in doubt where the peer is, nothing is probed. */
const canProbe = <Address, Local, Remote>(role: Role, state: State<Address, Local, Remote>): boolean =>
  isNegotiated(state) &&
  state.streams?.ended === undefined &&
  state.connection.paths.candidates.length === 0 &&
  Connection.canSendStreamPacket(role, state.connection)

/** When probes are to be sent. */
export const deadline = <Address, Local, Remote>(role: Role, state: State<Address, Local, Remote>): Millis =>
  state.mtu.due !== undefined && canProbe(role, state) ? -Infinity : Infinity

/** Uses the limit. If it fell, everything in flight that is not acknowledged is sent again. */
const update = <Address, Local, Remote>(step: Step<Address, Local, Remote>, mtu: PathMtu.PathMtu): void => {
  const { state } = step
  if (mtu === state.mtu) return
  const before = PathMtu.instructionLimit(state.mtu)
  const after = PathMtu.instructionLimit(mtu)
  state.mtu = mtu
  if (after === before) return
  stepConnection(step, { _tag: "Limit", bytes: after })
  if (after < before) inform(step, { _tag: "DatagramsTooLarge" })
}

/** Datagrams take another path now: what was learned of the former one is void. */
export const pathChanged = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  update(step, PathMtu.init(familyAt(step)))
}

/** Server: the peer's address became known. */
export const attached = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  familyIs(step, familyAt(step))
}

/**
 * IPv6, whose headers leave less room, if datagrams ever went to such an address: an end with sockets of both families may
 * return to it.
 */
const familyAt = <Address, Local, Remote>({ parts, state }: Step<Address, Local, Remote>): Family => {
  const to = destination(state)
  return to === undefined || parts.familyOf?.(to) !== "IPv6" ? state.mtu.family : "IPv6"
}

type Family = PathMtu.PathMtu["family"]

/** Where stream packets go, if that is known. */
const destination = <Address, Local, Remote>({ connection }: State<Address, Local, Remote>): Address | undefined =>
  connection.paths.peer?.address ?? connection.clientPaths.current?.address

/** Client: datagrams go to addresses of this family, or of both, if it is IPv6. */
export const familyIs = <Address, Local, Remote>(step: Step<Address, Local, Remote>, family: Family): void => {
  if (family !== step.state.mtu.family) update(step, PathMtu.init(family))
}

/** The network refused a datagram of so many bytes as too large. */
export const refused = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  bytes: number | undefined
): void => {
  update(step, PathMtu.refused(step.state.mtu, bytes, step.now))
}

/** An instruction is about to be sent: uses small datagrams if it timed out again and again. */
export const beforeInstruction = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  const { connection, mtu, sender } = step.state
  const { path, retransmission } = sender
  if (retransmission.timeouts < PathMtu.TIMEOUTS || mtu.states.length === 0) return
  const isLossy = isNegotiated(step.state) || Retransmission.redundancy(retransmission, path.estimate) > 1
  const { srtt = Infinity } = path.estimate
  const { echoedAt, receivedAt: heardAt } = connection
  const timeout = { timeouts: retransmission.timeouts, echoedAt, heardAt, srtt, isLossy }
  const next = PathMtu.timedOut(mtu, timeout, step.now)
  step.state.mtu = next
  stepConnection(step, { _tag: "Limit", bytes: PathMtu.instructionLimit(next) })
}

/** An instruction was sent in these datagrams. `isCopied`: to several addresses, of which perhaps one is the peer's. */
export const instructionSent = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  { diff, newNumber }: Instruction,
  datagrams: ReadonlyArray<PathMtu.Sent>,
  isCopied: boolean
): void => {
  const { state } = step
  if (diff.length === 0) return
  const isProbing = !isCopied && canProbe(step.parts.role, state)
  update(step, PathMtu.stateSent(state.mtu, newNumber, datagrams, isProbing, step.now))
}

/** The peer acknowledged the state `number`. */
export const stateAcknowledged = <Address, Local, Remote>(step: Step<Address, Local, Remote>, number: bigint): void => {
  update(step, PathMtu.stateAcknowledged(step.state.mtu, number, step.now))
}

/** A stream packet arrived for the first time, and the streams have processed it. */
export const received = <Address, Local, Remote>(step: Step<Address, Local, Remote>, payload: Uint8Array): void => {
  const { streams } = step.state
  if (streams === undefined || !isNegotiated(step.state)) return
  if (streams.largeLoss.count >= LOSSES) {
    streams.largeLoss = { count: 0, bytes: Infinity }
    update(step, PathMtu.suspect(step.state.mtu, step.now))
  }
  if (!PathMtu.isWaiting(step.state.mtu, step.now) || streams.ended !== undefined) return
  for (const frame of StreamPacket.decode(payload) ?? [])
    if (frame._tag === "Ack") update(step, PathMtu.acknowledged(step.state.mtu, frame.ranges, step.now))
}

/** Large packets that streams lose, while none of that size arrives, before the path's limit is suspect. */
const LOSSES = 3

/** A stream filled a packet: larger ones may pass. */
export const streamBusy = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  const { parts, state } = step
  if (!canProbe(parts.role, state)) return
  const to = destination(state)
  const isLoopback = to !== undefined && parts.isLoopback?.(to) === true
  update(step, PathMtu.streamBusy(state.mtu, PathMtu.largest(state.mtu, isLoopback), step.now))
}

/** Sends the probes that are due, unless the sender has something to decide or to send first. */
export const transmit = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  const { parts, state } = step
  const { due } = state.mtu
  if (due === undefined || step.ended !== undefined || state.unsettled || !canProbe(parts.role, state)) return
  if (parts.sender.deadline(state.sender) <= step.now) return
  const probes: Array<PathMtu.Sent> = []
  for (const bytes of due.sizes) {
    const number = probe(step, bytes)
    if (number === undefined) return
    probes.push({ number, bytes })
  }
  const marker = probe(step, 0)
  if (marker === undefined) return
  const { rtt } = state.connection
  const until = step.now + 2 * Math.max(Rtt.rto(rtt), rtt.srtt ?? 0)
  state.mtu = PathMtu.probesSent(state.mtu, probes, marker, until)
}

/** Sends a probe of so many bytes, or of the least. Returns its number; `undefined` if the key's limits do not allow it. */
const probe = <Address, Local, Remote>(step: Step<Address, Local, Remote>, bytes: number): number | undefined => {
  const payload = StreamPacket.padded([{ _tag: "Ping" }], bytes - Connection.STREAM_OVERHEAD)
  const number = Connection.streamPacketNumber(step.parts.role, step.state.connection, step.now)
  if (!EndpointStreams.transmitPacket(step, number, payload)) return undefined
  EndpointStreams.stateSent(step, number, payload.length + Connection.STREAM_OVERHEAD)
  return number
}
