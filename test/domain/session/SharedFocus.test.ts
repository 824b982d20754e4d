import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as SharedFocus from "../../../src/domain/session/SharedFocus.ts"

const GAINED = "\x1b[I"
const LOST = "\x1b[O"

/** What the program receives. Letters were typed; `quiet` arrives while terminals do not report their focus. */
const received = (inputs: ReadonlyArray<readonly [id: number, text: string]>): ReadonlyArray<string> => {
  let state = SharedFocus.initial
  return inputs.map(([id, text]) => {
    if (text === "gone") {
      state = SharedFocus.forget(state, id)
      return ""
    }
    const isTyped = /[a-z]/.test(text)
    const [next, bytes] = SharedFocus.read(state, {
      id,
      bytes: Buffer.from(text, "latin1"),
      isTyped,
      isReported: text !== "quiet"
    })
    state = next
    return Buffer.from(bytes).toString("latin1")
  })
}

describe("the focus of several terminals", () => {
  it("stays with the program when it goes from one to another, in whatever order that is reported", () => {
    expect(
      received([
        [1, GAINED],
        [2, GAINED],
        [1, LOST],
        [2, LOST]
      ])
    ).toEqual([GAINED, GAINED, "", LOST])
    expect(
      received([
        [1, GAINED],
        [1, LOST],
        [2, GAINED]
      ])
    ).toEqual([GAINED, LOST, GAINED])
  })

  it("is where a user types, and nowhere once the client is gone", () => {
    expect(
      received([
        [1, "a"],
        [2, `b${LOST}`],
        [1, "gone"],
        [2, LOST]
      ])
    ).toEqual(["a", "b", "", LOST])
  })

  it("is unknown after the program has switched its reports off", () => {
    expect(
      received([
        [1, GAINED],
        [2, "quiet"],
        [2, GAINED],
        [2, LOST]
      ])
    ).toEqual([GAINED, "quiet", GAINED, LOST])
  })

  it("is reported by several reports in one piece as by pieces of one", () => {
    expect(
      received([
        [2, "x"],
        [1, `${GAINED}a${LOST}b\x1b[A${LOST}${GAINED}\x1b`]
      ])
    ).toEqual(["x", `${GAINED}ab\x1b[A${GAINED}\x1b`])
  })

  const Piece = Schema.Literals([GAINED, LOST, "a", "\x1b", "[", "O", "\x1b[A", "\x1b[200~"])
  const Pieces = Schema.Array(Schema.Tuple([Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 3 })), Piece]))

  it.prop("passes the input of one client unchanged", [Schema.Array(Piece)], ([pieces]) => {
    expect(received(pieces.map((piece) => [1, piece] as const))).toEqual(pieces)
  })

  it.prop("removes nothing but reports of lost focus, and those only while another has it", [Pieces], ([pieces]) => {
    const focused = new Set<number>()
    const expected = pieces.map(([id, piece]) => {
      if (piece === LOST) focused.delete(id)
      else if (piece === GAINED || /[a-z]/.test(piece)) focused.add(id)
      return piece === LOST && focused.size > 0 ? "" : piece
    })
    expect(received(pieces)).toEqual(expected)
  })
})
