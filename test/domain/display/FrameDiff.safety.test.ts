import { it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { describe, expect } from "vitest"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Cell from "../../../src/domain/terminal/Cell.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import type * as Row from "../../../src/domain/terminal/Row.ts"
import { sessions, smallPairs } from "../../support/frames.ts"

const { fromTerm, full, stock } = Capabilities
const RECEIVERS = [
  full,
  stock,
  ...["xterm-256color", "tmux-256color", "linux", "vt100"].map((term) => fromTerm({ term }))
]

const CURSOR = String.raw`\x1b\[(?:\d+;\d+)?H`
const CONTROLS = String.raw`[\x07\b\n\r]`
const TEXT = String.raw`[^\x00-\x1f\x7f-\x9f\ud800-\udfff]`
const TITLES = String.raw`\x1b\][012];[^\x00-\x1f\x7f-\x9f]*\x07`

/** Everything of spec 8.8, and nothing else. */
const STOCK = new RegExp(
  `^(?:${TEXT}|${CONTROLS}|${CURSOR}|${TITLES}|` +
    String.raw`\x1b\[K|\x1b\[\d*X|\x1b\[2J|\x1b\[(?:\d+;\d+)?r|\x1b\[[\d;]*m|` +
    String.raw`\x1b\[\?(?:5|25|9|1000|1001|1002|1003|1004|1005|1006|1015|2004)[hl]|\x1b\]52;c;[A-Za-z0-9+/=]*\x07)*$`,
  "u"
)

/** The same, and what our own end and modern terminals understand. */
const MODERN = new RegExp(
  `^(?:${TEXT}|${CONTROLS}|${CURSOR}|${TITLES}|\x7f|` +
    String.raw`\x1b[=>]|\x1b\[>4;\d[mf]|\x1b\[=\d+;1u|` +
    String.raw`\x1b\[K|\x1b\[\d*[XCLM]|\x1b\[2J|\x1b\[(?:\d+;\d+)?r|\x1b\[[\d;:]*m|\x1b\[\d q|` +
    String.raw`\x1b\]66;w=[12];[^\x00-\x1f\x7f-\x9f]+\x07|` +
    String.raw`\x1b\]133;#\d+;\d+;\d+;(?:133;(?:A(?:;k=s)?|P;k=r|B|C|D(?:;\d+)?)|1337;SetMark)\x07|` +
    String.raw`\x1b\]777;notify(?:=\d+;(?:9|99|777);[012];\d+;|;[^\x00-\x1f\x7f-\x9f;]*;)[^\x00-\x1f\x7f-\x9f]*\x07|` +
    String.raw`\x1b\]9;(?!\d{1,2}(?:;|\x07))[^\x00-\x1f\x7f-\x9f]*\x07|\x1b\]9;4;[0-4](?:;\d+)?\x07|` +
    String.raw`\x1b\]99;i=mosh\d+(?::d=0|:p=body)?(?::u=[02])?;[^\x00-\x1f\x7f-\x9f]*\x07|` +
    String.raw`\x1b\](?:7|22);[^\x00-\x1f\x7f-\x9f]*\x07|\x1b\]1337;SetUserVar=[\w.-]+=[A-Za-z0-9+/=]*\x07|` +
    String.raw`\x1b\](?:4|1[01279]);[\w;#:/ ]+\x07|\x1b\]104;[\d;]+\x07|\x1b\]11[01279]\x07|` +
    String.raw`\x1b\[\?\d+[hl]|\x1b\]52;[a-z0-9](?:=\d+)?;[A-Za-z0-9+/=]*\x07|\x1b\]8;[\x20-\x3a\x3c-\x7e]*;[\x20-\x7e]*\x07)*$`,
  "u"
)

const check = (host: string, receiver: Capabilities.Capabilities) => {
  if (!(receiver === stock ? STOCK : MODERN).test(host)) expect.fail(JSON.stringify(host))
}

/** Text that would do harm if it were sent unchanged. */
const Harm = Schema.Array(
  Schema.Literals([
    "a",
    "\x07",
    "\x1b",
    "\x1b[6n",
    "\x1b\\",
    "\x9c",
    "\x9b",
    "\x7f",
    "\n",
    ";",
    "?",
    "\ud800",
    "\udc00",
    "日"
  ])
)

/** A frame that breaks every rule, as none of our code makes it. */
const hostile = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({ words: Schema.Array(Schema.Int), texts: Schema.Tuple([Harm, Harm, Harm, Harm, Harm]) })
  ),
  ({ texts, words }): Frame.Frame => {
    const [title, icon, clip, uri, cluster] = texts.map((text) => text.join("")) as [
      string,
      string,
      string,
      string,
      string
    ]
    const blank = Frame.blank({ columns: 6, rows: 3 })
    const link = { params: title, uri }
    const rows = blank.rows.map((row, y): Row.Row => {
      const copy = row.words.slice()
      words.forEach((word, i) => (copy[(i * 7 + y) % copy.length] = word))
      for (let x = 0; x < 6; x++)
        if (x % 2 === 0) copy[x * Cell.WORDS] = (copy[x * Cell.WORDS] ?? 0) | Cell.CLUSTER | 0x61
      return {
        words: copy,
        wraps: y % 2 === 0,
        clusters: new Map([0, 1, 2, 3, 4].map((x) => [x, cluster])),
        links: new Map([0, 1, 2, 3, 4, 5].map((x) => [x, link]))
      }
    })
    return {
      ...blank,
      rows,
      title,
      iconTitle: icon,
      pen: { ...Rendition.DEFAULT, link },
      clipboard: new Map([
        ["c", clip],
        [clip, "x"]
      ]),
      notifications: { count: 2, kept: [{ form: 9, title, body: clip, urgency: 1 }] },
      marks: { count: 1, kept: [{ line: 1, column: 1, osc: clip }] },
      properties: {
        directory: uri,
        pointer: icon,
        progress: undefined,
        variables: new Map([["name", clip]]),
        colors: new Map([[1, clip]])
      }
    }
  }
)

describe("whatever a frame holds, only what the receiver understands is sent", () => {
  it.prop("in generated frames", [smallPairs], ([{ after, before }]) => {
    for (const receiver of RECEIVERS) {
      check(FrameDiff.diff(before, after, receiver), receiver)
      check(FrameDiff.repaint(after, receiver), receiver)
    }
  })

  it.prop("in sessions", [sessions], ([frames]) => {
    frames.forEach((frame, i) => {
      for (const receiver of RECEIVERS) check(FrameDiff.diff(frames[i - 1] ?? frame, frame, receiver), receiver)
    })
  })

  it.prop(
    "in frames that are not even well-formed",
    [hostile],
    ([frame]) => {
      for (const receiver of RECEIVERS) check(FrameDiff.diff(Frame.blank(frame.size), frame, receiver), receiver)
    },
    { arbitrary: { runs: 500 } }
  )
})

describe("clipboards", () => {
  const blank = Frame.blank({ columns: 4, rows: 1 })
  const holding = (selection: string, text: string) => ({ ...blank, clipboard: new Map([[selection, text]]) })

  it("are sent for each selection that the receiver keeps", () => {
    expect(FrameDiff.diff(blank, holding("p", "eA=="), full)).toBe("\x1b]52;p=0;eA==\x07")
    expect(FrameDiff.diff(blank, holding("p", "eA=="), stock)).toBe("")
  })

  it("are sent whole or not at all", () => {
    expect(FrameDiff.diff(blank, holding("c", "A".repeat(16379)), stock)).toHaveLength(16379 + 8)
    expect(FrameDiff.diff(blank, holding("c", "A".repeat(16380)), stock)).toBe("")
  })

  it("are sent again when the same text is written again, except to receivers that keep no count", () => {
    const once = FramePatch.patch(blank, "\x1b]52;c;eA==\x07")
    const twice = FramePatch.patch(once, "\x1b]52;c;eA==\x07")
    expect(FrameDiff.diff(once, twice, full)).toBe("\x1b]52;c=2;eA==\x07")
    expect(FrameDiff.diff(once, twice, Capabilities.fromTerm({ term: "xterm" }))).toBe("\x1b]52;c;eA==\x07")
    expect(FrameDiff.diff(once, twice, Capabilities.withoutCopies)).toBe("")
    expect(FrameDiff.diff(once, twice, stock)).toBe("")
  })

  it("are numbered, so that a difference to an older frame counts no write twice and forgets none", () => {
    const once = FramePatch.patch(blank, "\x1b]52;c;eA==\x07")
    const twice = FramePatch.patch(once, "\x1b]52;c;eA==\x07")
    // The receiver shows `once`, and is sent the difference from a frame before it.
    const received = FramePatch.patch(blank, FrameDiff.diff(blank, twice, full))
    expect(received.copies).toEqual(new Map([["c", 2]]))
    expect(FrameDiff.diff(once, received, Capabilities.fromTerm({ term: "xterm" }))).toBe("\x1b]52;c;eA==\x07")
    expect(FrameDiff.diff(twice, received, Capabilities.fromTerm({ term: "xterm" }))).toBe("")
  })

  it("ignore malformed numbers", () => {
    for (const number of ["", "x", "-1", "1".repeat(16)]) {
      expect(FramePatch.patch(blank, `\x1b]52;c=${number};eA==\x07`).clipboard.size).toBe(0)
    }
  })

  it("never query the clipboard", () => {
    for (const receiver of RECEIVERS) expect(FrameDiff.diff(blank, holding("c", "?"), receiver)).toBe("")
  })
})

describe("bells", () => {
  it("are sent as often as they rang, up to sixteen times", () => {
    const blank = Frame.blank({ columns: 4, rows: 1 })
    expect([0, 1, 3, 16, 17, 1000].map((bells) => FrameDiff.diff(blank, { ...blank, bells }, full).length)).toEqual([
      0, 1, 3, 16, 16, 16
    ])
  })
})
