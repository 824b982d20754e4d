/**
 * Listens between a stock client and a stock server, with their key, and interprets every host string with our code.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { createSocket } from "node:dgram"
import { once } from "node:events"
import type { SessionKey } from "../../../src/domain/crypto/SessionKey.ts"
import * as Connection from "../../../src/domain/ssp/Connection.ts"
import * as Receiver from "../../../src/domain/ssp/Receiver.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import type { Frame, Size } from "../../../src/domain/terminal/Frame.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import { Compression } from "../../../src/services/transport/Compression.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import { PacketCipher } from "../../../src/services/transport/PacketCipher.ts"

export interface Tap extends Disposable {
  /** Where the client is to send to, on 127.0.0.1. */
  readonly port: number
  /** The newest screen that the server sent. */
  readonly frame: () => Frame
}

export const start = async (options: {
  readonly port: number
  readonly key: SessionKey
  readonly size: Size
}): Promise<Tap> => {
  const cipher = Effect.runSync(Effect.provide(PacketCipher, NodePacketCipher.layer(options.key)))
  const { inflate } = Effect.runSync(Effect.provide(Compression, NodeCompression.layer))
  const connection = Connection.machine<string>({ role: "Client", addressEquals: (a, b) => a === b })
  const receiver = Receiver.machine(Screen.object)
  let connected = Connection.init<string>({ family: "IPv4", now: 0 })
  let received = Receiver.init({ initial: Screen.blank(options.size), now: 0 })

  const hear = (datagram: Uint8Array): void => {
    const opened = cipher.open(datagram)
    if (opened === undefined) return
    const arrived = { _tag: "Arrived", ...opened, source: "server", socket: 0, congested: false } as const
    const [next, outputs] = connection.step(connected, arrived, 0)
    connected = next
    for (const output of outputs) {
      if (output._tag !== "Deliver") continue
      const inflated = inflate(output.contents)
      if (inflated === undefined) continue
      const instruction = Instruction.decode(inflated)
      if (Result.isSuccess(instruction)) received = receiver.step(received, instruction.success, 0)[0]
    }
  }

  const [front, back] = [createSocket("udp4"), createSocket("udp4")]
  let client: number | undefined
  front.on("message", (datagram, from) => {
    client = from.port
    back.send(datagram, options.port, "127.0.0.1")
  })
  back.on("message", (datagram) => {
    hear(datagram)
    if (client !== undefined) front.send(datagram, client, "127.0.0.1")
  })
  for (const socket of [front, back]) {
    socket.on("error", () => {})
    socket.bind(0, "127.0.0.1")
  }
  await Promise.all([once(front, "listening"), once(back, "listening")])
  return {
    port: front.address().port,
    frame: () => Receiver.newest(received).state.frame,
    [Symbol.dispose]: () => {
      front.close()
      back.close()
    }
  }
}
