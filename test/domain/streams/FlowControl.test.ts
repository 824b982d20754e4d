import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ByteQueue from "../../../src/domain/streams/ByteQueue.ts"
import * as FlowControl from "../../../src/domain/streams/FlowControl.ts"
import * as Limits from "../../../src/domain/streams/Limits.ts"
import * as ReceiveStream from "../../../src/domain/streams/ReceiveStream.ts"

const STEP = 8 * 1024
const RTT = 50
const NOW = 1000

/** What the buffers of Linux were measured to take of a connection that is not read. */
const UNREAD_MAX = 4_300_000
const Unread = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: UNREAD_MAX }))).check(
  Schema.isMaxLength(60)
)

const windows = () => {
  const flow = FlowControl.make()
  const streams: Array<ReceiveStream.ReceiveStream> = []
  return {
    flow,
    streams,
    open: () => {
      const stream = ReceiveStream.make(2 * streams.length)
      streams.push(stream)
      /** Reads as fast as bytes arrive. */
      return (bytes: number): number => {
        for (let read = 0; read < bytes; read += STEP) {
          ByteQueue.release(stream.queue, stream.queue.start + STEP)
          FlowControl.consume(flow, STEP)
          FlowControl.advance(flow, stream, RTT, NOW)
        }
        return stream.window
      }
    }
  }
}

describe("FlowControl", () => {
  it("gives the largest window to a stream that is read fast", () => {
    const { open } = windows()
    expect(open()(Limits.STREAM_WINDOW_MAX)).toBe(Limits.STREAM_WINDOW_MAX)
  })

  /**
   * Reads so many bytes of each of some streams, and then of another one as fast as bytes arrive. Returns its window when few bytes
   * were read, and when many were.
   */
  const windowsBeside = (unread: ReadonlyArray<number>): readonly [number, number] => {
    const { flow, open, streams } = windows()
    for (const bytes of unread) open()(bytes)
    const read = open()
    const grown = [read(2 * Limits.UNPROVEN_WINDOW), read(Limits.PROVEN + Limits.STREAM_WINDOW_MAX)] as const
    const beyond = streams.reduce((sum, { window }) => sum + window - Limits.INITIAL_STREAM_DATA, 0)
    expect(flow.receivePool).toBe(Limits.RECEIVE_POOL - beyond)
    for (const stream of streams) FlowControl.returnWindow(flow, stream)
    expect(flow.receivePool).toBe(Limits.RECEIVE_POOL)
    return grown
  }

  it("leaves windows for a stream that is read, beside 60 that filled the system's buffers and are no longer read", () => {
    const [few, many] = windowsBeside(Array.from({ length: 60 }, () => UNREAD_MAX))
    expect(few).toBeGreaterThanOrEqual(Limits.UNPROVEN_WINDOW)
    expect(many).toBe(Limits.STREAM_WINDOW_MAX)
  })

  it.prop(
    "leaves windows for a stream that is read, beside any that are no longer read",
    [Unread],
    ([unread]) => {
      const [few, many] = windowsBeside(unread)
      expect(few).toBeGreaterThanOrEqual(Limits.UNPROVEN_WINDOW)
      expect(many).toBe(Limits.STREAM_WINDOW_MAX)
    },
    { arbitrary: { runs: 20 } }
  )

  it("keeps the connection's limit ahead of all windows together", () => {
    const { flow, open, streams } = windows()
    const readers = Array.from({ length: 2 * Limits.INITIAL_STREAMS }, open)
    // All have a reader, and take the whole pool; then none is read any more.
    for (const read of readers) {
      read(Limits.PROVEN)
      expect(flow.receivePool).toBeGreaterThanOrEqual(0)
    }
    const promised = streams.reduce((sum, stream) => sum + stream.advertised - ReceiveStream.consumed(stream), 0)
    expect(flow.receivePool).toBeLessThan(Limits.INITIAL_STREAM_DATA)
    expect(flow.advertised - flow.consumed).toBeGreaterThanOrEqual(promised)
  })
})
