/**
 * One end of an SSP session as one machine: it keeps a local object in step with the peer's copy, and a copy of the
 * peer's object, over datagrams that the network may lose, repeat, reorder and forge.
 *
 * It composes `Connection` (packets, paths, round trip), `Receiver`, `Sender` and, between two of our ends, `Streams`. A
 * datagram passes through them in a fixed order, and the order is part of the protocol:
 *
 * 1. The packet is authenticated and counted before anything in it is believed.
 * 2. Receiving a packet is recorded (`PacketReceived`) before the instruction in it is delivered: the answer to a peer that was
 *    out of reach is due at once.
 * 3. The acknowledgement in an instruction is applied before its difference: the difference may answer what it
 *    acknowledges.
 * 4. Acknowledgements are applied before the new round-trip estimate and the new path: what arrived in time by the
 *    estimate of that time must not become late by the new one.
 * 5. The sender decides what to send after the program has reacted to the datagram: the machine is due at once, and the
 *    program's `Publish` or the next `Tick` sends. So an acknowledgement and the program's response share one
 *    instruction.
 * 6. Everything that a step sends is sealed last, when packet number, timestamps and path are up to date.
 * 7. Stream packets come after states. `Streams` receives a packet at the point where an instruction would be
 *    delivered, and a new path after the acknowledgements in the packet that revealed it. A step sends stream packets
 *    only when the program has reacted to the last datagram and the sender has no instruction due: keystrokes and
 *    screens never wait for a stream. To a peer that has not announced `Features.streams`, no stream packet is sent and
 *    no timer is set for one.
 *
 * Cipher and compressor are functions of the caller. With deterministic ones, `step` is deterministic; `chaff` is the
 * only source of randomness. The state's `streams` belong to `step`, which changes them in place (see `Streams`); a former
 * state must not be used again where this end announces streams. Source: spec 2 to 6, docs/spec/streams.md.
 */
import * as Result from "effect/Result"
import * as Nonce from "../crypto/Nonce.ts"
import type { Machine, Millis } from "../Machine.ts"
import * as Instruction from "../wire/Instruction.ts"
import * as InstructionContents from "../wire/InstructionContents.ts"
import type * as Streams from "../streams/Streams.ts"
import type * as StreamsState from "../streams/State.ts"
import type { Candidate } from "./path/ClientPaths.ts"
import * as Connection from "./Connection.ts"
import type { DropReason } from "./DropReason.ts"
import type { EndReason } from "./EndReason.ts"
import * as EndpointIds from "./EndpointIds.ts"
import * as EndpointMtu from "./EndpointMtu.ts"
import * as EndpointSending from "./EndpointSending.ts"
import { drop, inform, type Step, stepConnection } from "./EndpointStep.ts"
import * as EndpointStreams from "./EndpointStreams.ts"
import * as PathMtu from "./path/PathMtu.ts"
import * as Receiver from "./Receiver.ts"
import type { Role } from "./Role.ts"
import * as Sender from "./sender/Sender.ts"
import { schedule } from "./sender/SenderSchedule.ts"
import type { Features, SyncObject } from "./SyncObject.ts"

/** Bytes of a large instruction, after decompression. */
export const LARGE = 65_536

export type Input<Address, Local> =
  /** A datagram as it arrived. `congested`: a router marked it (ECN, spec 2.8). */
  | {
      readonly _tag: "Datagram"
      readonly datagram: Uint8Array
      readonly source: Address
      readonly socket: number
      readonly congested: boolean
    }
  /** `state` is the current local state. Ignored once the shutdown has begun. */
  | { readonly _tag: "Publish"; readonly state: Local }
  /** The network refused a datagram as too large (EMSGSIZE): of so many bytes, if that is known. */
  | { readonly _tag: "TooLarge"; readonly bytes?: number | undefined }
  /** The peer's host refused a datagram: the port is closed (ICMP port unreachable). `from`: its address, if known. */
  | { readonly _tag: "Refused"; readonly from?: Address | undefined }
  /** The host was suspended, or its addresses changed: datagrams in flight are lost, and the peer may not know where we are. */
  | { readonly _tag: "PathChanged" }
  /**
   * Client: the addresses at which the server may be, in order of preference, at least one. Ignored if there is none.
   * `family`: IPv6 if one of them is.
   */
  | {
      readonly _tag: "Candidates"
      readonly candidates: ReadonlyArray<Candidate<Address>>
      readonly family: "IPv4" | "IPv6"
    }
  /** An application's request to its streams. Ignored if this end does not announce `Features.streams`. */
  | { readonly _tag: "Stream"; readonly input: Streams.ApplicationInput }
  /** Starts the shutdown handshake. Further ones do nothing. */
  | { readonly _tag: "Shutdown" }
  | { readonly _tag: "Tick" }

export type Output<Address, Remote> =
  /** A sealed datagram. `to` is `undefined` on a client without candidates. */
  | {
      readonly _tag: "Send"
      readonly datagram: Uint8Array
      readonly socket: number
      readonly to: Address | undefined
    }
  | { readonly _tag: "OpenSocket"; readonly socket: number }
  | { readonly _tag: "CloseSocket"; readonly socket: number }
  /** An authentic packet arrived that is newer than all before. A replay gives none. */
  | { readonly _tag: "PacketReceived" }
  /** The peer acknowledged something. */
  | { readonly _tag: "Acknowledged" }
  /** The newest remote state changed. */
  | ({ readonly _tag: "RemoteChanged" } & Receiver.RemoteState<Remote>)
  /** The round-trip estimate changed. Not reported for stream packets. */
  | { readonly _tag: "RoundTripChanged"; readonly srtt: number | undefined }
  /** A peer address became known, or was forgotten. */
  | { readonly _tag: "Attached"; readonly attached: boolean }
  /** The client's address changed (server), or its own port (client). */
  | { readonly _tag: "Roamed" }
  /** Client: the session uses another of the server's addresses. */
  | { readonly _tag: "Moved" }
  /** Client: the server has been silent for long. Resolve its name again, and report the addresses by `Candidates`. */
  | { readonly _tag: "LookUp" }
  /** An instruction of 64 KiB or more was received: let keystrokes and timers have their turn before the next datagram. */
  | { readonly _tag: "LargeReceived" }
  /**
   * Server: the client's newest packet is of this block, and later ones may carry connection ids of it and of the next ones
   * (`ConnectionId.expected`).
   */
  | { readonly _tag: "BlockReached"; readonly block: number }
  | { readonly _tag: "Dropped"; readonly direction: Direction; readonly reason: DropReason }
  /**
   * Whether both ends support streams. Emitted once, when the peer's features are known, and only if this end announces
   * streams.
   */
  | { readonly _tag: "StreamsNegotiated"; readonly isSupported: boolean }
  /** An event of a stream. */
  | { readonly _tag: "Stream"; readonly event: StreamEvent }
  /** The last output of all. */
  | { readonly _tag: "Ended"; readonly reason: EndReason }

/** An output of `Streams` for applications. */
export type StreamEvent = Exclude<Streams.Output, { readonly _tag: "Packet" | "Dropped" }>

/** Whether a datagram was dropped on arrival or before it was sent. */
export type Direction = "receiving" | "sending"

export interface State<Address, Local, Remote> {
  readonly connection: Connection.State<Address>
  readonly sender: Sender.State<Local>
  readonly receiver: Receiver.State<Remote>
  /** The instruction that was sent last, and the contents of its fragments: sent again, it has the same bytes (spec 3.2). */
  readonly encoded: { readonly instruction: Instruction.Instruction; readonly contents: Uint8Array } | undefined
  /** Reliable streams; `undefined` if this end does not announce them. Changed in place by `step`. */
  readonly streams: StreamsState.State | undefined
  /** The path whose round trip `streams` measures (`Connection.pathName`). */
  readonly streamPath: bigint
  /** The size of datagrams that the path carries. */
  readonly mtu: PathMtu.PathMtu
  readonly ids: EndpointIds.Ids
  /** Whether the sender or the streams have accepted an input and not yet decided what to send. */
  readonly unsettled: boolean
  readonly ended: EndReason | undefined
}

/** AES-128-OCB under the session's key; see the service `PacketCipher`. */
export interface Cipher {
  readonly seal: (nonce: bigint, plaintext: Uint8Array) => Uint8Array
  readonly open: (datagram: Uint8Array) => { readonly nonce: bigint; readonly plaintext: Uint8Array } | undefined
  readonly chaff: () => Uint8Array
  /** Absent: this end neither sends nor receives connection ids. */
  readonly connectionId?: ((block: number) => number) | undefined
}

/** Bounded zlib; see the service `Compression`. */
export interface Compressor {
  readonly deflate: (bytes: Uint8Array) => Uint8Array | undefined
  readonly inflate: (bytes: Uint8Array) => Uint8Array | undefined
}

export interface Options<Address, Local, Remote> {
  readonly role: Role
  readonly addressEquals: (a: Address, b: Address) => boolean
  readonly local: SyncObject<Local>
  readonly remote: SyncObject<Remote>
  readonly cipher: Cipher
  readonly compressor: Compressor
  /** Whether an address is on this host: then very large datagrams are tried. Default: no. */
  readonly isLoopback?: (to: Address) => boolean
  /** The family of an address. Default: that of the sockets. */
  readonly familyOf?: (to: Address) => "IPv4" | "IPv6"
}

export interface InitialOptions<Address, Local, Remote> {
  readonly role: Role
  /** State number 0 of each direction, on which both ends agree. */
  readonly local: Local
  readonly remote: Remote
  /** What this end understands beyond stock mosh. */
  readonly features: Features
  /** How long a new local state waits for more changes, ms. */
  readonly minDelay: Millis
  /** Whether the peer's address is known from the start, as on a client. */
  readonly attached: boolean
  /** Client: the addresses at which the server may be, in order of preference. Default: the caller knows the only one. */
  readonly candidates?: ReadonlyArray<Candidate<Address>>
  /** The address family of the sockets: IPv6 if one of several is. */
  readonly family: "IPv4" | "IPv6"
  readonly now: Millis
}

export const init = <Address, Local, Remote>(
  options: InitialOptions<Address, Local, Remote>
): State<Address, Local, Remote> => {
  const { attached, candidates = [], family, features, local, minDelay, now, remote, role } = options
  const streams = EndpointStreams.init(role, features, now)
  return {
    connection: Connection.init({ candidates, family, now, readsStreamPackets: streams !== undefined }),
    sender: Sender.init({ role, initial: local, features, minDelay, attached, now }),
    receiver: Receiver.init({ initial: remote, now }),
    encoded: undefined,
    streams,
    streamPath: 0n,
    mtu: PathMtu.init(family),
    ids: EndpointIds.INITIAL,
    unsettled: false,
    ended: undefined
  }
}

export const machine = <Address, Local, Remote>(
  options: Options<Address, Local, Remote>
): Machine<State<Address, Local, Remote>, Input<Address, Local>, Output<Address, Remote>> => {
  const parts = {
    ...options,
    connection: Connection.machine(options),
    sender: Sender.machine(options.local),
    receiver: Receiver.machine(options.remote)
  }
  return {
    step: (state, input, now) => {
      if (state.ended !== undefined) return [state, []]
      const step: Step<Address, Local, Remote> = {
        parts,
        now,
        state: { ...state },
        outputs: [],
        instructions: [],
        ended: undefined
      }
      accept(step, input)
      if (step.state.unsettled) plan(step)
      for (const instruction of step.instructions) EndpointSending.transmit(step, instruction)
      if (input._tag !== "Datagram") {
        EndpointMtu.transmit(step)
        if (EndpointStreams.transmit(step)) EndpointMtu.streamBusy(step)
      }
      if (step.ended !== undefined) {
        step.outputs.push({ _tag: "Ended", reason: step.ended })
        step.state.ended = step.ended
      }
      return [step.state, step.outputs]
    },
    deadline: (state) => {
      if (state.ended !== undefined) return Infinity
      if (state.unsettled) return -Infinity
      return Math.min(
        parts.sender.deadline(state.sender),
        parts.connection.deadline(state.connection),
        EndpointMtu.deadline(options.role, state),
        EndpointStreams.deadline(options.role, state)
      )
    }
  }
}

const accept = <Address, Local, Remote>(step: Step<Address, Local, Remote>, input: Input<Address, Local>): void => {
  switch (input._tag) {
    case "Datagram":
      return receiveDatagram(step, input)
    case "TooLarge":
      return EndpointMtu.refused(step, input.bytes)
    case "Tick":
      EndpointStreams.tick(step)
      if (step.state.unsettled) settle(step)
      else stepSender(step, input)
      return pathsChanged(step, stepConnection(step, input))
    case "Stream":
      return EndpointStreams.accept(step, input.input)
    // A server does not move, so its port is closed for good. A client may only have left the address that refuses.
    case "Refused":
      return isServerClosed(step, input.from) ? stepSender(step, { _tag: "Refused" }) : undefined
    case "PathChanged":
      EndpointMtu.pathChanged(step)
      EndpointStreams.pathChanged(step)
      stepConnection(step, input)
      return stepSender(step, input)
    case "Candidates":
      EndpointMtu.familyIs(step, input.family)
      pathsChanged(step, stepConnection(step, input))
      return EndpointStreams.followPath(step)
    case "Publish":
    case "Shutdown":
      return stepSender(step, input)
  }
}

/** Client: whether a refusal from this address shows that the server has ended. */
const isServerClosed = <Address, Local, Remote>(
  { parts, state }: Step<Address, Local, Remote>,
  from: Address | undefined
): boolean => {
  const { current } = state.connection.clientPaths
  return parts.role === "Client" && (!from || !current || parts.addressEquals(from, current.address))
}

/** Client: sends on further paths at once, unless this step sends an instruction in any case. */
const pathsChanged = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  outputs: ReadonlyArray<Connection.Output<Address>>
): void => {
  for (const output of outputs) {
    if (output._tag === "Moved") {
      EndpointMtu.pathChanged(step)
      step.outputs.push(output)
    }
    if (output._tag !== "Attached" || step.ended !== undefined || step.instructions.length > 0) continue
    stepSender(step, output)
  }
}

const receiveDatagram = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  { congested, datagram, socket, source }: Extract<Input<Address, Local>, { _tag: "Datagram" }>
): void => {
  const limit = EndpointMtu.isNegotiated(step.state) ? PathMtu.MAX : Connection.MAX_DATAGRAM
  if (datagram.length > limit) return drop(step, "receiving", "oversize")
  const opened = open(step, datagram)
  if (typeof opened === "string") return drop(step, "receiving", opened)
  let isStreamPacket = false
  for (const output of stepConnection(step, { _tag: "Arrived", ...opened, source, socket, congested })) {
    switch (output._tag) {
      case "PacketReceived":
        step.outputs.push(output)
        inform(step, output)
        break
      case "Numbered":
        isStreamPacket = output.streamPacket !== undefined
        EndpointStreams.received(step, output)
        if (output.streamPacket !== undefined) EndpointMtu.received(step, output.streamPacket)
        break
      case "Deliver":
        receiveInstruction(step, output.contents)
        break
      case "RoundTrip":
        inform(step, output)
        // A transfer would report thousands of estimates a second. The next instruction reports the estimate of its
        // time.
        if (!isStreamPacket) step.outputs.push({ _tag: "RoundTripChanged", srtt: output.estimate.srtt })
        break
      case "Attached":
        EndpointMtu.attached(step)
        step.outputs.push(output)
        inform(step, output)
        break
      case "Roamed":
      case "Moved":
        EndpointMtu.pathChanged(step)
        step.outputs.push(output)
        break
      case "OpenSocket":
      case "CloseSocket":
        step.outputs.push(output)
        break
      case "Dropped":
        drop(step, "receiving", output.reason)
        break
      case "Datagram":
      case "KeyExhausted":
      case "LookUp":
        break
    }
  }
  EndpointStreams.followPath(step)
  EndpointIds.received(step)
}

/** Checks that need no key come first: a flood of garbage costs no decryption. */
const open = <Address, Local, Remote>(
  { parts, state }: Step<Address, Local, Remote>,
  datagram: Uint8Array
): { readonly nonce: bigint; readonly plaintext: Uint8Array } | DropReason => {
  if (datagram.length < Connection.SEAL) return "short"
  if (!Nonce.hasNoId(datagram) && !EndpointIds.areReceived(parts.role, state)) return "unauthentic"
  return parts.cipher.open(datagram) ?? "unauthentic"
}

const receiveInstruction = <Address, Local, Remote>(step: Step<Address, Local, Remote>, contents: Uint8Array): void => {
  const bytes = InstructionContents.decode(contents, step.parts.compressor.inflate)
  if (bytes === undefined) return drop(step, "receiving", "compression")
  if (bytes.length >= LARGE) step.outputs.push({ _tag: "LargeReceived" })
  const instruction = Instruction.decode(bytes)
  if (Result.isFailure(instruction)) return drop(step, "receiving", instruction.failure)
  const [receiver, outputs] = step.parts.receiver.step(step.state.receiver, instruction.success, step.now)
  step.state.receiver = receiver
  for (const output of outputs) {
    switch (output._tag) {
      case "PeerAcknowledged":
        inform(step, output)
        stepConnection(step, { _tag: "RoundTripSuccess", sentAt: Sender.acknowledged(step.state.sender).at })
        EndpointMtu.stateAcknowledged(step, output.number)
        EndpointIds.stateAcknowledged(step, output.number)
        step.outputs.push({ _tag: "Acknowledged" })
        break
      case "PeerFeatures":
        inform(step, output)
        EndpointStreams.negotiated(step)
        break
      case "PeerLoss":
      case "Received":
      case "DuplicateNewest":
        inform(step, output)
        break
      case "RemoteChanged":
        EndpointStreams.remoteChanged(step)
        step.outputs.push(output)
        break
      case "Dropped":
        drop(step, "receiving", output.reason)
        break
    }
  }
}

/** Sets the sender's timers, which `Transport.wait` reads, although the sender has not yet decided what to send. */
const plan = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void => {
  step.state.sender = schedule(step.parts.local, step.state.sender, step.now)
}

const settle = <Address, Local, Remote>(step: Step<Address, Local, Remote>): void =>
  sendFrom(step, Sender.settle(step.parts.local, step.state.sender, step.now))

const stepSender = <Address, Local, Remote>(step: Step<Address, Local, Remote>, input: Sender.Input<Local>): void =>
  sendFrom(step, step.parts.sender.step(step.state.sender, input, step.now))

const sendFrom = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  [sender, outputs]: readonly [Sender.State<Local>, ReadonlyArray<Sender.Output>]
): void => {
  step.state.sender = sender
  step.state.unsettled = false
  for (const output of outputs) {
    if (output._tag === "Send") step.instructions.push(output.instruction)
    else step.ended = output.reason
  }
}
