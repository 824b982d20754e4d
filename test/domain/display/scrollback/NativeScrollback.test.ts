import { describe, expect, it } from "vitest"
import * as Capabilities from "../../../../src/domain/display/Capabilities.ts"
import * as NotificationBar from "../../../../src/domain/client/NotificationBar.ts"
import * as NativeScrollback from "../../../../src/domain/display/scrollback/NativeScrollback.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import * as KeptMarks from "../../../../src/domain/events/KeptMarks.ts"
import * as Rendition from "../../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../../../src/domain/terminal/RowEditor.ts"
import { entriesOf, Server, Terminal } from "../../../support/scrollback.ts"
import { random, seedOr } from "../../../support/seed.ts"

const SIZE = { columns: 20, rows: 6 }
const capabilities = Capabilities.fromTerm({ term: "xterm-256color" })

const open = (size: Frame.Size = SIZE, before = "") => {
  const server = new Server(size)
  const terminal = new Terminal({ capabilities, reflows: true, quiet: 150, size }, before)
  terminal.offer({ _tag: "Opened" })
  return { server, terminal }
}

/** What was there, and all that scrolled off. */
const texts = (rows: ReadonlyArray<{ readonly text: string }>): ReadonlyArray<string> => rows.map(({ text }) => text)
const lines = (rows: ReadonlyArray<Row.Row>): ReadonlyArray<string> => rows.map(Row.line)

/** What a terminal shows and keeps. */
const stateOf = (terminal: Terminal) => ({
  history: texts(terminal.history()),
  screen: terminal.screen(),
  cursor: terminal.cursor()
})

/** What it should. */
const wantedOf = (server: Server): ReturnType<typeof stateOf> => {
  const { screen } = server.picture()
  return {
    history: lines(server.history.slice(server.first)),
    screen: Frame.lines(screen),
    cursor: [screen.cursor.row, screen.cursor.column]
  }
}

describe("rows that scroll off the session's screen", () => {
  it("scroll off the terminal's, if they are known", () => {
    const { server, terminal } = open()
    server.print("one\ntwo\nthree\nfour\nfive\nsix")
    terminal.offer({ _tag: "Show", picture: server.picture() })
    server.print("\nseven\neight")
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, 2) })
    terminal.written = ""
    terminal.offer({ _tag: "Show", picture: server.picture() })
    expect(stateOf(terminal)).toEqual(wantedOf(server))
    // Two line feeds and two rows, and nothing is drawn again.
    expect(terminal.written).toContain("\n\n")
    expect(terminal.written).not.toContain("three")
  })

  it("are inserted above the screen, if they arrive later", () => {
    const { server, terminal } = open()
    for (let i = 0; i < 50; i++) server.print(`line ${i}\n`)
    terminal.offer({ _tag: "Show", picture: server.picture() })
    expect(terminal.screen()).toEqual(Frame.lines(server.picture().screen))
    expect(terminal.history()).toEqual([])
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, 20) })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 20, server.history.length) })
    terminal.settle()
    expect(stateOf(terminal)).toEqual(wantedOf(server))
  })

  it("wait for the frame that they left", () => {
    const { server, terminal } = open()
    server.print("one\ntwo\nthree\nfour\nfive\nsix")
    const before = server.picture()
    terminal.offer({ _tag: "Show", picture: before })
    server.print("\nseven")
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, 1) })
    expect(terminal.history()).toEqual([])
    terminal.offer({ _tag: "Show", picture: server.picture() })
    expect(stateOf(terminal)).toEqual(wantedOf(server))
  })

  it("come in batches, so that a frame in between is drawn", () => {
    const { server, terminal } = open()
    for (let i = 0; i < 3000; i++) server.print(`${i}\n`)
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
    terminal.offer({ _tag: "Show", picture: server.picture() })
    expect(terminal.history().length).toBe(NativeScrollback.BATCH)
    server.overwrite(0, 0, "new")
    terminal.offer({ _tag: "Show", picture: server.picture() })
    expect(terminal.history().length).toBe(2 * NativeScrollback.BATCH)
    expect(terminal.screen()).toEqual(Frame.lines(server.picture().screen))
    terminal.settle()
    expect(stateOf(terminal)).toEqual(wantedOf(server))
  })

  it("are written when a busy terminal accepts more, with the newest picture alone", () => {
    const { server, terminal } = open()
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "Busy" })
    terminal.written = ""
    for (let i = 0; i < 40; i++) {
      server.print(`line ${i}\n`)
      terminal.offer({ _tag: "Show", picture: server.picture() })
      terminal.offer({ _tag: "History", entries: entriesOf(server, server.history.length - 1, server.history.length) })
    }
    expect(terminal.written).toBe("")
    terminal.offer({ _tag: "Drained" })
    terminal.settle()
    expect(stateOf(terminal)).toEqual(wantedOf(server))
  })

  it("are one line with a count, if they are missing", () => {
    const { server, terminal } = open({ columns: 40, rows: 6 })
    for (let i = 0; i < 1300; i++) server.print(`${i}\n`)
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: [{ _tag: "Missing", number: 0, count: 1234 }] })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 1234, server.history.length) })
    terminal.settle()
    expect(texts(terminal.history())).toEqual(["[mosh: 1,234 lines are missing]", ...lines(server.history.slice(1234))])
  })

  it("are erased with the history by the program, and the screen is not", () => {
    const { server, terminal } = open()
    for (let i = 0; i < 30; i++) server.print(`line ${i}\n`)
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, 10) })
    server.eraseHistory()
    server.print("after\n")
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: [{ _tag: "Cleared", number: server.first }] })
    terminal.offer({ _tag: "History", entries: entriesOf(server, server.first, server.history.length) })
    terminal.settle()
    expect(server.history.length - server.first).toBe(1)
    expect(stateOf(terminal)).toEqual(wantedOf(server))
  })
})

describe("lines that wrap", () => {
  const long = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

  /** Logical lines of the terminal: a copy of them has a line end after each. */
  const logical = (terminal: Terminal): ReadonlyArray<string> => {
    const rows = [...terminal.history()]
    const joined: Array<string> = []
    let continues = false
    for (const { text, wraps } of rows) {
      if (continues) joined[joined.length - 1] += text
      else joined.push(text)
      continues = wraps
    }
    return joined
  }

  it("stay one line when they are inserted", () => {
    const { server, terminal } = open()
    for (let i = 0; i < 10; i++) server.print(`${i} ${long}\n`)
    for (let i = 0; i < 10; i++) server.print("\n")
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
    expect(stateOf(terminal)).toEqual(wantedOf(server))
    expect(logical(terminal).slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, i) => `${i} ${long}`))
  })

  it("stay one line when they scroll off row by row", () => {
    const { server, terminal } = open()
    const show = (): void => {
      const { length } = server.history
      terminal.offer({ _tag: "History", entries: entriesOf(server, Math.max(0, length - 6), length) })
      terminal.offer({ _tag: "Show", picture: server.picture() })
    }
    for (const character of `${long}\n${long}${"\n".repeat(8)}`) {
      server.print(character)
      show()
    }
    expect(stateOf(terminal)).toEqual(wantedOf(server))
    expect(logical(terminal).filter((line) => line !== "")).toEqual([long, long])
  })

  it("are in the history up to the screen that continues them", () => {
    const { server, terminal } = open()
    server.print(`${"\n".repeat(4)}${long}${long}${long}`)
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
    expect(stateOf(terminal)).toEqual(wantedOf(server))
    expect(terminal.history().at(-1)?.wraps).toBe(true)
  })

  it("stay one line where they are longer than the screen", () => {
    const { server, terminal } = open()
    const lines = Array.from({ length: 40 }, (_, i) => `${i} ${"abcdefghij".repeat(2 * i)}.`)
    for (const line of lines) server.print(`${line}\n`)
    server.print("\n".repeat(10))
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
    terminal.settle()
    expect(stateOf(terminal)).toEqual(wantedOf(server))
    expect(logical(terminal).filter((line) => line !== "")).toEqual(lines)
  })

  it("are cut where they are longer than that by far", () => {
    const { server, terminal } = open()
    server.print(`${long.repeat(500)}${"\n".repeat(10)}`)
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
    terminal.settle()
    expect(stateOf(terminal)).toEqual(wantedOf(server))
  })

  it("are wrapped anew for a terminal of another width", () => {
    const server = new Server({ columns: 62, rows: 6 })
    const terminal = new Terminal({ capabilities, reflows: true, quiet: 150, size: SIZE })
    terminal.offer({ _tag: "Opened" })
    server.print(`${long}\n`.repeat(3) + "\n".repeat(6))
    server.resize(SIZE)
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
    expect(logical(terminal).slice(0, 3)).toEqual([long, long, long])
  })
})

describe("nothing else gets into the history", () => {
  it("of what is predicted, or of the notification bar", () => {
    const { server, terminal } = open()
    for (let i = 0; i < 40; i++) {
      server.print(`line ${i}`)
      const { frame, ...rest } = server.picture()
      const predicted = { ...frame, rows: frame.rows.map((row) => scrawled(row)) }
      terminal.offer({ _tag: "Show", picture: { ...rest, frame: NotificationBar.draw(predicted, "mosh: a bar") } })
      server.print("\n")
      terminal.offer({ _tag: "Show", picture: server.picture() })
      terminal.offer({ _tag: "History", entries: entriesOf(server, server.history.length - 1, server.history.length) })
    }
    expect(stateOf(terminal)).toEqual(wantedOf(server))
  })

  it("of programs on the alternate screen", () => {
    const { server, terminal } = open()
    for (let i = 0; i < 10; i++) server.print(`line ${i}\n`)
    terminal.offer({ _tag: "Show", picture: server.picture() })
    server.alternate(true)
    server.print("editor\n".repeat(20))
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
    expect(terminal.xterm.buffer.active.type).toBe("alternate")
    expect(terminal.screen()).toEqual(Frame.lines(server.picture().screen))
    expect(terminal.history()).toEqual([])
    server.alternate(false)
    server.print("back\n")
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
    terminal.offer({ _tag: "Show", picture: server.picture() })
    expect(terminal.xterm.buffer.active.type).toBe("normal")
    expect(stateOf(terminal)).toEqual(wantedOf(server))
  })

  it("of repaints", () => {
    const { server, terminal } = open()
    for (let i = 0; i < 10; i++) server.print(`line ${i}\n`)
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
    terminal.offer({ _tag: "Repaint" })
    expect(stateOf(terminal)).toEqual(wantedOf(server))
  })
})

const scrawled = (row: Row.Row): Row.Row => {
  const editor = new RowEditor(row)
  editor.write(5, "guess", Rendition.DEFAULT)
  return editor.row()
}

describe("what was on the terminal before", () => {
  it("is in its history, down to the cursor", () => {
    const { server, terminal } = open(SIZE, "$ ls\r\na b c\r\n$ mosh host\r\n")
    server.print("hello")
    terminal.offer({ _tag: "Show", picture: server.picture() })
    expect(texts(terminal.history())).toEqual(["$ ls", "a b c", "$ mosh host"])
    expect(terminal.screen()).toEqual(Frame.lines(server.picture().screen))
  })

  it("is in its history if the terminal does not tell its cursor", () => {
    const server = new Server(SIZE)
    const terminal = new Terminal({ capabilities, reflows: true, quiet: 150, size: SIZE }, "$ mosh host\r\n")
    const [state] = NativeScrollback.machine.step(terminal.state, { _tag: "Opened" }, 0)
    terminal.state = state
    server.print("hello")
    terminal.offer({ _tag: "Show", picture: server.picture() })
    expect(terminal.screen()[0]).toBe("$ mosh host")
    terminal.settle()
    expect(texts(terminal.history())[0]).toBe("$ mosh host")
    expect(terminal.screen()).toEqual(Frame.lines(server.picture().screen))
  })

  const close = (terminal: Terminal, isLast: boolean): void => {
    terminal.write(NativeScrollback.close(terminal.state, isLast).text)
    terminal.offer({ _tag: "Closed" })
  }

  it("and the last screen stay, and the cursor is below it", () => {
    const { server, terminal } = open(SIZE, "$ mosh host\r\n")
    for (let i = 0; i < 8; i++) server.print(`line ${i}\n`)
    server.print("$ exit")
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
    close(terminal, true)
    terminal.write("$ ")
    const all = [...texts(terminal.history()), ...terminal.screen()]
    expect(all).toEqual(["$ mosh host", ...Array.from({ length: 8 }, (_, i) => `line ${i}`), "$ exit", "$"])
  })

  it("states at the end how many lines did not arrive", () => {
    const { server, terminal } = open({ columns: 40, rows: 6 })
    for (let i = 0; i < 50; i++) server.print(`line ${i}\n`)
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, 5) })
    close(terminal, true)
    expect(texts(terminal.history())).toEqual([...lines(server.history.slice(0, 5)), "[mosh: 40 lines are missing]"])
    expect(terminal.screen()[0]).toBe("line 45")
  })

  it("does not get the screen twice after a suspension", () => {
    const { server, terminal } = open()
    for (let i = 0; i < 8; i++) server.print(`line ${i}\n`)
    server.print("$ ")
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
    close(terminal, false)
    terminal.write("$ fg\r\n")
    terminal.offer({ _tag: "Opened" })
    expect(terminal.screen()).toEqual(Frame.lines(server.picture().screen))
    const { length } = server.history
    for (let i = 8; i < 20; i++) server.print(`line ${i}\n`)
    terminal.offer({ _tag: "History", entries: entriesOf(server, length, server.history.length) })
    terminal.offer({ _tag: "Show", picture: server.picture() })
    terminal.settle()
    const history = texts(terminal.history())
    for (let i = 0; i < 8; i++) expect(history.filter((line) => line === `line ${i}`)).toHaveLength(1)
    expect(terminal.screen()).toEqual(Frame.lines(server.picture().screen))
  })
})

/** A session of random programs, frames and rows in any order; what is left arrives at the end. */
const play = (seed: number) => {
  const next = random(seed)
  const below = (limit: number): number => Math.floor(next() * limit)
  const { server, terminal } = open({ columns: 2 + below(30), rows: 1 + below(9) })
  let sent = 0
  const send = (end: number): void => {
    if (server.first > sent) {
      sent = server.first
      terminal.offer({ _tag: "History", entries: [{ _tag: "Cleared", number: sent }] })
    }
    terminal.offer({ _tag: "History", entries: entriesOf(server, sent, Math.max(sent, end)) })
    sent = Math.max(sent, end)
  }
  for (let i = 0; i < 60; i++) {
    program(server, below)
    // Any number of frames is skipped. Rows arrive in order, before or after the frame that they left.
    if (below(3) > 0) terminal.offer({ _tag: "Show", picture: overlaid(server.picture(), below) })
    if (below(4) === 0) send(sent + below(server.history.length - sent + 1))
    if (below(12) === 0) terminal.offer({ _tag: below(2) === 0 ? "Busy" : "Drained" })
    if (below(20) === 0) terminal.offer({ _tag: "Repaint" })
    if (below(3) === 0) terminal.settle()
  }
  server.alternate(false)
  send(server.history.length)
  terminal.offer({ _tag: "Drained" })
  terminal.offer({ _tag: "Show", picture: server.picture() })
  terminal.settle()
  return { server, terminal }
}

describe("what is no row", () => {
  it("gets to the terminal once: bells, titles and clipboards of the first picture too", () => {
    const { server, terminal } = open()
    const rung = (): NativeScrollback.Picture => {
      const picture = server.picture()
      const clipboard = new Map([["c", "eHk="]])
      return {
        ...picture,
        frame: { ...picture.frame, bells: 1, title: "a title", clipboard, copies: new Map([["c", 1]]) }
      }
    }
    terminal.offer({ _tag: "Show", picture: rung() })
    server.print("more")
    terminal.offer({ _tag: "Show", picture: rung() })
    terminal.offer({ _tag: "Repaint" })
    expect(terminal.written.split("\x1b]52;c;eHk=\x07")).toHaveLength(2)
    expect(terminal.written.replaceAll(/\x1b\][^\x07]*\x07/g, "").split("\x07")).toHaveLength(2)
    expect(terminal.written).toContain("\x1b]2;a title\x07")
  })
})

describe("marks of lines", () => {
  const marked = (server: Server, ...marks: ReadonlyArray<KeptMarks.Mark>): NativeScrollback.Picture => {
    const picture = server.picture()
    return { ...picture, frame: { ...picture.frame, marks: marks.reduce(KeptMarks.add, KeptMarks.NONE) } }
  }
  const prompt = (line: number): KeptMarks.Mark => ({ line, column: 0, osc: "133;A" })
  /** The rows at which the terminal was sent marks, and which. */
  const sent = (terminal: Terminal): ReadonlyArray<string> => {
    const found = terminal.written.matchAll(/\x1b\[(\d+);(\d+)H\x1b\](133;[^\x07]*|1337;SetMark)\x07/g)
    terminal.written = ""
    return [...found].map(([, row, column, osc]) => `${row},${column} ${osc}`)
  }

  it("are set once each where their lines are, and again where the terminal is drawn anew", () => {
    const { server, terminal } = open()
    server.print("$ a\none\n$ ")
    const marks: ReadonlyArray<KeptMarks.Mark> = [prompt(0), { line: 1, column: 0, osc: "133;C" }, prompt(2)]
    terminal.offer({ _tag: "Show", picture: marked(server, ...marks) })
    expect(sent(terminal)).toEqual(["1,1 133;A", "2,1 133;C", "3,1 133;A"])
    expect(stateOf(terminal)).toEqual(wantedOf(server))
    server.print("b\n1\n2\n3\n4\n5\n$ ")
    const { top } = server.picture().position
    const more = [...marks, { line: 4, column: 0, osc: "1337;SetMark" }, prompt(8), { ...prompt(8), column: 3 }]
    terminal.offer({ _tag: "Show", picture: marked(server, ...more) })
    expect(sent(terminal)).toEqual([`${4 - top + 1},1 1337;SetMark`, `${8 - top + 1},1 133;A`])
    terminal.offer({ _tag: "Show", picture: marked(server, ...more) })
    expect(sent(terminal)).toEqual([])
    expect(terminal.screen()).toEqual(Frame.lines(server.picture().screen))
    terminal.offer({ _tag: "Repaint" })
    expect(sent(terminal)).toEqual([`${4 - top + 1},1 1337;SetMark`, `${8 - top + 1},1 133;A`])
  })

  it("wait while the alternate screen is shown, and those of lines that are gone are omitted", () => {
    const { server, terminal } = open()
    terminal.offer({ _tag: "Show", picture: server.picture() })
    server.alternate(true)
    terminal.offer({ _tag: "Show", picture: marked(server, prompt(0)) })
    expect(sent(terminal)).toEqual([])
    server.alternate(false)
    terminal.offer({ _tag: "Show", picture: marked(server, prompt(0)) })
    expect(sent(terminal)).toEqual(["1,1 133;A"])
    for (let i = 0; i < 20; i++) server.print(`${i}\n`)
    terminal.offer({ _tag: "Show", picture: marked(server, prompt(0), prompt(3)) })
    expect(sent(terminal)).toEqual([])
  })

  it("are what no difference contains that is not one of them", () => {
    for (const osc of ["133;A", "133;A;k=s", "133;D;1", "1337;SetMark"]) {
      const mark = { line: 7, column: 3, osc }
      const host = KeptMarks.diff(KeptMarks.NONE, KeptMarks.add(KeptMarks.NONE, mark))
      expect(KeptMarks.read(KeptMarks.NONE, host.slice("\x1b]133;".length, -1)).kept).toEqual([mark])
    }
    for (const text of ["A", "#1;0;0;133;?", "#1;0;0;52;c;?", "#1;0;0;133;A;x=y", "#0;0;0;133;A", "#1;x;0;133;A"])
      expect(KeptMarks.read(KeptMarks.NONE, text)).toBe(KeptMarks.NONE)
    expect(KeptMarks.diff(KeptMarks.NONE, KeptMarks.add(KeptMarks.NONE, { ...prompt(0), osc: "52;c;?" }))).toBe("")
  })
})

describe("laws", () => {
  it("whatever happens, history and screen are the server's in the end", () => {
    const first = seedOr(1)
    for (let seed = first; seed < first + 50; seed++) {
      const { server, terminal } = play(seed)
      expect(stateOf(terminal), `SIMULATION_SEED=${seed}`).toEqual(wantedOf(server))
      // What joins two rows of the terminal joins them on the server.
      const joined = terminal.history().map(({ wraps }, i) => wraps && server.history[server.first + i]?.wraps !== true)
      expect(joined, `SIMULATION_SEED=${seed}`).not.toContain(true)
    }
  })
})

const WORDS = ["a", "bc", "def ", "日本", "é", "ghijklmnopqrstuvwxyz", "─", "\n", "\n", "\n"]

const program = (server: Server, below: (limit: number) => number): void => {
  switch (below(14)) {
    case 0:
      return server.clear()
    case 1:
      return server.alternate(below(3) === 0)
    case 2:
      return server.overwrite(below(9), below(30), "over")
    case 3:
      return below(4) === 0 ? server.eraseHistory() : undefined
    case 4:
      return server.print("y\n".repeat(below(30)))
    case 5: {
      for (let i = below(60); i > 0; i--) server.print(`n${below(1000)}\n`)
      return
    }
    default: {
      const pen = { ...Rendition.DEFAULT, background: below(3) === 0 ? 1 << 24 : 0 }
      for (let i = below(12); i > 0; i--)
        server.print(WORDS[below(WORDS.length)] ?? "", below(2) === 0 ? pen : undefined)
    }
  }
}

const overlaid = (picture: NativeScrollback.Picture, below: (limit: number) => number): NativeScrollback.Picture => {
  if (below(3) > 0) return picture
  const { frame } = picture
  const rows = frame.rows.map((row, y) => (y === frame.cursor.row ? scrawled(row) : row))
  const predicted = { ...frame, rows }
  return { ...picture, frame: below(2) === 0 ? NotificationBar.draw(predicted, "mosh: silence") : predicted }
}
