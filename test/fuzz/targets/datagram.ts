/**
 * Datagrams from a stranger, and from an attacker with the key.
 *
 * An input is a series of datagrams, each after its length. Each is given to the cipher unchanged, and to the datagram
 * layer of both ends as an authentic message whose nonce is its first eight bytes.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import * as Connection from "../../../src/domain/ssp/Connection.ts"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import { MAX_BYTES } from "../../../src/domain/wire/Instruction.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import { PacketCipher } from "../../../src/services/transport/PacketCipher.ts"
import * as Captured from "./captured.ts"
import { piece, reader } from "../reader.ts"
import { bytesEqual, law, type Target } from "../target.ts"

const cipher = Effect.runSync(
  Effect.provide(PacketCipher, NodePacketCipher.layer(Result.getOrThrow(SessionKey.parse(Captured.keyText))))
)

const opens = (datagram: Uint8Array): void => {
  const opened = cipher.open(datagram)
  if (opened === undefined) return
  law(bytesEqual(cipher.seal(opened.nonce, opened.plaintext), datagram), "what opens is not what was sealed")
}

const decodes = (plaintext: Uint8Array): void => {
  const packet = Packet.decode(plaintext)
  law((packet === undefined) === plaintext.length < Packet.HEADER, "a packet of another length")
  if (packet !== undefined) law(bytesEqual(Packet.encode(packet), plaintext), "another packet when written again")
}

const machines = (["Client", "Server"] as const).map((role) => ({
  role,
  machine: Connection.machine<number>({ role, addressEquals: (a, b) => a === b })
}))

const hear = (messages: ReadonlyArray<Uint8Array>): void => {
  for (const { machine, role } of machines) {
    let state = Connection.init<number>({ family: "IPv4", now: 0 })
    let now = 0
    for (const message of messages) {
      const { below, rest, u64 } = reader(message)
      const nonce = u64()
      now += below(5000)
      const before = state
      const source = below(3)
      const [next, outputs] = machine.step(
        state,
        { _tag: "Arrived", nonce, plaintext: rest(), source, socket: 0, congested: source === 2 },
        now
      )
      state = next
      law(outputs.length <= 6, "more than six outputs of one datagram")
      law(state.loss.expected >= before.loss.expected, "an older datagram became news")
      law(state.assembly.bytes <= MAX_BYTES, "more fragments held than an instruction may have")
      law(state.sockets.length <= Timing.PORTS_OPEN, "too many sockets")
      const rto = state.rtt.srtt
      law(rto === undefined || (rto >= 0 && rto < Timing.RTT_IGNORED), "an impossible round trip")
      const mine = Nonce.sender(nonce) === role
      law(!mine || state === before, "a datagram of our own changed something")
      for (const output of outputs) {
        if (output._tag !== "RoundTrip") continue
        const { rto } = output.estimate
        law(rto >= Timing.RTO_MIN && rto <= Timing.RTO_MAX, "an impossible timeout")
      }
    }
  }
}

const withNonce = (plaintext: Uint8Array, i: number): Uint8Array => {
  const nonce = Buffer.alloc(10)
  nonce.writeBigUInt64BE((i % 2 === 0 ? 0n : 1n << 63n) | BigInt(i))
  return Buffer.concat([nonce, Uint8Array.of(0), plaintext])
}

export const datagram: Target = {
  what: "datagrams of strangers, and of one who has the key",
  seeds: () => [
    ...Captured.datagrams.map(piece),
    Buffer.concat(Captured.plaintexts.map((plaintext, i) => piece(withNonce(plaintext, i)))),
    ...Captured.plaintexts.map((plaintext, i) => piece(withNonce(plaintext, i)))
  ],
  tokens: Captured.plaintexts.map((plaintext, i) => piece(withNonce(plaintext, i))),
  maxLength: 4096,
  budget: 500,
  quick: 4000,
  run: (input) => {
    const { done, piece } = reader(input)
    const messages: Array<Uint8Array> = []
    while (!done()) messages.push(piece())
    for (const message of messages) {
      opens(message)
      decodes(message)
    }
    hear(messages)
  }
}
