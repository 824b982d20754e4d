import { expect, it } from "vitest"
import * as Capabilities from "../../../../src/domain/display/Capabilities.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../../src/domain/terminal/Row.ts"
import type { Erasure } from "../../../../src/domain/history/Erasure.ts"
import { entriesOf, Server, Terminal } from "../../../support/scrollback.ts"

const SIZE = { columns: 20, rows: 6 }
const capabilities = Capabilities.fromTerm({ term: "xterm-256color" })

it.each([{ keeps: [] }, { keeps: ["Screen"] }, { keeps: ["Screen", "Rest"] }] as const)(
  "rows that the program erased are in the history of a terminal that keeps $keeps as these, and no others",
  ({ keeps }) => {
    const server = new Server(SIZE)
    const terminal = new Terminal({ capabilities, reflows: true, keeps, quiet: 150, size: SIZE })
    terminal.offer({ _tag: "Opened" })
    const erasures: Array<Erasure | undefined> = []
    const send = (erasure?: Erasure) => {
      const from = erasures.length
      while (erasures.length < server.history.length) erasures.push(erasure)
      terminal.offer({ _tag: "Show", picture: server.picture() })
      const entries = entriesOf(server, from, server.history.length)
      terminal.offer({
        _tag: "History",
        entries: entries.map((entry) => (erasure === undefined ? entry : { ...entry, erasure }))
      })
      terminal.settle()
      const kept = server.history.filter(
        (_, i) => erasures[i] === undefined || keeps.some((one) => one === erasures[i])
      )
      expect(terminal.history().map(({ text }) => text)).toEqual(kept.map(Row.line))
      expect(terminal.screen()).toEqual(Frame.lines(server.picture().screen))
    }
    server.print("one\ntwo\n")
    server.erase()
    send("Screen")
    server.print("three\nfour")
    server.erase()
    send("Rest")
    for (let i = 0; i < 9; i++) server.print(`line ${i}\n`)
    send()
    server.print("end")
    send()
  }
)
