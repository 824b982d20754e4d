import { describe, expect, it } from "@effect/vitest"
import * as FrameMatch from "../../../src/domain/prediction/FrameMatch.ts"
import * as ProgramModel from "../../../src/domain/prediction/program/ProgramModel.ts"
import * as Timeline from "../../../src/domain/prediction/Timeline.ts"
import { observe, pictureOf } from "./parts.ts"

const timelineOf = (start: string, typed: string): Timeline.Timeline =>
  Timeline.predict(
    pictureOf(start),
    Array.from(typed, (character, i) => ({
      key: { _tag: "Character", codePoint: character.codePointAt(0) ?? 0, width: 1 } as const,
      stateNumber: BigInt(i + 1),
      typedAt: 0,
      shown: false
    })),
    ProgramModel.unknown(false)
  )

describe("a frame in the timeline", () => {
  const timeline = timelineOf("$ ", "abc")

  it("shows as many keys as its caret and text prove", () => {
    expect(FrameMatch.find(timeline, 0, observe("$ "))).toEqual({ count: 0, echo: false })
    expect(FrameMatch.find(timeline, 0, observe("$ ab"))).toEqual({ count: 2, echo: true })
  })

  it("shows none if a key is missing or another is in its place", () => {
    expect(FrameMatch.find(timeline, 0, observe("$ xb"))).toBeUndefined()
    expect(FrameMatch.find(timeline, 3, observe("$ ab"))).toBeUndefined()
  })

  it("shows the line in another row, if it has the text before the caret", () => {
    expect(FrameMatch.find(timeline, 0, observe("out\r\n$ ab"))).toEqual({ count: 2, echo: true })
    expect(FrameMatch.find(timeline, 0, observe("out\r\n# ab"))).toBeUndefined()
  })

  it("shows a line that is in place while the cursor is elsewhere", () => {
    const away = observe("$ ab\x1b[4;5H")
    expect(FrameMatch.find(timeline, 0, away)).toBeUndefined()
    const still = FrameMatch.all(timeline, 0, (picture, start) => FrameMatch.stillShows(away, picture, start))
    expect(still.map(({ count }) => count)).toContain(2)
  })
})
