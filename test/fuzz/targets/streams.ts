/**
 * One end of streams, whatever packets arrive and whatever applications do: it ends in time, its accounts are right, and it
 * holds no more than its limits.
 */
import * as ByteQueue from "../../../src/domain/streams/ByteQueue.ts"
import * as Limits from "../../../src/domain/streams/Limits.ts"
import type { State } from "../../../src/domain/streams/State.ts"
import * as Streams from "../../../src/domain/streams/Streams.ts"
import * as StreamPacket from "../../../src/domain/wire/streams/StreamPacket.ts"
import { piece, type Reader, reader } from "../reader.ts"
import { law, type Target } from "../target.ts"
import { samples } from "./stream-packet.ts"

const ZEROS = new Uint8Array(300_000)

/** What an input's next byte asks for. */
const inputs: ReadonlyArray<(read: Reader) => Streams.Input> = [
  ({ byte, piece }) => ({ _tag: "Received", number: byte(), payload: piece() }),
  ({ byte }) => ({ _tag: "Received", number: byte(), payload: undefined }),
  ({ byte }) => ({ _tag: "StateSent", number: byte(), bytes: byte() }),
  ({ byte }) => ({ _tag: "Open", kind: byte(), header: ZEROS.subarray(0, byte()) }),
  ({ below, byte }) => ({ _tag: "Write", stream: byte() % 8, bytes: ZEROS.subarray(0, below(60_000)) }),
  ({ below, byte }) => ({ _tag: "Read", stream: byte() % 8, max: below(60_000) }),
  ({ byte }) => ({ _tag: "Finish", stream: byte() % 8 }),
  ({ byte }) => ({ _tag: "ResetSending", stream: byte() % 8, code: byte() }),
  ({ byte }) => ({ _tag: "StopReading", stream: byte() % 8, code: byte() }),
  () => ({ _tag: "PathChanged" }),
  () => ({ _tag: "Disrupted" })
]

const packet = (...frames: Parameters<typeof StreamPacket.encode>[0]): Uint8Array =>
  Buffer.concat([Uint8Array.of(0, 1), piece(StreamPacket.encode(frames)), Uint8Array.of(1)])

const check = (state: State): void => {
  const { acks, flow, recovery, table } = state
  law(flow.sendPool >= 0 && flow.receivePool >= 0, "a pool is overdrawn")
  law(flow.received <= flow.advertised, "more was taken than advertised")
  law(flow.sent <= flow.limit, "more was sent than allowed")
  law(acks.numbers.length <= 2 * Limits.ACK_RANGES, "too many ranges")
  law(
    recovery.inFlight === recovery.packets.slots.reduce((sum, sent) => sum + (sent?.bytes ?? 0), 0),
    "bytes in flight are counted wrong"
  )
  let held = 0
  for (const { receive, send } of table.streams.values()) {
    held += ByteQueue.capacity(receive.queue)
    law(receive.highest <= receive.advertised, "a stream exceeds its window")
    law(
      receive.queue.start <= receive.ready && receive.ready <= receive.highest,
      "a stream is read beyond what arrived"
    )
    law(
      send.reset !== undefined || (send.queue.start <= send.sent && send.sent <= send.queue.end),
      "a stream has sent what was not written"
    )
    law(send.sent <= send.limit, "a stream was sent beyond its limit")
  }
  // A ring is at most twice as large as its contents.
  law(held <= 2 * (flow.received - flow.consumed) + 4096 * table.streams.size, "more is held than arrived")
}

export const streams: Target = {
  what: "one end of streams",
  seeds: () => [
    packet({ _tag: "Stream", stream: 0, offset: 0, data: new Uint8Array([1, 0, 9, 9]), isFinal: true }),
    Buffer.concat([Uint8Array.of(3, 1, 0, 1), packet({ _tag: "MaxStreamData", stream: 1, limit: 1e6 })]),
    ...samples.map((frame) => packet(frame))
  ],
  tokens: [...samples.map((frame) => packet(frame)), ...inputs.map((_, i) => Uint8Array.of(i, 1, 1))],
  maxLength: 4096,
  budget: 1000,
  quick: 3000,
  run: (input) => {
    const read = reader(input)
    let state = Streams.init({ role: "Server", now: 0 })
    let now = 0
    let number = 0
    const step = (input: Streams.Input): ReadonlyArray<Streams.Output> => {
      const [next, outputs] = Streams.machine.step(state, input, now)
      state = next
      return outputs
    }
    while (!read.done()) {
      const make = inputs[read.byte() % inputs.length]
      if (make !== undefined) step(make(read))
      number = Math.max(number, state.recovery.nextNumber)
      for (let sent = 0; ; sent++) {
        law(sent < 10_000, "sends without end")
        const [output] = step({ _tag: "Transmit", number, limit: 500 })
        if (output?._tag !== "Packet") break
        law(output.payload.length <= 500, "a packet is too long")
        law(StreamPacket.decode(output.payload) !== undefined, "a packet cannot be read")
        number++
      }
      law(Streams.machine.deadline(state) > now, "is due, and sends nothing")
      check(state)
      now += read.byte() * 4
    }
  }
}
