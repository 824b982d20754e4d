/**
 * How a `Connection` sends: it numbers and timestamps packets, and knows where they go.
 */
import * as Nonce from "../crypto/Nonce.ts"
import type { Millis } from "../Machine.ts"
import * as Packet from "../wire/Packet.ts"
import * as Timestamp16 from "../wire/Timestamp16.ts"
import type { PacketNumber } from "../wire/Numbers.ts"
import type { Output, State } from "./Connection.ts"
import * as ClientPaths from "./path/ClientPaths.ts"
import * as PathValidation from "./path/PathValidation.ts"
import type { Role } from "./Role.ts"
import * as Rtt from "./path/Rtt.ts"
import * as Timing from "./Timing.ts"

/** The maximum number of 16-byte blocks that one end may encrypt with a key: 2^47 (RFC 7253, spec 2.3). */
export const MAX_BLOCKS = 2 ** 47

/** Nonce and tag. */
export const SEAL = 8 + 16
const BLOCK = 16
/** What a datagram has besides a stream packet. */
export const STREAM_OVERHEAD = SEAL + Packet.HEADER

/** A destination of a client is an address, or `undefined` if it has no candidates: then its caller knows the address. */
type Destinations<Address> = ReadonlyArray<PathValidation.Path<Address> | ToServer<Address>>

interface ToServer<Address> {
  readonly address: Address | undefined
  readonly offset?: never
}

const TO_SERVER: ReadonlyArray<ToServer<never>> = [{ address: undefined }]

/** Where instructions go. */
export const instructionDestinations = <Address>(
  role: Role,
  { clientPaths, paths, roundTripAt, rtt }: State<Address>,
  now: Millis
): Destinations<Address> => {
  if (role === "Server") return PathValidation.destinations(paths)
  const candidates = ClientPaths.destinations(clientPaths, { rto: Rtt.rto(rtt), roundTripAt }, now)
  return candidates.length === 0 ? TO_SERVER : candidates.map(({ address }) => ({ address }))
}

/** Sends payloads, each in a datagram of its own, to each destination. */
export const sendPackets = <Address>(
  role: Role,
  state: State<Address>,
  payloads: ReadonlyArray<Uint8Array>,
  destinations: Destinations<Address>,
  now: Millis,
  outputs: Array<Output<Address>>
): State<Address> => {
  let { nextSequence, blocks } = state
  const isEchoDue = state.saved !== undefined && now - state.saved.at < Timing.TIMESTAMP_LIFE
  const reply =
    state.saved !== undefined && isEchoDue
      ? Timestamp16.add(state.saved.timestamp, now - state.saved.at)
      : Timestamp16.NONE
  /** Bytes sent to each path, by its offset; only candidates are limited by them. */
  const sizes = state.paths.candidates.length === 0 ? undefined : new Map<Millis, number>()
  for (const path of destinations) {
    let bytes = 0
    for (const payload of payloads) {
      if (path.offset !== undefined && bytes >= path.allowance) break
      const plaintext = Packet.encode({
        timestamp: Timestamp16.at(now + (path.offset ?? 0)),
        timestampReply: payload === payloads[0] ? reply : Timestamp16.NONE,
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
      const socket = path.offset === undefined ? (state.sockets[state.sockets.length - 1] ?? 0) : path.socket
      outputs.push({ _tag: "Datagram", nonce, plaintext, socket, to: path.address })
    }
    if (path.offset !== undefined) sizes?.set(path.offset, bytes)
  }
  const saved = isEchoDue ? undefined : state.saved
  const toCandidates = state.paths.candidates.map(({ offset }) => sizes?.get(offset) ?? 0)
  return { ...state, nextSequence, blocks, saved, paths: PathValidation.sent(state.paths, toCandidates) }
}

/** Sends a stream packet on the peer's path, and copies to paths that may become it. */
export const transmitStreamPacket = <Address>(
  role: Role,
  state: State<Address>,
  payload: Uint8Array,
  now: Millis,
  outputs: Array<Output<Address>>
): State<Address> =>
  state.exhausted ? state : sendPackets(role, state, [payload], streamDestinations(role, state, now), now, outputs)

const streamDestinations = <Address>(
  role: Role,
  { clientPaths: { current }, paths }: State<Address>,
  now: Millis
): Destinations<Address> => {
  if (role === "Server") return PathValidation.streamDestinations(paths, now)
  return current === undefined ? TO_SERVER : [{ address: current.address }]
}

/** Whether a stream packet can be sent. */
export const canSendStreamPacket = <Address>(role: Role, { exhausted, paths }: State<Address>): boolean =>
  !exhausted && (role === "Client" || (paths.peer !== undefined && paths.peer.allowance > 0))

/**
 * The number of the next stream packet, if one can be sent: that of the datagram on the peer's path, which is sent last.
 * Candidates get copies with the numbers before it.
 */
export const streamPacketNumber = <Address>(role: Role, state: State<Address>, now: Millis): number =>
  Number(state.nextSequence) + streamDestinations(role, state, now).length - 1

/** Names the path to the peer: another one after it changed. */
export const pathName = <Address>({ clientPaths, paths }: State<Address>): PacketNumber =>
  paths.peer?.from ?? clientPaths.moves
