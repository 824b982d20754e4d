import { describe, expect, it } from "vitest"
import * as Capabilities from "../../../../src/domain/display/Capabilities.ts"

import * as NativeScrollback from "../../../../src/domain/display/scrollback/NativeScrollback.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import { entriesOf, Server, Terminal } from "../../../support/scrollback.ts"
import { random, seedOr } from "../../../support/seed.ts"

const capabilities = Capabilities.fromTerm({ term: "xterm-256color" })

/** A session that prints numbered lines. */
class Session {
  readonly server: Server
  readonly terminal: Terminal
  printed = 0
  sent = 0

  constructor(size: Frame.Size) {
    this.server = new Server(size)
    this.terminal = new Terminal({ capabilities, reflows: true, quiet: 150, size })
    this.terminal.offer({ _tag: "Opened" })
  }

  print(count: number, width = 0): void {
    for (let i = 0; i < count; i++) this.server.print(`L${`${++this.printed}`.padStart(4, "0")}${"x".repeat(width)}\n`)
  }

  /** Everything arrives. */
  deliver(): void {
    this.show()
    this.sendRows()
    this.terminal.settle()
  }

  show(): void {
    this.terminal.offer({ _tag: "Show", picture: this.server.picture() })
  }

  sendRows(): void {
    this.terminal.offer({ _tag: "History", entries: entriesOf(this.server, this.sent, this.server.history.length) })
    this.sent = this.server.history.length
  }

  /** How often each line is in the terminal, which has not been resized while rows were under way. */
  copies(): ReadonlyMap<string, number> {
    const copies = new Map<string, number>()
    for (const text of [...this.terminal.history().map((row) => row.text), ...this.terminal.screen()]) {
      const label = /^L\d{4}/.exec(text)?.[0]
      if (label !== undefined) copies.set(label, (copies.get(label) ?? 0) + 1)
    }
    return copies
  }

  lost(): ReadonlyArray<string> {
    const copies = this.copies()
    return Array.from({ length: this.printed }, (_, i) => `L${`${i + 1}`.padStart(4, "0")}`).filter(
      (label) => !copies.has(label)
    )
  }

  extra(): number {
    let extra = 0
    for (const count of this.copies().values()) extra += count - 1
    return extra
  }
}

const SIZES = [
  { columns: 60, rows: 20 },
  { columns: 100, rows: 40 },
  { columns: 80, rows: 12 },
  { columns: 80, rows: 24 }
]

describe("a terminal that is resized", () => {
  for (const width of [0, 75]) {
    it(`loses no row and gets at most one screen of rows twice, with lines of ${width + 5} columns`, () => {
      const session = new Session({ columns: 80, rows: 24 })
      session.print(100, width)
      session.deliver()
      for (const size of SIZES) {
        session.terminal.wait(NativeScrollback.NOTICE)
        session.terminal.resize(size)
        session.terminal.settle()
        session.server.resize(size)
        session.deliver()
      }
      session.print(60)
      session.deliver()
      expect(session.lost()).toEqual([])
      expect(session.extra()).toBeLessThanOrEqual(24)
      expect(session.terminal.screen()).toEqual(Frame.lines(session.server.picture().screen))
    })
  }

  it("is written nothing until its size stays the same", () => {
    const session = new Session({ columns: 80, rows: 24 })
    session.print(100, 75)
    session.deliver()
    session.terminal.wait(NativeScrollback.NOTICE)
    session.terminal.written = ""
    for (let columns = 79; columns >= 60; columns--) {
      session.terminal.resize({ columns, rows: 24 })
      session.server.resize({ columns, rows: 24 })
      session.show()
      session.terminal.now += 100
      session.terminal.offer({ _tag: "Tick" })
    }
    expect(session.terminal.written).toBe("")
    session.deliver()
    session.print(60)
    session.deliver()
    expect(session.lost()).toEqual([])
    expect(session.extra()).toBeLessThanOrEqual(2)
  })

  it("loses no end of a line that it moved into its history in part", () => {
    for (let rows = 9; rows <= 12; rows++) {
      const session = new Session({ columns: 80, rows })
      session.print(60, 67)
      session.deliver()
      session.terminal.wait(NativeScrollback.NOTICE)
      session.terminal.resize({ columns: 30, rows })
      session.terminal.settle()
      session.print(60)
      session.deliver()
      const text = session.terminal.history().map((row) => row.text)
      expect(new Set(text.join("").match(/L\d{4}x{67}/g)).size).toBe(60)
    }
  })

  it("keeps its history when only its height changes", () => {
    const session = new Session({ columns: 80, rows: 24 })
    session.print(100)
    session.deliver()
    for (const rows of [12, 24, 30, 10, 24]) {
      session.terminal.wait(NativeScrollback.NOTICE)
      session.terminal.resize({ columns: 80, rows })
      session.terminal.settle()
      session.server.resize({ columns: 80, rows })
      session.deliver()
    }
    session.print(60)
    session.deliver()
    expect(session.lost()).toEqual([])
    expect(session.extra()).toBe(0)
  })

  for (const reflows of [true, false]) {
    it(`and written to before that is known, loses no row, ${reflows ? "where widths change too" : "at one width"}`, () => {
      const first = seedOr(1)
      for (let seed = first; seed < first + 6; seed++) {
        const next = random(seed)
        const below = (limit: number): number => Math.floor(next() * limit)
        const sizeOf = (): Frame.Size => ({ columns: reflows ? 20 + below(60) : 60, rows: 3 + below(20) })
        const session = new Session(sizeOf())
        for (let i = 0; i < 12; i++) {
          session.print(below(30), below(40))
          session.deliver()
          const size = sizeOf()
          session.terminal.change(size)
          for (let writes = below(4); writes > 0; writes--) {
            session.terminal.wait(below(25))
            session.print(below(5), below(40))
            session.show()
            if (below(2) === 0) session.sendRows()
          }
          session.terminal.wait(below(25))
          session.terminal.notice()
          session.terminal.settle()
          session.server.resize(size)
          session.deliver()
        }
        session.print(60)
        session.deliver()
        expect(session.lost(), `SIMULATION_SEED=${seed}`).toEqual([])
        expect(session.terminal.screen()).toEqual(Frame.lines(session.server.picture().screen))
      }
    })
  }

  it("and grows by a row at a time while it is drawn, gets at most one screen of rows again", () => {
    const session = new Session({ columns: 80, rows: 10 })
    session.print(100)
    session.deliver()
    for (let rows = 11; rows <= 24; rows++) {
      const size = { columns: 80, rows }
      session.terminal.wait(NativeScrollback.NOTICE)
      session.terminal.change(size)
      session.print(1)
      session.show()
      session.terminal.wait(20)
      session.terminal.notice()
      session.terminal.settle()
      session.server.resize(size)
      session.deliver()
    }
    session.print(60)
    session.deliver()
    expect(session.lost()).toEqual([])
    expect(session.extra()).toBeLessThanOrEqual(24)
  })

  it("while it shows its alternate screen, loses no row", () => {
    for (const rows of [12, 30]) {
      const session = new Session({ columns: 80, rows: 24 })
      session.print(100)
      session.deliver()
      session.server.alternate(true)
      session.server.print("editor")
      session.deliver()
      session.terminal.resize({ columns: 80, rows })
      session.server.resize({ columns: 80, rows })
      session.deliver()
      expect(session.terminal.screen()[0]).toBe("editor")
      session.server.alternate(false)
      session.deliver()
      session.print(60)
      session.deliver()
      expect(session.lost()).toEqual([])
    }
  })

  it("at any moment, to any sizes, loses no row", () => {
    const first = seedOr(1)
    for (let seed = first; seed < first + 25; seed++) {
      const next = random(seed)
      const below = (limit: number): number => Math.floor(next() * limit)
      const session = new Session({ columns: 20 + below(60), rows: 3 + below(20) })
      for (let i = 0; i < 30; i++) {
        session.print(below(12), below(40))
        if (below(2) === 0) session.show()
        if (below(2) === 0) session.sendRows()
        if (below(4) === 0) {
          const size = { columns: 20 + below(60), rows: 3 + below(20) }
          session.terminal.resize(size)
          if (below(2) === 0) session.terminal.settle()
          session.server.resize(size)
        }
      }
      session.deliver()
      session.print(60)
      session.deliver()
      expect(session.lost(), `SIMULATION_SEED=${seed}`).toEqual([])
      expect(session.terminal.screen()).toEqual(Frame.lines(session.server.picture().screen))
    }
  })
})
