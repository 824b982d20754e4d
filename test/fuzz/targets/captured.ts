/**
 * The captured session of stock mosh, layer by layer: honest inputs for the decoders of the wire.
 */
import fixtures from "../../fixtures/mosh-fixtures.json" with { type: "json" }

const { capture } = fixtures
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"))

export const keyText = capture.key_text
export const datagrams = capture.packets.map((packet) => hex(packet.datagram))
export const plaintexts = capture.packets.map((packet) => hex(packet.plaintext))
/** Fragments with their headers. */
export const fragments = plaintexts.map((plaintext) => plaintext.subarray(4))
/** The contents of each fragment, which in this session is a whole compressed instruction. */
export const compressed = fragments.map((fragment) => fragment.subarray(10))
export const instructions = capture.packets.map((packet) => hex(packet.instruction_bytes))

const diffs = (dir: string): ReadonlyArray<Uint8Array> =>
  capture.packets
    .filter((packet) => packet.dir === dir && packet.diff_len > 0)
    .map((packet) => {
      // Before the difference: five varints and its own head; after it: the chaff and its head.
      const bytes = hex(packet.instruction_bytes)
      const end = bytes.length - hex(packet.chaff).length - 2
      return bytes.subarray(end - packet.diff_len, end)
    })
export const userMessages = diffs("C>S")
export const hostMessages = diffs("S>C")
