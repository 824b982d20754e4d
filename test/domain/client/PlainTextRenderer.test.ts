import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as InputEnd from "../../../src/domain/client/InputEnd.ts"
import * as TerminalSetup from "../../../src/domain/client/terminal/TerminalSetup.ts"
import * as TitlePrefix from "../../../src/domain/client/terminal/TitlePrefix.ts"
import * as PlainTextRenderer from "../../../src/domain/client/PlainTextRenderer.ts"
import { blank, equals, type Frame } from "../../../src/domain/terminal/Frame.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../../src/domain/terminal/RowEditor.ts"

const COLUMNS = 10
const ROWS = 4

/** A screen that shows lines, longer ones wrapped, with the cursor after the last. */
const screen = (...lines: ReadonlyArray<string>): Frame => {
  const rows: Array<Row.Row> = []
  for (const line of lines) {
    for (let from = 0; from === 0 || from < line.length; from += COLUMNS) {
      const editor = new RowEditor(Row.blank(COLUMNS))
      editor.write(0, line.slice(from, from + COLUMNS), Rendition.DEFAULT)
      editor.wraps = from + COLUMNS < line.length
      rows.push(editor.row())
    }
  }
  const last = (lines.at(-1)?.length ?? 0) % COLUMNS
  const frame = blank({ columns: COLUMNS, rows: ROWS })
  return {
    ...frame,
    rows: Array.from({ length: ROWS }, (_, row) => rows[row] ?? Row.blank(COLUMNS)),
    cursor: { ...frame.cursor, row: Math.max(rows.length - 1, 0), column: last }
  }
}

const tell = (...frames: ReadonlyArray<Frame>): string => {
  let state = PlainTextRenderer.initial
  let output = ""
  for (const frame of frames) {
    const [next, text] = PlainTextRenderer.step(state, frame)
    state = next
    output += text
  }
  return output + PlainTextRenderer.end(state)
}

describe("PlainTextRenderer", () => {
  it("tells a shell's session as it would be read", () => {
    expect(
      tell(
        screen(""),
        screen("$ "),
        screen("$ una"),
        screen("$ uname"),
        screen("$ uname", "Linux", "$ "),
        screen("$ uname", "Linux", "$ exit"),
        screen("$ uname", "Linux", "$ exit", "logout"),
        screen("Linux", "$ exit", "logout", "")
      )
    ).toBe("$ uname\nLinux\n$ exit\nlogout\n")
  })

  it("joins what the terminal wrapped", () => {
    expect(tell(screen("0123456789abc"), screen("0123456789abcdef", "next"))).toBe("0123456789abcdef\nnext\n")
  })

  it("tells a wrapped line once when its beginning has scrolled away", () => {
    const long = "0123456789abcdefghijKLMNO"
    const rest = (from: number, ...after: ReadonlyArray<string>) => screen(long.slice(from), ...after)
    expect(
      tell(
        screen(long, "one"),
        rest(10, "one", "two"),
        rest(20, "one", "two", "three"),
        screen("one", "two", "three", "4")
      )
    ).toBe(`${long}\none\ntwo\nthree\n4\n`)
  })

  it("tells a line that is longer than the screen once, while it is printed", () => {
    const long = Array.from({ length: 95 }, (_, i) => String.fromCharCode(33 + ((i * 7) % 90))).join("")
    const upTo = (end: number) => screen(long.slice(Math.max(0, Math.ceil(end / COLUMNS) - ROWS) * COLUMNS, end))
    expect(tell(...[4, 17, 38, 45, 52, 60, 78, 95].map(upTo))).toBe(`${long}\n`)
  })

  it("tells a line that was edited once more, when it is finished", () => {
    expect(tell(screen("$ lz"), screen("$ ls"), screen("$ ls -l"), screen("$ ls -l", "total 0"))).toBe(
      "$ lz\n$ ls -l\ntotal 0\n"
    )
  })

  it("tells a prompt once, though its blank goes when the cursor does", () => {
    expect(tell(screen("$ "), screen("$", "exit"))).toBe("$ \nexit\n")
  })

  it("tells a cleared screen anew", () => {
    expect(tell(screen("one", "two"), screen("three"))).toBe("one\ntwo\nthree\n")
  })

  it("says nothing of a session that showed nothing", () => {
    expect(tell(screen(""), screen(""))).toBe("")
  })

  const Line = Schema.Literals(["", "a", "b", "c", "0123456789xyz"])

  it.prop(
    "tells each line once when they scroll by one at a time",
    { lines: Schema.Array(Schema.Int) },
    ({ lines }) => {
      const numbered = lines.map((line, at) => `${at}:${String(line).slice(0, 5)}`)
      const frames = numbered.map((_, at) => screen(...numbered.slice(Math.max(0, at + 1 - ROWS), at + 1)))
      expect(tell(...frames)).toBe(numbered.map((line) => `${line}\n`).join(""))
    }
  )

  it.prop("adds nothing for a screen that was told", { lines: Schema.Array(Line) }, ({ lines }) => {
    const frame = screen(...lines.slice(0, 2))
    expect(tell(frame, frame)).toBe(tell(frame))
  })
})

describe("InputEnd", () => {
  const { deadline, step } = InputEnd.machine

  it("types Ctrl-D when all is delivered and the screen is still, ever more rarely", () => {
    let state = InputEnd.initial
    const take = (input: InputEnd.Input, now: number) => {
      const [next, outputs] = step(state, input, now)
      state = next
      return outputs.length
    }
    take({ _tag: "Delivered", all: false }, 0)
    take({ _tag: "Ended" }, 0)
    expect(deadline(state)).toBe(Infinity)
    take({ _tag: "Delivered", all: true }, 100)
    expect(deadline(state)).toBe(600)
    take({ _tag: "ScreenChanged" }, 400)
    expect(take({ _tag: "Tick" }, 600)).toBe(0)
    expect(take({ _tag: "Tick" }, 900)).toBe(1)
    const waits: Array<number> = []
    for (let at = 900; waits.length < 10;) {
      const due = deadline(state)
      waits.push(due - at)
      expect(take({ _tag: "Tick" }, due)).toBe(1)
      at = due
    }
    expect(waits[0]).toBe(1000)
    expect(waits.at(-1)).toBe(60_000)
  })

  it("types nothing while input may come", () => {
    const [state] = step(InputEnd.initial, { _tag: "Delivered", all: true }, 0)
    expect(deadline(state)).toBe(Infinity)
  })
})

describe("TitlePrefix", () => {
  const frame = blank({ columns: 10, rows: 2 })

  it("marks a title, and an icon title that is the same", () => {
    expect(TitlePrefix.apply({ ...frame, title: "vim", iconTitle: "vim" })).toMatchObject({
      title: "[mosh] vim",
      iconTitle: "[mosh] vim"
    })
    expect(TitlePrefix.apply({ ...frame, title: "vim", iconTitle: "v" })).toMatchObject({
      title: "[mosh] vim",
      iconTitle: "v"
    })
  })

  it("makes no title where there is none", () => {
    expect(TitlePrefix.apply(frame)).toBe(frame)
  })
})

const ALTERNATE = { enter: "\x1b[?1049h", leave: "\x1b[?1049l" }

describe("TerminalSetup", () => {
  it("opens and closes as stock mosh, and more", () => {
    expect(TerminalSetup.opening(ALTERNATE)).toBe("\x1b[?1049h\x1b[?1h")
    expect(TerminalSetup.opening(undefined)).toBe("\x1b[?1h")
    const closing = TerminalSetup.closing(ALTERNATE)
    for (const mode of [1003, 1002, 1001, 1000, 1015, 1006, 1005, 2004, 1004])
      expect(closing).toContain(`\x1b[?${mode}l`)
    expect(closing.endsWith("\x1b[?1049l")).toBe(true)
    expect(TerminalSetup.closing(undefined)).not.toContain("1049")
  })

  it("leaves an ordinary last picture as it is", () => {
    const frame = blank({ columns: 10, rows: 2 })
    expect(equals(TerminalSetup.neutral(frame), frame)).toBe(true)
    expect(TerminalSetup.neutral({ ...frame, cursor: { ...frame.cursor, shape: 4, visible: false } }).cursor).toEqual(
      frame.cursor
    )
  })
})
