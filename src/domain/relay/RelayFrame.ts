/**
 * The bytes between a client and `mosh-server relay`, which ssh carries: frames of bounded size, each a datagram of the
 * session or an acknowledgement. The relay prints `GREETING` first, after whatever the login printed. Source:
 * docs/spec/relay.md.
 *
 * ```
 * 1 byte    type: 0 datagram, 1 acknowledgement
 * 2 bytes   length of the rest, big-endian
 * length    datagram: its bytes, 1 to 2048; acknowledgement: 4 bytes, big-endian
 * ```
 */

/** The version of the protocol, a parameter of `mosh-server relay`. */
export const VERSION = "1"

/** The line that the relay prints before its first frame. */
export const GREETING = `MOSH RELAY ${VERSION}\n`

/** Maximum length of a datagram, bytes: neither end of a session reads longer ones. */
export const MAX_DATAGRAM = 2048

/** Maximum number of bytes that may precede the greeting: what shells and logins print. */
export const MAX_PRELUDE = 65_536

/** Bytes of a frame before its contents. */
export const HEADER = 3

const DATAGRAM = 0
const ACKNOWLEDGEMENT = 1
const ACKNOWLEDGEMENT_LENGTH = 4

export type Frame =
  /** The relay is ready. */
  | { readonly _tag: "Greeting" }
  | { readonly _tag: "Datagram"; readonly datagram: Uint8Array }
  /** How many bytes of datagrams have arrived in all, modulo 2^32. */
  | { readonly _tag: "Acknowledgement"; readonly received: number }

/** What a decoder expects next. `Nothing`: the bytes were malformed, and further ones are ignored. */
export interface Decoder {
  readonly expects: "Greeting" | "Frames" | "Nothing"
  /** Bytes that were skipped in search of the greeting. */
  readonly skipped: number
  /** The beginning of a frame, or what may be the beginning of the greeting. */
  readonly rest: Uint8Array
}

const EMPTY = new Uint8Array(0)

/** The client's decoder: the greeting comes first. */
export const CLIENT: Decoder = { expects: "Greeting", skipped: 0, rest: EMPTY }

/** The relay's decoder. */
export const RELAY: Decoder = { expects: "Frames", skipped: 0, rest: EMPTY }

/** A frame that holds a datagram; `undefined` if the datagram is empty or too long. */
export const encodeDatagram = (datagram: Uint8Array): Uint8Array | undefined => {
  if (datagram.length === 0 || datagram.length > MAX_DATAGRAM) return undefined
  const frame = new Uint8Array(HEADER + datagram.length)
  frame[0] = DATAGRAM
  frame[1] = datagram.length >> 8
  frame[2] = datagram.length & 0xff
  frame.set(datagram, HEADER)
  return frame
}

/** A frame that acknowledges so many bytes of datagrams. */
export const encodeAcknowledgement = (received: number): Uint8Array => {
  const frame = new Uint8Array(HEADER + ACKNOWLEDGEMENT_LENGTH)
  frame[0] = ACKNOWLEDGEMENT
  frame[2] = ACKNOWLEDGEMENT_LENGTH
  new DataView(frame.buffer).setUint32(HEADER, received >>> 0)
  return frame
}

/**
 * Decodes the next bytes, in pieces of any size. The frames refer to `bytes`, which must not change afterwards. At most one
 * incomplete frame is kept.
 */
export const decode = (decoder: Decoder, bytes: Uint8Array): readonly [Decoder, ReadonlyArray<Frame>] => {
  if (decoder.expects === "Nothing") return [decoder, []]
  const all = decoder.rest.length === 0 ? bytes : concat(decoder.rest, bytes)
  if (decoder.expects === "Frames") return decodeFrames(all)
  const at = indexOfGreeting(all)
  if (at >= 0) {
    if (decoder.skipped + at > MAX_PRELUDE) return [MALFORMED, []]
    const [next, frames] = decodeFrames(all.subarray(at + GREETING_BYTES.length))
    return [next, [{ _tag: "Greeting" }, ...frames]]
  }
  const kept = Math.min(all.length, GREETING_BYTES.length - 1)
  const skipped = decoder.skipped + all.length - kept
  if (skipped > MAX_PRELUDE) return [MALFORMED, []]
  return [{ expects: "Greeting", skipped, rest: all.slice(all.length - kept) }, []]
}

const MALFORMED: Decoder = { expects: "Nothing", skipped: 0, rest: EMPTY }

const decodeFrames = (all: Uint8Array): readonly [Decoder, ReadonlyArray<Frame>] => {
  const frames: Array<Frame> = []
  let at = 0
  while (all.length - at >= HEADER) {
    const type = all[at] ?? 0
    const length = ((all[at + 1] ?? 0) << 8) | (all[at + 2] ?? 0)
    if (!isWellFormed(type, length)) return [MALFORMED, frames]
    const from = at + HEADER
    if (all.length - from < length) break
    at = from + length
    frames.push(
      type === DATAGRAM
        ? { _tag: "Datagram", datagram: all.subarray(from, at) }
        : { _tag: "Acknowledgement", received: new DataView(all.buffer, all.byteOffset + from).getUint32(0) }
    )
  }
  return [{ expects: "Frames", skipped: 0, rest: at === all.length ? EMPTY : all.slice(at) }, frames]
}

const isWellFormed = (type: number, length: number): boolean =>
  type === DATAGRAM
    ? length > 0 && length <= MAX_DATAGRAM
    : type === ACKNOWLEDGEMENT && length === ACKNOWLEDGEMENT_LENGTH

const GREETING_BYTES = new TextEncoder().encode(GREETING)

const indexOfGreeting = (bytes: Uint8Array): number => {
  const first = GREETING_BYTES[0] ?? 0
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + GREETING_BYTES.length > bytes.length) return -1
    if (GREETING_BYTES.every((byte, i) => bytes[at + i] === byte)) return at
  }
  return -1
}

const concat = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}
