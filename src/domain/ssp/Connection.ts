/**
 * The datagram layer of SSP over an authenticated cipher: it numbers and timestamps what it sends, measures the round
 * trip, follows a client that changes its address, and cuts instructions into datagrams.
 *
 * A socket is a number here: a client opens and closes sockets by outputs, and a server has one, number 0. There is one
 * timer, for a client that knows several addresses of its server (`ClientPaths`). All other ages are checked whenever
 * something is sent or received. Source: spec 2, 3.
 */
import * as Nonce from "../crypto/Nonce.ts"
import type { Machine, Millis } from "../Machine.ts"
import * as ClientPaths from "./path/ClientPaths.ts"
import * as Fragment from "../wire/Fragment.ts"
import * as FragmentAssembly from "../wire/FragmentAssembly.ts"
import * as Packet from "../wire/Packet.ts"
import * as StreamPacket from "../wire/streams/StreamPacket.ts"
import * as Timestamp16 from "../wire/Timestamp16.ts"
import { instructionDestinations, SEAL, sendPackets, transmitStreamPacket } from "./ConnectionSending.ts"
import type { DropReason } from "./DropReason.ts"
import * as Loss from "./path/Loss.ts"
import type { PathEstimate } from "./path/PathEstimate.ts"
import * as PathMtu from "./path/PathMtu.ts"
import * as PathValidation from "./path/PathValidation.ts"
import * as ReplayWindow from "./ReplayWindow.ts"
import type { Role } from "./Role.ts"
import * as Rtt from "./path/Rtt.ts"
import * as Timing from "./Timing.ts"
import type { FragmentId, PacketNumber } from "../wire/Numbers.ts"

export {
  canSendStreamPacket,
  MAX_BLOCKS,
  pathName,
  SEAL,
  STREAM_OVERHEAD,
  streamPacketNumber
} from "./ConnectionSending.ts"

export type Input<Address> =
  /** A datagram that the cipher opened. `congested`: a router marked it (ECN). */
  | {
      readonly _tag: "Arrived"
      readonly nonce: bigint
      readonly plaintext: Uint8Array
      readonly source: Address
      readonly socket: number
      readonly congested: boolean
    }
  /**
   * Sends the contents of an instruction (`InstructionContents`), if there is an address to send to. The same bytes as last time
   * become the same fragments, so that those which the peer holds already remain useful (spec 3.2).
   */
  | { readonly _tag: "Transmit"; readonly contents: Uint8Array }
  /** Sends a stream packet in a datagram of its own. Its packet number is `streamPacketNumber` of the state before. */
  | { readonly _tag: "TransmitStreamPacket"; readonly payload: Uint8Array }
  /** The path carries instructions in datagrams of at most so many bytes (`PathMtu`). */
  | { readonly _tag: "Limit"; readonly bytes: number }
  /** An instruction was received: when the newest state that the peer acknowledged was last sent. */
  | { readonly _tag: "RoundTripSuccess"; readonly sentAt: Millis }
  /** Client: the addresses at which the server may be, in order of preference. */
  | { readonly _tag: "Candidates"; readonly candidates: ReadonlyArray<ClientPaths.Candidate<Address>> }
  /** The host was suspended, or its addresses changed. */
  | { readonly _tag: "PathChanged" }
  | { readonly _tag: "Tick" }

export type Output<Address> =
  /** A packet to seal and send. `to` is `undefined` on a client without candidates. */
  | {
      readonly _tag: "Datagram"
      readonly nonce: bigint
      readonly plaintext: Uint8Array
      readonly socket: number
      readonly to: Address | undefined
    }
  /** A packet arrived that is newer than all before. Emitted before `Deliver`, and never for a replay. */
  | { readonly _tag: "PacketReceived" }
  /**
   * A packet arrived for the first time. Emitted after `PacketReceived` and before `Deliver`, only if this end reads
   * stream packets. `streamPacket` is its payload; `undefined` if that is a fragment.
   */
  | { readonly _tag: "Numbered"; readonly number: number; readonly streamPacket: Uint8Array | undefined }
  /** The complete contents of an instruction. */
  | { readonly _tag: "Deliver"; readonly contents: Uint8Array }
  /** Opens a further socket, on a port of its own. Later datagrams are sent from it. */
  | { readonly _tag: "OpenSocket"; readonly socket: number }
  | { readonly _tag: "CloseSocket"; readonly socket: number }
  /**
   * The path estimate changed. Emitted after `Deliver`: the packet's acknowledgement is judged by the former estimate.
   */
  | { readonly _tag: "RoundTrip"; readonly estimate: PathEstimate }
  /** `true`: there is a further address to send to. `false`: there is none any more. Emitted after `Deliver`. */
  | { readonly _tag: "Attached"; readonly attached: boolean }
  /** Server: the client's address changed. */
  | { readonly _tag: "Roamed" }
  /** Client: another candidate is the current path. */
  | { readonly _tag: "Moved" }
  /** Client: the server's name is to be resolved again. */
  | { readonly _tag: "LookUp" }
  | { readonly _tag: "Dropped"; readonly reason: DropReason }
  /** The key or the packet numbers are exhausted. Nothing more is sent. */
  | { readonly _tag: "KeyExhausted" }

export interface State<Address> {
  /** The packet number of the next datagram. */
  readonly nextSequence: PacketNumber
  /** 16-byte blocks encrypted so far. */
  readonly blocks: number
  readonly exhausted: boolean
  /** Which of the peer's packets were received. Those from its `next` on are newer than all before. */
  readonly window: ReplayWindow.ReplayWindow
  /** Which share of them is lost. */
  readonly loss: Loss.Loss
  /** The peer's timestamp that waits to be echoed, and when it was received. */
  readonly saved: { readonly timestamp: Timestamp16.Timestamp16; readonly at: Millis } | undefined
  readonly rtt: Rtt.Rtt
  readonly assembly: FragmentAssembly.FragmentAssembly
  readonly nextFragmentId: FragmentId
  /** Whether this end reads stream packets. If not, they are malformed fragments, as for a stock peer. */
  readonly readsStreamPackets: boolean
  /** The contents that were sent last. */
  readonly contents: Uint8Array | undefined
  /** The maximum size of the datagrams of an instruction, bytes. */
  readonly datagramLimit: number
  /** Server: where the client is, and where it may be. */
  readonly paths: PathValidation.Paths<Address>
  /** Client: where the server is, and where it may be. */
  readonly clientPaths: ClientPaths.ClientPaths<Address>
  /** When a packet was received that was newer than all before. */
  readonly receivedAt: Millis
  /** When such a packet last echoed a timestamp of ours. */
  readonly echoedAt: Millis
  /** The open sockets, oldest first; the last one is sent from. */
  readonly sockets: ReadonlyArray<number>
  readonly portChosenAt: Millis
  readonly roundTripAt: Millis
}

export interface Options<Address> {
  /** Where the server may be, in order of preference. Default: one address, which only the caller knows. */
  readonly candidates?: ReadonlyArray<ClientPaths.Candidate<Address>>
  /** The protocol of the sockets: it decides how large a datagram may be (spec 2.10). */
  readonly family: "IPv4" | "IPv6"
  readonly now: Millis
  /** Blocks already encrypted with this key, 0 for a new one. */
  readonly blocks?: number
  /** Whether this end reads stream packets. Default: no. */
  readonly readsStreamPackets?: boolean
}

/** Longer datagrams are dropped unexamined (spec 2.3), except between two ends with `Features.mtu`. */
export const MAX_DATAGRAM = 2048

/** What a datagram has besides the contents of its fragment. */
const OVERHEAD = SEAL + Packet.HEADER + Fragment.HEADER

export const init = <Address>(options: Options<Address>): State<Address> => ({
  nextSequence: 0n,
  blocks: options.blocks ?? 0,
  exhausted: false,
  window: ReplayWindow.NONE,
  loss: Loss.NONE,
  saved: undefined,
  rtt: Rtt.INITIAL,
  assembly: FragmentAssembly.EMPTY,
  nextFragmentId: 1n,
  readsStreamPackets: options.readsStreamPackets ?? false,
  contents: undefined,
  datagramLimit: PathMtu.BASE[options.family],
  paths: PathValidation.none(),
  clientPaths: ClientPaths.init(options.candidates ?? [], options.now),
  receivedAt: -Infinity,
  echoedAt: -Infinity,
  sockets: [0],
  portChosenAt: options.now,
  roundTripAt: -Infinity
})

export interface MachineOptions<Address> {
  readonly role: Role
  readonly addressEquals: (a: Address, b: Address) => boolean
}

export const machine = <Address>(
  options: MachineOptions<Address>
): Machine<State<Address>, Input<Address>, Output<Address>> => ({
  step: (state, input, now) => {
    const outputs: Array<Output<Address>> = []
    switch (input._tag) {
      case "Arrived":
        return [arrive(options, state, input, now, outputs), outputs]
      case "Transmit":
        return [transmit(options.role, state, input.contents, now, outputs), outputs]
      case "TransmitStreamPacket":
        return [transmitStreamPacket(options.role, state, input.payload, now, outputs), outputs]
      case "Limit":
        return [limit(state, input.bytes), outputs]
      case "RoundTripSuccess":
        return [{ ...state, roundTripAt: input.sentAt }, outputs]
      case "Candidates":
        return [replaceCandidates(options, state, input, now, outputs), outputs]
      case "PathChanged":
        return [{ ...state, clientPaths: ClientPaths.disrupted(state.clientPaths, now) }, outputs]
      case "Tick":
        return [tick(state, now, outputs), outputs]
    }
  },
  deadline: ({ clientPaths }) => ClientPaths.deadline(clientPaths)
})

const replaceCandidates = <Address>(
  options: MachineOptions<Address>,
  state: State<Address>,
  { candidates }: Extract<Input<Address>, { _tag: "Candidates" }>,
  now: Millis,
  outputs: Array<Output<Address>>
): State<Address> => {
  if (options.role === "Server") return state
  const { receivedAt } = state
  const clientPaths = ClientPaths.replace(state.clientPaths, options.addressEquals, candidates, receivedAt, now)
  const isMoved = clientPaths.moves !== state.clientPaths.moves
  if (isMoved) outputs.push({ _tag: "Moved" })
  if (isMoved || ClientPaths.isSearching(clientPaths, knowledge(state), now))
    outputs.push({ _tag: "Attached", attached: true })
  return { ...state, clientPaths }
}

/** Client: sends on further paths, if that is due. */
const tick = <Address>(state: State<Address>, now: Millis, outputs: Array<Output<Address>>): State<Address> => {
  const clientPaths = ClientPaths.tick(state.clientPaths, now)
  if (clientPaths === state.clientPaths) return state
  outputs.push({ _tag: "Attached", attached: true })
  return { ...state, clientPaths }
}

const limit = <Address>(state: State<Address>, bytes: number): State<Address> =>
  bytes === state.datagramLimit ? state : { ...state, datagramLimit: bytes, contents: undefined }

const transmit = <Address>(
  role: Role,
  state: State<Address>,
  contents: Uint8Array,
  now: Millis,
  outputs: Array<Output<Address>>
): State<Address> => {
  const destinations = instructionDestinations(role, state, now)
  if (state.exhausted || destinations.length === 0) return state
  const id = contents === state.contents ? state.nextFragmentId - 1n : state.nextFragmentId
  const fragments = Fragment.split(id, contents, state.datagramLimit - OVERHEAD).map(Fragment.encode)
  if (fragments.length > Fragment.MAX_NUMBER + 1) {
    outputs.push({ _tag: "Dropped", reason: "limit" })
    return state
  }
  const sent = sendPackets(role, state, fragments, destinations, now, outputs)
  if (sent.exhausted) return sent
  const clientPaths = ClientPaths.transmitted(sent.clientPaths, knowledge(sent), now)
  const numbered = { ...sent, clientPaths, nextFragmentId: id + 1n, contents }
  return role === "Server" ? forget(numbered, now, outputs) : lookUp(hop(numbered, now, outputs), now, outputs)
}

/** Client: the server's address may have changed. */
const lookUp = <Address>(state: State<Address>, now: Millis, outputs: Array<Output<Address>>): State<Address> => {
  const clientPaths = ClientPaths.lookUp(state.clientPaths, knowledge(state), now)
  if (clientPaths === undefined) return state
  outputs.push({ _tag: "LookUp" })
  return { ...state, clientPaths }
}

/** Server: forgets the address of a client that has been silent for long, after one last instruction (spec 1.9). */
const forget = <Address>(state: State<Address>, now: Millis, outputs: Array<Output<Address>>): State<Address> => {
  if (now - state.receivedAt <= Timing.PEER_LIFE) return state
  outputs.push({ _tag: "Attached", attached: false })
  return { ...state, paths: { ...PathValidation.none(), nextOffset: state.paths.nextOffset } }
}

/** Client: opens another port while nothing is acknowledged: a NAT may have forgotten this one (spec 2.7). */
const hop = <Address>(state: State<Address>, now: Millis, outputs: Array<Output<Address>>): State<Address> => {
  if (now - state.portChosenAt <= Timing.PORT_HOP || now - state.roundTripAt <= Timing.PORT_HOP) return state
  const socket = (state.sockets[state.sockets.length - 1] ?? 0) + 1
  outputs.push({ _tag: "OpenSocket", socket })
  return prune({ ...state, sockets: [...state.sockets, socket], portChosenAt: now }, now, outputs)
}

/** Client: closes older sockets, once the newest is old enough or there are too many (spec 2.7). */
const prune = <Address>(state: State<Address>, now: Millis, outputs: Array<Output<Address>>): State<Address> => {
  const open = now - state.portChosenAt > Timing.OLD_PORT_LIFE ? 1 : Timing.PORTS_OPEN
  if (state.sockets.length <= open) return state
  for (const socket of state.sockets.slice(0, -open)) outputs.push({ _tag: "CloseSocket", socket })
  return { ...state, sockets: state.sockets.slice(-open) }
}

const arrive = <Address>(
  options: MachineOptions<Address>,
  state: State<Address>,
  datagram: Extract<Input<Address>, { _tag: "Arrived" }>,
  now: Millis,
  outputs: Array<Output<Address>>
): State<Address> => {
  const drop = (reason: DropReason, next: State<Address>): State<Address> => {
    outputs.push({ _tag: "Dropped", reason })
    return next
  }
  if (Nonce.sender(datagram.nonce) === options.role) return drop("misdirected", state)
  const packet = Packet.decode(datagram.plaintext)
  if (packet === undefined) return drop("short", state)

  const sequence = Nonce.sequence(datagram.nonce)
  const isNews = sequence >= state.window.next
  const [paths, changes] = options.role === "Client" ? UNMOVED : locate(options, state, datagram, packet, now)
  if (!ReplayWindow.isFresh(state.window, sequence)) {
    const next = drop("late", paths === undefined || paths === state.paths ? state : { ...state, paths })
    announce(changes, outputs)
    return next
  }
  if (isNews) outputs.push({ _tag: "PacketReceived" })
  const counted = {
    ...state,
    window: ReplayWindow.add(state.window, sequence),
    loss: Loss.arrived(state.loss, sequence),
    paths: paths ?? state.paths,
    clientPaths: ClientPaths.received(
      state.clientPaths,
      options.addressEquals,
      { source: datagram.source, isNews },
      knowledge(state),
      now
    )
  }
  const isMoved = counted.clientPaths.moves !== state.clientPaths.moves
  const timed = isNews ? readTimestamps(counted, packet, datagram.congested, isMoved, now) : counted
  const assembled = deliver(timed, packet, sequence, !isNews, outputs)
  const { rtt } = timed
  if (rtt !== state.rtt) {
    // A loss counts from the session's first packet on: an unnecessary copy costs little.
    const estimate = { srtt: rtt.srtt, minRtt: rtt.minRtt, rto: Rtt.rto(rtt), loss: Loss.share(timed.loss, 1) }
    outputs.push({ _tag: "RoundTrip", estimate })
  }
  if (options.role === "Client") {
    if (isMoved) outputs.push({ _tag: "Moved" }, { _tag: "Attached", attached: true })
    return prune(assembled, now, outputs)
  }
  announce(changes, outputs)
  return assembled
}

/**
 * Keeps the timestamp of a packet for the echo, and samples the round trip by its reply (spec 2.4 to 2.6). `isMoved`: it is
 * the first packet on another path, so the former estimate is void.
 */
const readTimestamps = <Address>(
  state: State<Address>,
  packet: Packet.Packet,
  congested: boolean,
  isMoved: boolean,
  now: Millis
): State<Address> => {
  let { echoedAt, saved, rtt } = state
  if (packet.timestamp !== Timestamp16.NONE) {
    const timestamp = congested ? Timestamp16.add(packet.timestamp, -Timing.CONGESTION_PENALTY) : packet.timestamp
    saved = { timestamp, at: now }
  }
  if (packet.timestampReply !== Timestamp16.NONE) {
    const sampled = Rtt.sample(isMoved ? Rtt.INITIAL : rtt, roundTrip(state, packet.timestampReply, now))
    if (sampled.srtt !== undefined) rtt = sampled
    echoedAt = now
  }
  return { ...state, receivedAt: now, echoedAt, saved, rtt }
}

const deliver = <Address>(
  state: State<Address>,
  packet: Packet.Packet,
  sequence: PacketNumber,
  isLate: boolean,
  outputs: Array<Output<Address>>
): State<Address> => {
  if (!state.readsStreamPackets) return assemble(state, packet, isLate, outputs)
  const streamPacket = StreamPacket.isStreamPacket(packet.payload) ? packet.payload : undefined
  outputs.push({ _tag: "Numbered", number: Number(sequence), streamPacket })
  return streamPacket === undefined ? assemble(state, packet, isLate, outputs) : state
}

const assemble = <Address>(
  state: State<Address>,
  packet: Packet.Packet,
  isLate: boolean,
  outputs: Array<Output<Address>>
): State<Address> => {
  const fragment = Fragment.decode(packet.payload)
  if (fragment === undefined) {
    outputs.push({ _tag: "Dropped", reason: "fragment" })
    return state
  }
  const [assembly, outcome] = FragmentAssembly.add(state.assembly, fragment, isLate)
  if (outcome._tag === "Complete") outputs.push({ _tag: "Deliver", contents: outcome.contents })
  if (outcome._tag === "Dropped") outputs.push({ _tag: "Dropped", reason: outcome.reason })
  return assembly === state.assembly ? state : { ...state, assembly }
}

/** A server's timestamps run ahead of its clock by the offset of the path. */
const roundTrip = <Address>(state: State<Address>, reply: Timestamp16.Timestamp16, now: Millis): Millis =>
  state.paths.peer === undefined
    ? Timestamp16.since(Timestamp16.at(now), reply)
    : (PathValidation.roundTrip(state.paths, reply, now)?.time ?? Infinity)

type Located<Address> = readonly [
  paths: PathValidation.Paths<Address> | undefined,
  changes: ReadonlyArray<PathValidation.Change>
]

const UNMOVED: Located<never> = [undefined, []]

const knowledge = <Address>({ roundTripAt, rtt }: State<Address>): ClientPaths.Knowledge => ({
  rto: Rtt.rto(rtt),
  roundTripAt
})

/** Server: records the source of a datagram (spec 2.7), even of a replay, which shows that copies are being forwarded. */
const locate = <Address>(
  options: MachineOptions<Address>,
  state: State<Address>,
  { nonce, plaintext, socket, source }: Extract<Input<Address>, { _tag: "Arrived" }>,
  packet: Packet.Packet,
  now: Millis
): Located<Address> => {
  const sequence = Nonce.sequence(nonce)
  const isNews = sequence >= state.window.next
  const arrival = {
    address: source,
    socket,
    sequence,
    isNews,
    isCopy: !ReplayWindow.isFresh(state.window, sequence),
    bytes: plaintext.length + SEAL,
    reply: isNews ? packet.timestampReply : Timestamp16.NONE
  }
  return PathValidation.arrived(state.paths, options.addressEquals, arrival, now)
}

const announce = <Address>(changes: ReadonlyArray<PathValidation.Change>, outputs: Array<Output<Address>>): void => {
  for (const change of changes)
    outputs.push(change === "Moved" ? { _tag: "Roamed" } : { _tag: "Attached", attached: true })
}
