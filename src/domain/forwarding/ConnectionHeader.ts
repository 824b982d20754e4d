/**
 * The headers of streams of the kinds `connection` and `listener` (docs/spec/forwarding.md).
 *
 * ```
 * connection   01 || port || host      connect to a TCP port
 *              02 || path              connect to a unix socket
 *              03 || listener          a connection to the listener that the stream with this number asked for
 * listener     01 || port || host      listen on a TCP port; an empty host: loopback addresses; *: all interfaces
 *              02 || path              listen on a unix socket
 * ```
 *
 * Types are one byte, `port` and `listener` are varints, hosts and paths UTF-8 up to the end. Law: decoding an encoded value
 * gives the value; whatever the bytes, decoding gives a valid value or `undefined`.
 */
import * as Varint from "../wire/streams/Varint.ts"
import * as Endpoint from "./Endpoint.ts"

/** What a stream of the kind `connection` is for. */
export type ConnectionHeader =
  | { readonly _tag: "Connect"; readonly to: Endpoint.Endpoint }
  | { readonly _tag: "Accepted"; readonly listener: number }

const TCP = 1
const UNIX = 2
const ACCEPTED = 3

export const encode = (header: ConnectionHeader): Uint8Array =>
  header._tag === "Accepted" ? encoded(ACCEPTED, header.listener, "") : encodeEndpoint(header.to)

export const decode = (bytes: Uint8Array): ConnectionHeader | undefined => {
  if (bytes[0] === ACCEPTED) {
    const cursor = { bytes, at: 1 }
    const listener = Varint.read(cursor)
    return listener === undefined || cursor.at !== bytes.length ? undefined : { _tag: "Accepted", listener }
  }
  const to = decodeEndpoint(bytes)
  if (to === undefined || (to._tag === "Tcp" && (to.host === undefined || to.host === Endpoint.ANY || to.port === 0)))
    return undefined
  return { _tag: "Connect", to: to._tag === "Tcp" ? { ...to, host: to.host ?? "" } : to }
}

/** The header of a stream of the kind `listener`. */
export const encodeListener = (listen: Endpoint.ListenEndpoint): Uint8Array => encodeEndpoint(listen)

export const decodeListener = (bytes: Uint8Array): Endpoint.ListenEndpoint | undefined => decodeEndpoint(bytes)

const encodeEndpoint = (endpoint: Endpoint.ListenEndpoint): Uint8Array =>
  endpoint._tag === "Unix" ? encoded(UNIX, undefined, endpoint.path) : encoded(TCP, endpoint.port, endpoint.host ?? "")

const decodeEndpoint = (bytes: Uint8Array): Endpoint.ListenEndpoint | undefined => {
  const cursor = { bytes, at: 1 }
  const port = bytes[0] === TCP ? Varint.read(cursor) : undefined
  if (bytes[0] === UNIX) {
    const path = textOf(bytes, cursor.at)
    return path === undefined || !Endpoint.isPath(path) ? undefined : { _tag: "Unix", path }
  }
  const host = textOf(bytes, cursor.at)
  if (port === undefined || port > 65_535 || host === undefined) return undefined
  if (host === "") return { _tag: "Tcp", host: undefined, port }
  return Endpoint.isHost(host) ? { _tag: "Tcp", host, port } : undefined
}

const encoded = (type: number, number: number | undefined, text: string): Uint8Array => {
  const tail = encoder.encode(text)
  const size = number === undefined ? 0 : Varint.size(number)
  const cursor = { bytes: new Uint8Array(1 + size + tail.length), at: 0 }
  cursor.bytes[cursor.at++] = type
  if (number !== undefined) Varint.write(cursor, number)
  cursor.bytes.set(tail, cursor.at)
  return cursor.bytes
}

const textOf = (bytes: Uint8Array, at: number): string | undefined => {
  try {
    return decoder.decode(bytes.subarray(at))
  } catch {
    return undefined
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
