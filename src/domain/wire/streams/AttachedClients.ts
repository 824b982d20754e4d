/**
 * Which clients a session has, as the server reports it to each of them: the header of a stream of kind `attachments`, which has
 * no content. Sent when there is more than one client, and when that changes.
 *
 * ```
 * number   varint   counts the reports to this client; an older one that arrives later is ignored
 * clients  to the end of the header, at most `MAX_ATTACHED`, each:
 *   flags  varint   1: this client itself; 2: it watches; 4: the screen has its size
 *   length varint   at most `LONGEST_ADDRESS`
 *   from   length bytes: its numeric address, without the port
 * ```
 */
import { MAX_ATTACHED } from "../../session/Attachments.ts"
import * as Varint from "./Varint.ts"

/** One client of a session. */
export interface AttachedClient {
  /** Its numeric address, without the port. On a client: untrusted text. */
  readonly from: string
  /** Whether it is the client that has the report. */
  readonly isOwn: boolean
  /** Whether it watches only. */
  readonly isViewer: boolean
  /** Whether the screen has the size of its terminal. */
  readonly leads: boolean
}

export interface Report {
  readonly number: number
  readonly clients: ReadonlyArray<AttachedClient>
}

/** Longest address, bytes; of a longer one the rest is omitted. */
export const LONGEST_ADDRESS = 56

const OWN = 1
const VIEWER = 2
const LEADS = 4

/** At most 944 bytes, so less than a stream's header may have. */
export const encode = ({ clients, number }: Report): Uint8Array => {
  const cursor: Varint.Cursor = { bytes: new Uint8Array(8 + MAX_ATTACHED * (1 + 1 + LONGEST_ADDRESS)), at: 0 }
  Varint.write(cursor, number)
  for (const { from, isOwn, isViewer, leads } of clients.slice(0, MAX_ATTACHED)) {
    const address = new TextEncoder().encode(from).subarray(0, LONGEST_ADDRESS)
    Varint.write(cursor, (isOwn ? OWN : 0) | (isViewer ? VIEWER : 0) | (leads ? LEADS : 0))
    Varint.write(cursor, address.length)
    cursor.bytes.set(address, cursor.at)
    cursor.at += address.length
  }
  return cursor.bytes.slice(0, cursor.at)
}

/** `undefined` if it is malformed. Unknown flags are ignored. */
export const decode = (header: Uint8Array): Report | undefined => {
  const cursor: Varint.Cursor = { bytes: header, at: 0 }
  const number = Varint.read(cursor)
  if (number === undefined) return undefined
  const clients: Array<AttachedClient> = []
  while (cursor.at < header.length) {
    const flags = Varint.read(cursor)
    const length = flags === undefined ? undefined : Varint.read(cursor)
    if (flags === undefined || length === undefined || length > LONGEST_ADDRESS) return undefined
    const end = cursor.at + length
    if (end > header.length || clients.length === MAX_ATTACHED) return undefined
    // Flags beyond 32 bits would be lost by the operators.
    const known = flags % 8
    clients.push({
      from: new TextDecoder().decode(header.subarray(cursor.at, end)),
      isOwn: (known & OWN) !== 0,
      isViewer: (known & VIEWER) !== 0,
      leads: (known & LEADS) !== 0
    })
    cursor.at = end
  }
  return { number, clients }
}
