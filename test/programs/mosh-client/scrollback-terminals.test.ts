import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as NotificationBar from "../../../src/domain/client/NotificationBar.ts"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as NativeScrollback from "../../../src/domain/display/scrollback/NativeScrollback.ts"
import type { Millis } from "../../../src/domain/Machine.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { entriesOf, Server } from "../../support/scrollback.ts"
import * as Terminals from "../../support/terminals/terminals.ts"

const SIZE = { columns: 80, rows: 24 }

const KINDS = [
  { kind: "tmux", term: "tmux-256color", reflows: true },
  { kind: "xterm", term: "xterm-256color", reflows: false },
  { kind: "vte", term: "vte-256color", reflows: true },
  { kind: "urxvt", term: "rxvt-unicode-256color", reflows: true },
  { kind: "kitty", term: "xterm-kitty", reflows: true }
] as const

/** A drawing machine (`NativeScrollback`) whose output goes to a real terminal. */
class Client {
  state: NativeScrollback.NativeScrollback
  private now = 0
  private readonly terminal: Terminals.RealTerminal

  constructor(terminal: Terminals.RealTerminal, options: NativeScrollback.InitialOptions) {
    this.terminal = terminal
    this.state = NativeScrollback.initial(options)
  }

  async offer(input: NativeScrollback.Input): Promise<void> {
    const [state, outputs] = NativeScrollback.machine.step(this.state, input, this.now)
    this.state = state
    for (const output of outputs) {
      // The terminal is asked for its cursor after every write.
      const cursor = await this.terminal.write(output._tag === "AskCursor" ? "" : output.text)
      if (output._tag === "AskCursor") await this.offer({ _tag: "CursorAt", ...cursor })
    }
  }

  wait(ms: Millis): void {
    this.now += ms
  }

  async settle(): Promise<void> {
    for (;;) {
      const due = NativeScrollback.machine.deadline(this.state)
      if (due === Infinity) return
      this.now = Math.max(this.now, due)
      await this.offer({ _tag: "Tick" })
    }
  }
}

describe.each(KINDS)("the history of $kind", ({ kind, reflows, term }) => {
  const missing = Terminals.missing(kind)
  if (missing !== undefined) console.log(`skipped, the history of ${kind}: ${missing}`)
  const open: Array<Terminals.RealTerminal> = []
  const start = async () => {
    const terminal = await Terminals.open(kind, SIZE)
    open.push(terminal)
    await terminal.write("$ before\r\n")
    const capabilities = Capabilities.fromTerm({ term })
    const client = new Client(terminal, { capabilities, reflows, quiet: 150, size: SIZE })
    await client.offer({ _tag: "Opened" })
    return { terminal, client, server: new Server(SIZE) }
  }
  let first: Awaited<ReturnType<typeof start>> | undefined
  beforeAll(async () => {
    if (missing === undefined) first = await start()
  }, 60_000)
  afterAll(() => open.forEach((terminal) => terminal.close()))

  it.skipIf(missing !== undefined)(
    "holds each row that scrolled off once, in order, and nothing else",
    async () => {
      const { client, server, terminal } = first as NonNullable<typeof first>
      let sent = 0
      const rows = (end = server.history.length) => {
        const entries = entriesOf(server, sent, end)
        sent = end
        return client.offer({ _tag: "History", entries })
      }
      const show = () => client.offer({ _tag: "Show", picture: server.picture() })
      // Rows that are known before their frame.
      for (let i = 0; i < 40; i++) {
        server.print(`natural ${i}${i % 7 === 0 ? " wraps".repeat(20) : ""}\n`)
        await rows()
        await show()
      }
      // Rows that arrive late, under a notification bar.
      for (let i = 0; i < 200; i++) server.print(`late ${i} ${"x".repeat((i * 7) % 200)}\n`)
      const picture = server.picture()
      await client.offer({
        _tag: "Show",
        picture: { ...picture, frame: NotificationBar.draw(picture.frame, "mosh: a bar") }
      })
      await rows(150)
      await show()
      await rows()
      // A program on the alternate screen, and one that clears the screen.
      server.alternate(true)
      server.print("editor\n".repeat(50))
      await show()
      server.alternate(false)
      server.clear()
      server.print("after\n".repeat(30))
      await show()
      await client.offer({ _tag: "Repaint" })
      await rows()
      await client.settle()
      const wanted = ["$ before", ...server.history.map(Row.line), ...Frame.lines(server.picture().screen)]
      expect(await terminal.all()).toEqual(wanted)
    },
    60_000
  )

  it.skipIf(missing !== undefined)(
    "loses no row when the terminal is resized",
    async () => {
      const { client, server, terminal } = await start()
      let printed = 0
      let sent = 0
      const print = async (count: number) => {
        for (let i = 0; i < count; i++) server.print(`L${`${++printed}`.padStart(4, "0")} ${"y".repeat(60)}\n`)
        await deliver()
      }
      const deliver = async () => {
        await client.offer({ _tag: "Show", picture: server.picture() })
        await client.offer({ _tag: "History", entries: entriesOf(server, sent, server.history.length) })
        sent = server.history.length
        await client.settle()
      }
      await print(100)
      const sizes = [
        [60, 20],
        [100, 40],
        [80, 12],
        [80, 24]
      ] as const
      for (const [columns, rows] of sizes) {
        client.wait(NativeScrollback.NOTICE)
        await terminal.resize({ columns, rows })
        await client.offer({ _tag: "Resized", size: { columns, rows } })
        await client.settle()
        server.resize({ columns, rows })
        await deliver()
      }
      await print(60)
      const labels = (await terminal.all()).flatMap((line) => /^L\d{4}/.exec(line)?.[0] ?? [])
      const wanted = Array.from({ length: printed }, (_, i) => `L${`${i + 1}`.padStart(4, "0")}`)
      expect(wanted.filter((label) => !labels.includes(label))).toEqual([])
      expect(labels.length - wanted.length).toBeLessThanOrEqual(SIZE.rows)
      expect(await terminal.lines()).toEqual(Frame.lines(server.picture().screen))
    },
    60_000
  )

  it.skipIf(missing !== undefined)(
    "has no blank rows between those of a screen that was narrowed twice",
    async () => {
      const { client, server, terminal } = await start()
      for (let i = 1; i <= 40; i++) server.print(`line ${i}\n`)
      const show = async () => {
        await client.offer({ _tag: "Show", picture: server.picture() })
        await client.offer({ _tag: "History", entries: entriesOf(server, 0, server.history.length) })
        await client.settle()
      }
      await show()
      for (const size of [
        { columns: 70, rows: 24 },
        { columns: 60, rows: 20 },
        { columns: 50, rows: 20 }
      ]) {
        await terminal.resize(size)
        client.wait(1000)
        await client.offer({ _tag: "Resized", size })
        server.resize(size)
        await show()
      }
      const rows = (await terminal.all()).filter((line) => line === "" || line.startsWith("line"))
      const last = rows.lastIndexOf("line 40")
      expect(rows.slice(0, last).filter((line) => line === "")).toEqual([])
    },
    60_000
  )
})
