/**
 * A shared port with a cipher whose cost can be counted: a datagram names its key, which only `open` reads.
 */
import * as ConnectionId from "../../../src/domain/crypto/ConnectionId.ts"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"
import * as Demultiplexer from "../../../src/domain/sharing/Demultiplexer.ts"
import type { Member } from "../../../src/domain/sharing/Member.ts"

/** A session is its key here. */
export type Key = number

/** A datagram that a client sealed with `key`. */
export const sealed = (key: Key, sequence: number): Uint8Array => {
  const bytes = new Uint8Array(Demultiplexer.MIN_DATAGRAM)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(sequence))
  view.setUint32(8, key)
  return bytes
}

/** The connection id of a key and a block. `COLLIDING` has that of key 0. */
export const idOf =
  (key: Key) =>
  (block: number): number =>
    1 + (((key === COLLIDING ? 0 : key) * 7919 + block * 104_729) % 0xffff)

/** As `sealed`, with the connection id of the packet's block. Default: that of the key. */
export const withId = (key: Key, sequence: number, id?: number): Uint8Array => {
  const bytes = sealed(key, sequence)
  const block = ConnectionId.blockOf(BigInt(sequence))
  new DataView(bytes.buffer).setBigUint64(0, Nonce.withId(BigInt(sequence), id ?? idOf(key)(block)))
  return bytes
}

export const FORGED: Key = 0xffff_ffff
export const COLLIDING: Key = 0xffff_fffe

export interface Port {
  readonly state: Demultiplexer.State<Key>
  readonly members: Map<Key, Member<Key>>
  /** How many decryptions there were. */
  readonly opened: () => number
  readonly join: (key: Key) => void
  readonly leave: (key: Key) => void
  /** The client's newest packet is of this block: the session expects its connection ids. */
  readonly reach: (key: Key, block: number) => void
  /** The key of the session that a datagram reaches; it is then accepted if it is `news`. */
  readonly receive: (
    datagram: Uint8Array,
    source: Demultiplexer.Source,
    now: number,
    news?: boolean
  ) => Key | Demultiplexer.DropReason
}

export const make = (now = 0): Port => {
  const state = Demultiplexer.initial<Key>(now)
  const members = new Map<Key, Member<Key>>()
  let opened = 0
  return {
    state,
    members,
    opened: () => opened,
    join: (key) => {
      members.set(
        key,
        Demultiplexer.join(state, key, {
          open: (datagram) => {
            opened++
            const view = new DataView(datagram.buffer, datagram.byteOffset)
            return view.getUint32(8) === key ? { nonce: view.getBigUint64(0), plaintext: datagram } : undefined
          },
          connectionId: idOf(key)
        })
      )
    },
    reach: (key, block) => {
      const member = members.get(key)
      if (member !== undefined) Demultiplexer.blockReached(state, member, block)
    },
    leave: (key) => {
      const member = members.get(key)
      if (member !== undefined) Demultiplexer.leave(state, member)
      members.delete(key)
    },
    receive: (datagram, source, now, news = true) => {
      const route = Demultiplexer.route(state, datagram, source, now)
      if (route._tag === "Drop") return route.reason
      if (news) Demultiplexer.accepted(state, route.member, source)
      return route.member.session
    }
  }
}
