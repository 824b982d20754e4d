/**
 * Both ends of a relay, fed by the other one or by anything else.
 */
import * as RelayEnd from "../../../src/domain/relay/RelayEnd.ts"
import * as RelayFrame from "../../../src/domain/relay/RelayFrame.ts"
import { bytesEqual, law, type Target, texts } from "../target.ts"

const frames = [
  RelayFrame.encodeDatagram(new Uint8Array(40).fill(7)) ?? new Uint8Array(0),
  RelayFrame.encodeDatagram(new Uint8Array(1252)) ?? new Uint8Array(0),
  RelayFrame.encodeAcknowledgement(0),
  RelayFrame.encodeAcknowledgement(100)
]
const greeting = new TextEncoder().encode(RelayFrame.GREETING)

/** What arrives if the input comes in pieces of a size. */
const receive = (role: "Client" | "Relay", input: Uint8Array, size: number) => {
  let end = RelayEnd.init(role, 0)
  const step = (input: RelayEnd.Input, now: number) => {
    const [next, outputs] = RelayEnd.machine.step(end, input, now)
    end = next
    return outputs
  }
  for (let i = 0; i < 3; i++) step({ _tag: "Send", datagram: new Uint8Array(100) }, 0)
  const datagrams: Array<Uint8Array> = []
  let isMalformed = false
  let written = 0
  for (let at = 0; at < input.length; at += size) {
    const outputs = step({ _tag: "Receive", bytes: input.subarray(at, at + size) }, at)
    law(!isMalformed || end.isMalformed, "a peer that is trusted again")
    law(!isMalformed || outputs.length === 0, "work for a malformed peer")
    isMalformed = end.isMalformed
    for (const output of outputs) {
      if (output._tag === "Datagram") datagrams.push(output.datagram)
      if (output._tag === "Write") written += output.bytes.length
    }
  }
  return { datagrams: Buffer.concat(datagrams), count: datagrams.length, isMalformed, written }
}

export const relay: Target = {
  what: "frames between a client and its relay",
  seeds: () => [Buffer.concat([greeting, ...frames]), Buffer.concat(frames), ...frames],
  tokens: [...frames, greeting, ...texts("MOSH", "RELAY 1\n"), Uint8Array.of(0, 8, 0), Uint8Array.of(1, 0, 4)],
  maxLength: 8192,
  budget: 100,
  quick: 4000,
  run: (input) => {
    for (const role of ["Client", "Relay"] as const) {
      const whole = receive(role, input, Math.max(1, input.length))
      const cut = receive(role, input, 7)
      law(bytesEqual(whole.datagrams, cut.datagrams) && whole.isMalformed === cut.isMalformed, "the cut matters")
      law(whole.datagrams.length + whole.count * RelayFrame.HEADER <= input.length, "more than arrived")
      law(whole.written <= input.length, "a response longer than what arrived")
    }
  }
}
