/**
 * A session in virtual time, of a client that shows a screen and a server that receives keys, and an attacker with the
 * key.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Zlib from "node:zlib"
import * as Nonce from "../../src/domain/crypto/Nonce.ts"
import type { DropReason } from "../../src/domain/ssp/DropReason.ts"
import type { Role } from "../../src/domain/ssp/Role.ts"
import * as Screen from "../../src/domain/objects/Screen.ts"
import { Features } from "../../src/domain/ssp/SyncObject.ts"
import * as Timing from "../../src/domain/ssp/Timing.ts"
import * as UserStream from "../../src/domain/objects/UserStream.ts"
import * as FramePatch from "../../src/domain/display/FramePatch.ts"
import * as Fragment from "../../src/domain/wire/Fragment.ts"
import * as Instruction from "../../src/domain/wire/Instruction.ts"
import * as Packet from "../../src/domain/wire/Packet.ts"
import * as NodeCompression from "../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../src/services/node/wire/NodePacketCipher.ts"
import { PacketCipher } from "../../src/services/transport/PacketCipher.ts"
import * as Transport from "../../src/services/transport/Transport.ts"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"
import * as Insider from "../support/insider.ts"

const SIZE = { columns: 20, rows: 4 }

const cipher = Layer.suspend(() => NodePacketCipher.layer(Redacted.make(new Uint8Array(16).fill(9))))

const end = <Local, Remote>(
  role: Role,
  network: SimulatedNetwork.SimulatedNetwork,
  local: Transport.Synchronised<Local>,
  remote: Transport.Synchronised<Remote>,
  onRemote: (state: Remote) => void = () => {}
) =>
  Effect.gen(function* () {
    const datagrams = role === "Client" ? network.client : network.server
    const layer = Layer.mergeAll(datagrams, NodeCompression.layer, Layer.fresh(cipher))
    return yield* Transport.make<Local, Remote>({
      role,
      local,
      remote,
      features: Features.frames,
      minDelay: role === "Client" ? Timing.MIN_DELAY_CLIENT : Timing.MIN_DELAY_SERVER,
      events: { onRemote: ({ state }) => onRemote(state), onStatus: () => {} }
    }).pipe(Effect.provide(yield* Layer.build(layer)))
  })

const screens = { object: Screen.object, initial: Screen.blank(SIZE) }
const keys = { object: UserStream.object, initial: UserStream.EMPTY }

/** The end that the attacker sends to, in the name of the other end. */
export type Victim = "client" | "server"

export const make = Effect.fnUntraced(function* (seed: number) {
  const network = yield* SimulatedNetwork.make({ seed, path: { delay: 10 } })
  let typed = ""
  let seen = UserStream.EMPTY
  const server = yield* end("Server", network, screens, keys, (stream) => {
    for (const event of UserStream.since(stream, seen))
      if (event._tag === "Keys") typed += Buffer.from(event.bytes).toString()
    seen = stream
  })
  const client = yield* end("Client", network, keys, screens)
  const sealing = yield* Effect.provide(PacketCipher, yield* Layer.build(Layer.fresh(cipher)))
  /** One for each victim, from the first attack on. */
  const insiders: Partial<Record<Victim, (plaintext: Uint8Array) => void>> = {}
  let { frame } = screens.initial
  let nextId = 1n << 40n

  const transport = (victim: Victim) => (victim === "client" ? client : server)
  const direction = (victim: Victim) => (victim === "client" ? "toClient" : "toServer")
  const datagram = (victim: Victim, bytes: Uint8Array) => network.inject(direction(victim), bytes)
  const packet = (bytes: Uint8Array) => Packet.encode({ timestamp: 0, timestampReply: 0xffff, payload: bytes })
  const payload = (victim: Victim, bytes: Uint8Array) =>
    (insiders[victim] ??= Insider.make(network, sealing, direction(victim)))(packet(bytes))
  /** What the victim may have sent itself. */
  const reflection = (victim: Victim, bytes: Uint8Array) =>
    datagram(victim, sealing.seal(Nonce.make(victim === "client" ? "Client" : "Server", 0n) ?? 0n, packet(bytes)))
  const fragment = (victim: Victim, parts: Partial<Fragment.Fragment>) =>
    payload(victim, Fragment.encode({ id: nextId, number: 0, isFinal: false, contents: new Uint8Array(0), ...parts }))
  const contents = (victim: Victim, bytes: Uint8Array) => {
    for (const piece of Fragment.split(nextId++, bytes, 1200)) payload(victim, Fragment.encode(piece))
  }
  const instruction = (victim: Victim, fields: Partial<Instruction.Instruction>) => {
    const { number } = transport(victim).remote()
    const whole = {
      oldNumber: number,
      newNumber: number + 1n,
      acknowledged: 0n,
      throwaway: 0n,
      diff: new Uint8Array(0),
      features: 0,
      ...fields
    }
    contents(victim, Zlib.deflateSync(Instruction.encode(whole, new Uint8Array(0))))
  }

  return {
    seal: sealing.seal,
    datagram,
    payload,
    reflection,
    fragment,
    contents,
    instruction,
    /** The newest state that a victim has. */
    number: (victim: Victim) => transport(victim).remote().number,
    dropped: (victim: Victim): Readonly<Record<DropReason, number>> => transport(victim).status().counters.dropped,
    trouble: (victim: Victim) => transport(victim).status().trouble?.text,
    type: (text: string) => client.publish(UserStream.push(client.local(), Buffer.from(text))),
    typed: () => typed,
    print: (text: string) => {
      frame = FramePatch.patch(frame, text)
      server.publish({ frame, echoAck: server.remote().number })
    },
    shown: () => client.remote().state.frame,
    printed: () => frame
  }
})

export type Session = Effect.Success<ReturnType<typeof make>>
