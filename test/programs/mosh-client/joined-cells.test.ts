import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Terminals from "../../support/terminals/terminals.ts"

const SIZE = { columns: 24, rows: 3 }
const HEART = "\u2764\ufe0f\u200d"

/** Screens, shown one after another: text whose cells some terminals join, each placed by a cursor movement. */
const SCREENS: ReadonlyArray<ReadonlyArray<string>> = [
  ["zzzzzzzzzzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzzzzzzzzz"],
  [`a${HEART}🔥x`, `${HEART}b${HEART} c`, `👨\u200d👩\u200d👧y`],
  // Between these two, only the text after a joiner changes; then only the text before it.
  [`a${HEART}🚒x`, `${HEART}d${HEART}ec`, `👨\u200d漢\u200d👧y`],
  [`ab🚒x`, `${HEART} ${HEART}  `, `👩\u200d漢b y`],
  // Devanagari, Thai, Sinhala: marks with a width, and conjuncts.
  ["नमस्ते का हिन्दी x", "ทำงานน้ำ x", "ශ්‍රී ක්‍ර x"],
  ["नमस्ते की हिन्दा x", "ทำงานดำ x", "ශ්‍රා ක්‍ෂ x"],
  ["zzzzzzzzzzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzzzzzzzzz"],
  ["👍🏽x 🇩🇪🇫🇷 y", "ｶﾞｷﾞx", "ᄀ각 x"],
  ["", "", ""]
]

const frameOf = (lines: ReadonlyArray<string>): Frame.Frame =>
  FramePatch.patch(Frame.blank(SIZE), lines.map((line, y) => `\x1b[${y + 1};1H${line}`).join(""))

/** The text that a terminal shows, without joiners, which some omit, and without xterm's marks for right halves. */
const plain = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.map((line) => line.replaceAll(/[\u200d\uffff]/g, "").trimEnd())

const KINDS = [
  { kind: "tmux", term: "tmux-256color" },
  { kind: "xterm", term: "xterm-256color" },
  { kind: "vte", term: "vte-256color" }
] as const

describe.each(KINDS)("cells that $kind may join to the one before", ({ kind, term }) => {
  const missing = Terminals.missing(kind)
  if (missing !== undefined) console.log(`skipped, cells that ${kind} may join: ${missing}`)
  let terminal: Terminals.RealTerminal | undefined
  beforeAll(async () => {
    if (missing === undefined) terminal = await Terminals.open(kind, SIZE)
  }, 60_000)
  afterAll(() => terminal?.close())

  it.skipIf(missing !== undefined)(
    "are where they belong, and nothing else is left there",
    async () => {
      const capabilities = Capabilities.fromTerm({ term })
      let shown: Frame.Frame | undefined
      for (const screen of SCREENS) {
        const frame = frameOf(screen)
        await terminal?.write(
          shown === undefined ? FrameDiff.repaint(frame, capabilities) : FrameDiff.diff(shown, frame, capabilities)
        )
        expect(plain((await terminal?.lines()) ?? [])).toEqual(plain(Frame.lines(frame)))
        shown = frame
      }
    },
    30_000
  )
})
