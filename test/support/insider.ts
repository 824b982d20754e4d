import * as Nonce from "../../src/domain/crypto/Nonce.ts"
import type { PacketCipher } from "../../src/services/transport/PacketCipher.ts"
import type { Direction, SimulatedNetwork } from "../../src/testing/SimulatedNetwork.ts"

/**
 * An attacker with the key, who forwards what is sent in one direction, renumbered, so that the attacker's packets fit
 * into the sequence. Returns a function that sends a packet of the attacker.
 */
export const make = (
  network: SimulatedNetwork,
  cipher: PacketCipher["Service"],
  direction: Direction
): ((plaintext: Uint8Array) => void) => {
  const sender = direction === "toServer" ? "Client" : "Server"
  let source = network.sent.findLast((sent) => sent.direction === direction)?.source
  let sequence = 1n << 30n
  const send = (plaintext: Uint8Array): void =>
    network.inject(direction, cipher.seal(Nonce.make(sender, sequence++) ?? 0n, plaintext), source)
  const before = network.filter
  network.filter = (sent) => {
    if (sent.direction !== direction) return before(sent)
    source = sent.source
    const opened = cipher.open(sent.datagram)
    if (opened !== undefined) send(opened.plaintext)
    return false
  }
  return send
}
