/**
 * The datagram layer of SSP over an authenticated cipher: it numbers and timestamps what it sends, measures the round
 * trip, follows a client that changes its address, and cuts instructions into datagrams.
 *
 * It knows no sockets: they are numbers, which the client opens and closes by outputs, and the server has one, 0.
 * Nothing here waits for time: all ages are looked at when something is sent or received. Source: spec 2, 3.
 */
import * as Nonce from "../crypto/Nonce.ts"
import type { Machine, Millis } from "../Machine.ts"
import * as Fragment from "../wire/Fragment.ts"
import * as FragmentAssembly from "../wire/FragmentAssembly.ts"
import * as Packet from "../wire/Packet.ts"
import * as Timestamp16 from "../wire/Timestamp16.ts"
import type { DropReason } from "./DropReason.ts"
import * as Loss from "./Loss.ts"
import * as PathValidation from "./PathValidation.ts"
import type { Link } from "./Retransmission.ts"
import * as ReplayWindow from "./ReplayWindow.ts"
import type { Role } from "./Role.ts"
import * as Rtt from "./Rtt.ts"
import * as Timing from "./Timing.ts"

export type Input<Address> =
  /** An authentic datagram. `congested`: the network marked it as such (ECN). */
  | {
      readonly _tag: "Arrived"
      readonly nonce: bigint
      readonly plaintext: Uint8Array
      readonly source: Address
      readonly socket: number
      readonly congested: boolean
    }
  /**
   * A compressed instruction is to be sent. Without a peer address it is not. The very bytes that were sent last go out as
   * the same fragments: what the peer has of them already is not lost (spec 3.2).
   */
  | { readonly _tag: "Transmit"; readonly contents: Uint8Array }
  /** A datagram was too large for the network (EMSGSIZE). */
  | { readonly _tag: "TooLarge" }
  /** When the newest state that the peer acknowledged was sent: to be told with every instruction received. */
  | { readonly _tag: "RoundTripSuccess"; readonly sentAt: Millis }
  | { readonly _tag: "Tick" }

export type Output<Address> =
  /** To be encrypted and sent. `to` is `undefined` on a client: it sends where it was told at its start. */
  | {
      readonly _tag: "Datagram"
      readonly nonce: bigint
      readonly plaintext: Uint8Array
      readonly socket: number
      readonly to: Address | undefined
    }
  /** A datagram in sequence came: the peer is there. Comes before `Deliver`; a replay gives none. */
  | { readonly _tag: "Heard" }
  /** A whole compressed instruction. */
  | { readonly _tag: "Deliver"; readonly contents: Uint8Array }
  /** Opens another socket, on a port of its own. What is sent later goes out of it. */
  | { readonly _tag: "OpenSocket"; readonly socket: number }
  | { readonly _tag: "CloseSocket"; readonly socket: number }
  /** Comes after `Deliver`: what is acknowledged is not to be taken for late by a better knowledge of the round trip. */
  | { readonly _tag: "RoundTrip"; readonly link: Link }
  /** There is an address more to send to, or none any more. Comes after `Deliver`. */
  | { readonly _tag: "Attached"; readonly attached: boolean }
  /** Server: the client's address changed. */
  | { readonly _tag: "Roamed" }
  | { readonly _tag: "Dropped"; readonly reason: DropReason }
  /** The key, or the sequence numbers, are used up. Nothing is sent any more. */
  | { readonly _tag: "KeyExhausted" }

export interface State<Address> {
  /** The sequence number of the next datagram. */
  readonly nextSequence: bigint
  /** How many 16-byte blocks were encrypted. */
  readonly blocks: number
  readonly exhausted: boolean
  /** Which of the peer's datagrams came already. What is not below its `next` is news. */
  readonly window: ReplayWindow.ReplayWindow
  /** Which share of them never does. */
  readonly loss: Loss.Loss
  /** The peer's timestamp that waits to be echoed, and when it came. */
  readonly saved: { readonly timestamp: Timestamp16.Timestamp16; readonly at: Millis } | undefined
  readonly rtt: Rtt.Rtt
  readonly assembly: FragmentAssembly.FragmentAssembly
  readonly nextFragmentId: bigint
  /** What was sent last. */
  readonly contents: Uint8Array | undefined
  /** The most bytes a datagram may have. */
  readonly datagramLimit: number
  /** Server: where the client is, and where it may be. */
  readonly paths: PathValidation.Paths<Address>
  /** When the last datagram in sequence came. */
  readonly heardAt: Millis
  /** The open sockets, oldest first; the last one sends. */
  readonly sockets: ReadonlyArray<number>
  readonly portChosenAt: Millis
  readonly roundTripAt: Millis
}

export interface Options {
  /** The protocol of the sockets: it decides how large a datagram may be (spec 2.10). */
  readonly family: "IPv4" | "IPv6"
  readonly now: Millis
  /** Blocks already encrypted with this key, 0 for a new one. */
  readonly blocks?: number
}

/** The most 16-byte blocks that one side may encrypt with a key: 2^47 (RFC 7253, spec 2.3). */
export const MAX_BLOCKS = 2 ** 47

/** Longer datagrams are not even looked at (spec 2.3). */
export const MAX_DATAGRAM = 2048

const DATAGRAM_LIMIT = { IPv4: 1252, IPv6: 1216 } as const
/** What is tried after EMSGSIZE. */
const DATAGRAM_LIMIT_SMALL = 500
/** Nonce and tag. */
export const SEAL = 8 + 16
const OVERHEAD = SEAL + Packet.HEADER + Fragment.HEADER
const BLOCK = 16

export const init = <Address>(options: Options): State<Address> => ({
  nextSequence: 0n,
  blocks: options.blocks ?? 0,
  exhausted: false,
  window: ReplayWindow.NONE,
  loss: Loss.NONE,
  saved: undefined,
  rtt: Rtt.INITIAL,
  assembly: FragmentAssembly.EMPTY,
  nextFragmentId: 1n,
  contents: undefined,
  datagramLimit: DATAGRAM_LIMIT[options.family],
  paths: PathValidation.none(),
  heardAt: -Infinity,
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
      case "TooLarge":
        return [{ ...state, datagramLimit: DATAGRAM_LIMIT_SMALL, contents: undefined }, outputs]
      case "RoundTripSuccess":
        return [{ ...state, roundTripAt: input.sentAt }, outputs]
      case "Tick":
        return [state, outputs]
    }
  },
  deadline: () => Infinity
})

const transmit = <Address>(
  role: Role,
  state: State<Address>,
  contents: Uint8Array,
  now: Millis,
  outputs: Array<Output<Address>>
): State<Address> => {
  const destinations = role === "Client" ? TO_SERVER : PathValidation.destinations(state.paths)
  if (state.exhausted || destinations.length === 0) return state
  const id = contents === state.contents ? state.nextFragmentId - 1n : state.nextFragmentId
  const fragments = Fragment.split(id, contents, state.datagramLimit - OVERHEAD).map(Fragment.encode)
  if (fragments.length > Fragment.MAX_NUMBER + 1) {
    outputs.push({ _tag: "Dropped", reason: "limit" })
    return state
  }
  let { nextSequence, blocks } = state
  const isEchoDue = state.saved !== undefined && now - state.saved.at < Timing.TIMESTAMP_LIFE
  const reply =
    state.saved !== undefined && isEchoDue
      ? Timestamp16.add(state.saved.timestamp, now - state.saved.at)
      : Timestamp16.NONE
  const sizes: Array<number> = []
  for (const path of destinations) {
    let bytes = 0
    for (const [index, payload] of fragments.entries()) {
      if (path !== undefined && bytes >= path.allowance) break
      const plaintext = Packet.encode({
        timestamp: Timestamp16.at(now + (path?.offset ?? 0)),
        timestampReply: index === 0 ? reply : Timestamp16.NONE,
        payload
      })
      const nonce = Nonce.make(role, nextSequence)
      blocks += Math.ceil(plaintext.length / BLOCK)
      if (nonce === undefined || blocks > MAX_BLOCKS) {
        outputs.push({ _tag: "KeyExhausted" })
        return { ...state, nextSequence, exhausted: true }
      }
      nextSequence++
      bytes += plaintext.length + SEAL
      const socket = path?.socket ?? state.sockets[state.sockets.length - 1] ?? 0
      outputs.push({ _tag: "Datagram", nonce, plaintext, socket, to: path?.address })
    }
    sizes.push(bytes)
  }
  const sent = {
    ...state,
    nextSequence,
    blocks,
    saved: isEchoDue ? undefined : state.saved,
    nextFragmentId: id + 1n,
    contents,
    paths: PathValidation.sent(state.paths, sizes)
  }
  return role === "Server" ? forget(sent, now, outputs) : hop(sent, now, outputs)
}

/** A client sends where its sockets send. */
const TO_SERVER = [undefined]

/** Server: forgets a client that was not heard for long, after telling it one thing more (spec 1.9). */
const forget = <Address>(state: State<Address>, now: Millis, outputs: Array<Output<Address>>): State<Address> => {
  if (now - state.heardAt <= Timing.PEER_LIFE) return state
  outputs.push({ _tag: "Attached", attached: false })
  return { ...state, paths: { ...PathValidation.none(), nextOffset: state.paths.nextOffset } }
}

/** Client: takes another port when nothing comes back: the way through a NAT may be gone (spec 2.7). */
const hop = <Address>(state: State<Address>, now: Millis, outputs: Array<Output<Address>>): State<Address> => {
  if (now - state.portChosenAt <= Timing.PORT_HOP || now - state.roundTripAt <= Timing.PORT_HOP) return state
  const socket = (state.sockets[state.sockets.length - 1] ?? 0) + 1
  outputs.push({ _tag: "OpenSocket", socket })
  return prune({ ...state, sockets: [...state.sockets, socket], portChosenAt: now }, now, outputs)
}

/** Client: closes older sockets, when the newest has proved itself for long enough or there are too many (spec 2.7). */
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
  if (isNews) outputs.push({ _tag: "Heard" })
  const counted = {
    ...state,
    window: ReplayWindow.add(state.window, sequence),
    loss: Loss.arrived(state.loss, sequence),
    paths: paths ?? state.paths
  }
  const heard = isNews ? hear(counted, packet, datagram.congested, now) : counted
  const assembled = assemble(heard, packet, !isNews, outputs)
  const { rtt } = heard
  if (rtt !== state.rtt) {
    // Of a new session every loss counts: to say something twice for nothing costs little.
    const link = { srtt: rtt.srtt, least: rtt.least, rto: Rtt.rto(rtt), loss: Loss.share(heard.loss, 1) }
    outputs.push({ _tag: "RoundTrip", link })
  }
  if (options.role === "Client") return prune(assembled, now, outputs)
  announce(changes, outputs)
  return assembled
}

/** Takes the time from a datagram in sequence (spec 2.4–2.6). */
const hear = <Address>(
  state: State<Address>,
  packet: Packet.Packet,
  congested: boolean,
  now: Millis
): State<Address> => {
  let { saved, rtt } = state
  if (packet.timestamp !== Timestamp16.NONE) {
    const timestamp = congested ? Timestamp16.add(packet.timestamp, -Timing.CONGESTION_PENALTY) : packet.timestamp
    saved = { timestamp, at: now }
  }
  if (packet.timestampReply !== Timestamp16.NONE) {
    rtt = Rtt.sample(rtt, roundTrip(state, packet.timestampReply, now))
  }
  return { ...state, heardAt: now, saved, rtt }
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

/** A server's timestamps are ahead of its clock by what the path adds. */
const roundTrip = <Address>(state: State<Address>, reply: Timestamp16.Timestamp16, now: Millis): Millis =>
  state.paths.peer === undefined
    ? Timestamp16.since(Timestamp16.at(now), reply)
    : (PathValidation.roundTrip(state.paths, reply, now)?.time ?? Infinity)

type Located<Address> = readonly [
  paths: PathValidation.Paths<Address> | undefined,
  changes: ReadonlyArray<PathValidation.Change>
]

const UNMOVED: Located<never> = [undefined, []]

/** Server: takes the source of a datagram into account (spec 2.7), also of one that arrived before. */
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
