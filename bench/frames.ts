import { full } from "../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../src/domain/display/FramePatch.ts"
import type { Size } from "../src/domain/terminal/Frame.ts"
import { microseconds, summary } from "./measure.ts"
import { makeScreen } from "./screen.ts"
import type { Table, Value } from "./table.ts"

const SIZES: ReadonlyArray<Size> = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 }
]

const CASES: Readonly<Record<string, (size: Size, round: number) => string>> = {
  "one echoed character": (_, round) => String.fromCharCode(97 + (round % 26)),
  "one-line scroll": (_, round) => `\r\nline ${round} of some output`,
  "full repaint": (size, round) =>
    `\u001b[H${Array.from({ length: size.rows }, (_, y) => colouredRow(size, round, y)).join("\r\n")}`
}

/** Words in changing colours, as a full-screen program paints them. */
const colouredRow = (size: Size, round: number, y: number): string => {
  let row = ""
  for (let x = 0; x + 8 <= size.columns; x += 8)
    row += `\u001b[38;5;${(x + y + round) % 256}m${String((x * 7919 + y * 104_729 + round) % 9_999_999).padEnd(8, "·")}`
  return row
}

const WARM_UP = 1500
const ROUNDS = 3000
/** Fewer rounds for a full repaint, which makes the most garbage. */
const ROUNDS_OF_REPAINT = 800

export const frames = async (): Promise<Table> => {
  const rows: Array<ReadonlyArray<Value>> = []
  for (const size of SIZES)
    for (const [name, output] of Object.entries(CASES)) rows.push(await measure(size, name, output))
  return {
    title: "frames",
    note: "µs per frame, median; host string for one of our own clients",
    columns: ["", "size", "parse", "snapshot", "diff", "server's sum", "patch", "bytes", "rounds"],
    rows
  }
}

const measure = async (
  size: Size,
  name: string,
  output: (size: Size, round: number) => string
): Promise<ReadonlyArray<Value>> => {
  const screen = await makeScreen(size)
  const encoder = new TextEncoder()
  const rounds = name === "full repaint" ? ROUNDS_OF_REPAINT : ROUNDS
  // A screen with text, which a scroll really moves.
  screen.write(encoder.encode(Array.from({ length: size.rows }, (_, y) => colouredRow(size, 0, y)).join("\r\n")))
  let before = screen.frame()
  let patched = before
  const samples = { parse: new Array<number>(), snapshot: new Array<number>(), diff: new Array<number>() }
  const patches: Array<number> = []
  let bytes = 0
  for (let round = -WARM_UP; round < rounds; round++) {
    // An echo stays on one row: after every 60 characters, a new line begins, which is not measured.
    if (name === "one echoed character" && round % 60 === 0) {
      screen.write(encoder.encode("\r"))
      before = screen.frame()
      patched = before
    }
    const text = encoder.encode(output(size, round + WARM_UP))
    const start = microseconds()
    screen.write(text)
    const parsed = microseconds()
    const after = screen.frame()
    const snapped = microseconds()
    const host = FrameDiff.diff(before, after, full)
    const diffed = microseconds()
    patched = FramePatch.patch(patched, host)
    const end = microseconds()
    before = after
    if (round < 0) continue
    samples.parse.push(parsed - start)
    samples.snapshot.push(snapped - parsed)
    samples.diff.push(diffed - snapped)
    patches.push(end - diffed)
    bytes = host.length
  }
  const parse = summary(samples.parse).median
  const snapshot = summary(samples.snapshot).median
  const diff = summary(samples.diff).median
  const patch = summary(patches).median
  const dimensions = `${size.columns}×${size.rows}`
  return [name, dimensions, parse, snapshot, diff, parse + snapshot + diff, patch, bytes, rounds]
}
