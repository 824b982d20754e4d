import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Limits from "../../../src/domain/streams/Limits.ts"
import * as StreamTable from "../../../src/domain/streams/StreamTable.ts"

/** The peer opens so many streams, or so many of its open ones finish, beginning at a position. */
const Change = Schema.Struct({
  opens: Schema.Boolean,
  count: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 70 })),
  at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 127 }))
})

describe("the limit of streams", () => {
  it.prop("allows a peer 128 open streams at any time, and never more", [Schema.Array(Change)], ([changes]) => {
    const table = StreamTable.make("Server")
    /** What the peer knows of the limit. */
    let allowed = Limits.INITIAL_STREAMS
    const raise = () => {
      if (StreamTable.raise(table)) allowed = table.advertised
    }
    for (const { at, count, opens } of changes) {
      for (let i = 0; i < count; i++) {
        const open = [...table.streams.values()]
        if (opens) {
          expect(table.accepted < allowed).toBe(open.length < Limits.INITIAL_STREAMS)
          if (table.accepted >= allowed) break
          StreamTable.find(table, 2 * table.accepted)
        } else {
          const stream = open[at % Math.max(1, open.length)]
          if (stream !== undefined) StreamTable.remove(table, stream)
        }
        raise()
      }
    }
    expect(StreamTable.find(table, 2 * (table.finished + Limits.INITIAL_STREAMS))).toBe("stream-limit-exceeded")
  })

  it("is raised when a stream has finished, as soon as only a quarter of all may still be opened", () => {
    const table = StreamTable.make("Server")
    const open = (count: number) => StreamTable.find(table, 2 * (count - 1))
    const first = open(1)
    if (typeof first === "object") StreamTable.remove(table, first)
    open((Limits.INITIAL_STREAMS * 3) / 4 - 1)
    expect(StreamTable.raise(table)).toBe(false)
    open((Limits.INITIAL_STREAMS * 3) / 4)
    expect(StreamTable.raise(table)).toBe(true)
    expect(table.advertised).toBe(Limits.INITIAL_STREAMS + 1)
    expect(StreamTable.raise(table)).toBe(false)
  })
})
