import { expect, it } from "vitest"
import * as Capabilities from "../../../../src/domain/display/Capabilities.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../../src/domain/terminal/Row.ts"
import { entriesOf, Server, Terminal } from "../../../support/scrollback.ts"
import { random, seedOr } from "../../../support/seed.ts"

const SIZE = { columns: 20, rows: 6 }
const capabilities = Capabilities.fromTerm({ term: "xterm-kitty" })

const open = () => {
  const terminal = new Terminal({ capabilities, reflows: true, quiet: 150, size: SIZE })
  terminal.offer({ _tag: "Opened" })
  return { server: new Server(SIZE), terminal }
}

it("a row that ceases to wrap is erased with ED 1 on a terminal that keeps its wrap otherwise", () => {
  const { server, terminal } = open()
  server.print(`one\n${"x".repeat(30)}\ntwo`)
  terminal.offer({ _tag: "Show", picture: server.picture() })
  terminal.written = ""
  server.clear()
  server.print(`${"y".repeat(20)}\n${"z".repeat(20)}\ntwo`)
  terminal.offer({ _tag: "Show", picture: server.picture() })
  expect(terminal.written).toContain("\x1b[3;20H\x1b[1J")
  expect(terminal.screen()).toEqual(Frame.lines(server.picture().screen))
})

it("screen and history are those of the server on such a terminal, too", () => {
  const next = random(seedOr(7))
  const { server, terminal } = open()
  let sent = 0
  for (let i = 0; i < 400; i++) {
    const length = Math.floor(next() * 50)
    const text = "abcdefghij".repeat(5).slice(0, length)
    if (next() < 0.3) server.overwrite(Math.floor(next() * SIZE.rows), 0, text.slice(0, 20))
    else server.print(`${text}\n`)
    if (next() < 0.5) terminal.offer({ _tag: "Show", picture: server.picture() })
    if (next() < 0.5) {
      terminal.offer({ _tag: "History", entries: entriesOf(server, sent, server.history.length) })
      sent = server.history.length
    }
  }
  terminal.offer({ _tag: "Show", picture: server.picture() })
  terminal.offer({ _tag: "History", entries: entriesOf(server, sent, server.history.length) })
  terminal.settle()
  expect(terminal.history().map(({ text }) => text)).toEqual(server.history.map(Row.line))
  expect(terminal.screen()).toEqual(Frame.lines(server.picture().screen))
})
