/**
 * A whole endpoint with streams, whatever a peer that has the key sends and applications do: no stream packet ends the session, a
 * datagram is answered only by the next tick, and nothing is due without being sent.
 */
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as Fragment from "../../../src/domain/wire/Fragment.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as StreamPacket from "../../../src/domain/wire/streams/StreamPacket.ts"
import { cipher, initial, type Input, machine, type State } from "../../domain/ssp/endpoints.ts"
import { piece, type Reader, reader } from "../reader.ts"
import { law, type Target } from "../target.ts"
import { samples } from "./stream-packet.ts"

const OURS = 15 | Features.connectionIds | Features.uncompressed
const START = 1_000_000
const ZEROS = new Uint8Array(100_000)
const end = machine("Server")

const datagram = (state: State, ahead: number, payload: Uint8Array, from: number, id = 0): Input => {
  const nonce = Nonce.withId(Nonce.make("Client", state.connection.window.next + BigInt(ahead)) ?? 0n, id)
  const plaintext = Packet.encode({ timestamp: 1, timestampReply: 0xffff, payload })
  return {
    _tag: "Datagram",
    datagram: cipher.seal(nonce, plaintext),
    source: `host${from}`,
    socket: 0,
    congested: false
  }
}

/** An instruction of a client with these features, which acknowledges the newest state. */
const instruction = (state: State, features: number): Uint8Array => {
  const newest = state.receiver.received.at(-1)?.number ?? 0n
  const contents = Instruction.encode(
    {
      oldNumber: newest,
      newNumber: newest + 1n,
      acknowledged: state.sender.sent.at(-1)?.number ?? 0n,
      throwaway: newest,
      diff: new Uint8Array(0),
      features
    },
    new Uint8Array(0)
  )
  return Fragment.encode({ id: newest + 1n, number: 0, isFinal: true, contents })
}

/** What an input's next byte asks for. */
const inputs: ReadonlyArray<(read: Reader, state: State) => Input> = [
  ({ below, piece }, state) => datagram(state, below(3), Buffer.concat([Uint8Array.of(StreamPacket.TYPE), piece()]), 0),
  ({ below, byte }, state) => datagram(state, below(3), instruction(state, byte() | (byte() << 8)), 0),
  ({ below, byte, piece }, state) => datagram(state, below(3), piece(), below(3), byte()),
  () => ({ _tag: "Publish", state: "x" }),
  () => ({ _tag: "PathChanged" }),
  () => ({ _tag: "TooLarge" }),
  ({ byte }) => ({ _tag: "Stream", input: { _tag: "Open", kind: byte(), header: ZEROS.subarray(0, byte()) } }),
  ({ below, byte }) => ({
    _tag: "Stream",
    input: { _tag: "Write", stream: byte() % 8, bytes: ZEROS.subarray(0, below(60_000)) }
  }),
  ({ below, byte }) => ({ _tag: "Stream", input: { _tag: "Read", stream: byte() % 8, max: below(60_000) } }),
  ({ byte }) => ({ _tag: "Stream", input: { _tag: "Finish", stream: byte() % 8 } }),
  ({ byte }) => ({ _tag: "Stream", input: { _tag: "ResetSending", stream: byte() % 8, code: byte() } })
]

const packet = (...frames: Parameters<typeof StreamPacket.encode>[0]): Uint8Array =>
  Buffer.concat([Uint8Array.of(0, 0), piece(StreamPacket.encode(frames).subarray(1)), Uint8Array.of(1)])

const HELLO = Uint8Array.of(1, 0, OURS & 0xff, OURS >> 8, 1)

export const endpoint: Target = {
  what: "an endpoint with streams, and a peer that has the key",
  seeds: () => [
    Buffer.concat([HELLO, packet({ _tag: "Stream", stream: 0, offset: 0, data: ZEROS.subarray(0, 9), isFinal: true })]),
    Buffer.concat([HELLO, Uint8Array.of(6, 1, 0, 1, 7, 1, 200, 1, 1), packet({ _tag: "Close", code: 0 })]),
    ...samples.map((frame) => Buffer.concat([HELLO, packet(frame)]))
  ],
  tokens: [HELLO, ...samples.map((frame) => packet(frame)), ...inputs.map((_, i) => Uint8Array.of(i, 1, 1))],
  maxLength: 4096,
  budget: 1000,
  quick: 1000,
  run: (input) => {
    const read = reader(input)
    let state = initial("Server", OURS)
    let now = START
    const step = (input: Input): void => {
      const [next, outputs] = end.step(state, input, now)
      const sent = outputs.filter((output) => output._tag === "Send")
      law(input._tag !== "Datagram" || sent.length === 0, "a datagram is answered before the program reacts")
      law(sent.length < 200, "a step sends without end")
      const isEnded = outputs.some((output) => output._tag === "Ended")
      law(!isEnded || input._tag !== "Datagram", "a datagram ended the session")
      state = next
    }
    while (!read.done() && state.ended === undefined) {
      const make = inputs[read.byte() % inputs.length]
      if (make !== undefined) step(make(read, state))
      for (let ticks = 0; end.deadline(state) <= now; ticks++) {
        law(ticks < 20, "is due, and does nothing")
        step({ _tag: "Tick" })
      }
      now += read.byte() * 4
    }
  }
}
