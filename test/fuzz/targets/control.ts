/**
 * Messages on a session's control socket, and the server's reports of its clients: refused, or the same when written again, and
 * within their bounds. An input is a byte for the reader, then its message.
 */
import * as ControlMessage from "../../../src/domain/registry/ControlMessage.ts"
import * as AttachedClients from "../../../src/domain/wire/streams/AttachedClients.ts"
import { bytesEqual, law, type Target, texts } from "../target.ts"

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 0 && port <= 65_535

const control = (bytes: Uint8Array): void => {
  const line = Buffer.from(bytes).toString()
  const request = ControlMessage.decodeRequest(line)
  if (request?._tag === "Attach") {
    law(isPort(request.ports.low) && isPort(request.ports.high), "no port")
    law((request.address ?? "").length <= 200, "an address without bounds")
    law(["TakeOver", "Share", "View"].includes(request.mode), "an unknown mode")
  }
  if (request !== undefined) {
    const written = ControlMessage.encode(request)
    law(written.indexOf("\n") === written.length - 1, "more than a line")
    const again = ControlMessage.decodeRequest(written.trimEnd())
    law(JSON.stringify(again) === JSON.stringify(request), "another request when written again")
  }
  const reply = ControlMessage.decodeReply(line)
  if (reply?._tag === "Attached") law(isPort(reply.port) && reply.key.length <= 22, "no port or key")
  if (reply?._tag === "Refused") law(reply.reason.length <= 200, "a reason without bounds")
}

const clients = (header: Uint8Array): void => {
  const report = AttachedClients.decode(header)
  if (report === undefined) return
  law(Number.isSafeInteger(report.number) && report.number >= 0, "no number")
  law(report.clients.length <= 16, "clients without bounds")
  const again = AttachedClients.encode(report)
  law(again.length <= 1024, "a header that no stream takes")
  // Malformed UTF-8 is replaced, which may make it longer.
  if (bytesEqual(Buffer.from(Buffer.from(header).toString()), header))
    law(JSON.stringify(AttachedClients.decode(again)) === JSON.stringify(report), "another report when written again")
}

const readers = [control, clients]

const client = { isOwn: false, isViewer: false, leads: false }
const report = AttachedClients.encode({
  number: 70,
  clients: [
    { ...client, from: "192.0.2.7", isOwn: true, leads: true },
    { ...client, from: "2001:db8::1", isViewer: true }
  ]
})
const request = { _tag: "Attach", address: "127.0.0.1", ports: { low: 60_001, high: 60_999 }, mode: "View" }

export const controlTarget: Target = {
  what: "messages on the control socket, and reports of a session's clients",
  seeds: () => [
    ...texts(
      `\0${JSON.stringify(request)}`,
      `\0${JSON.stringify({ ...request, address: null, mode: "Share" })}`,
      '\0{"_tag":"Attached","port":60001,"key":"AAECAwQFBgcICQoLDA0ODw","warning":"x"}',
      '\0{"_tag":"Refused","reason":"no port is free"}'
    ),
    Buffer.concat([Uint8Array.of(1), report])
  ],
  tokens: [
    ...texts(
      '"',
      "{",
      "}",
      ":",
      ",",
      "null",
      "-1",
      "65536",
      "1e999",
      '"_tag"',
      '"mode"',
      '"View"',
      '"__proto__"',
      "\n",
      "[",
      "]"
    ),
    ...[[0xc0], [0xff], [0x40, 0x38], [0x3f], [7, 0]].map((bytes) => Uint8Array.from(bytes))
  ],
  maxLength: 5000,
  budget: 300,
  quick: 4000,
  run: (input) => readers[(input[0] ?? 0) % readers.length]?.(input.subarray(1))
}
