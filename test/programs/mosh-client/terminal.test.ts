/** `mosh-client` in a user's terminal: what mosh itself draws there, and how it adapts to the terminal. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type Maker, requirePrograms } from "../../support/peers.ts"
import type { View } from "../../support/tmux.ts"
import { enter, person } from "./person.ts"

const top = ({ text }: View): string => text[0] ?? ""

const STATUS = /^mosh: round trip [\d.]+ ms, heard \d+ s ago, (<?\d+ % lost, )?127\.0\.0\.1:\d+, /

describe.concurrent("mosh-client in a terminal", { timeout: 60_000 }, () => {
  const makers: ReadonlyArray<Maker> = ["stock", "ours"]
  it.for(makers)("shows the state of a session on screens of any size, server: %s", async (server, context) => {
    requirePrograms(context, "tmux", ...(server === "stock" ? ["mosh"] : []))
    await using someone = await person({ server })
    const { terminal } = someone
    await enter(someone)
    await terminal.type("echo hello\r")
    await terminal.see("hello")
    await terminal.type("\x1e")
    await terminal.until("the commands", (view) => top(view).includes('"i" info'))
    await terminal.type("i")
    await terminal.until("the status", (view) => STATUS.test(top(view)))
    await terminal.resize({ columns: 1, rows: 1 })
    await terminal.resize({ columns: 20, rows: 3 })
    await terminal.until("the status, in short", (view) => /^mosh: [\d.]+ ms(, \d+ s ago)?$/.test(top(view)))
    await terminal.type("\x1e?")
    await terminal.until("no status", (view) => !top(view).startsWith("mosh:"))
    await terminal.resize({ columns: 80, rows: 12 })
    await terminal.type("\x0c\x15echo all$((1 + 1))there\r")
    await terminal.see("all2there")
    await terminal.type("exit\r")
    expect((await terminal.see("[mosh is exiting.]")).alternate).toBe(false)
  })

  it("uses only what a vt100 has, and restores the terminal when it suspends and exits", async (context) => {
    requirePrograms(context, "tmux")
    await using someone = await person({ server: "ours", term: "vt100" })
    const { terminal } = someone
    await enter(someone)
    await terminal.type("\x1ei")
    const shown = await terminal.until("the status", (view) => STATUS.test(top(view)))
    expect(shown.alternate).toBe(false)
    expect(shown.painting.rows[0]).toMatch(/^bold inverse\|mosh: round trip/)
    await terminal.type("\x1ei")
    await terminal.type("printf '\\033[?1000h'; echo ok\r")
    await terminal.until("mouse reports", (view) => view.mouse.startsWith("1") && view.text.includes("ok"))
    await terminal.type("\x1e\x1a")
    const suspended = await terminal.until("the outer shell", (view) =>
      view.text.some((row) => row.startsWith("outer>"))
    )
    expect(suspended.text).toContain("[mosh is suspended.]")
    expect(suspended.mouse).toBe("00000")
    await terminal.type("clear; stty -a | grep -c ' icanon'; fg\r")
    await terminal.until("the session", (view) => view.text.includes("ok") && view.mouse.startsWith("1"))
    await terminal.type("exit\r")
    const last = await terminal.until("the outer shell", (view) => view.text.some((row) => row.startsWith("outer>")))
    const exiting = last.text.indexOf("[mosh is exiting.]")
    expect(last.text[exiting - 1]).toBe("exit")
    expect(last.mouse).toBe("00000")
  })

  it("prints plain lines where TERM is dumb", async (context) => {
    requirePrograms(context, "tmux")
    await using someone = await person({ server: "ours", term: "dumb" })
    const { terminal } = someone
    await enter(someone)
    await terminal.type("echo $((40 + 2))\r")
    await terminal.see("42")
    await terminal.type("\x1ei")
    const shown = await terminal.until("the status, and the prompt again", (view) =>
      view.text.some((row) => STATUS.test(row))
    )
    expect(shown.text.findLast((row) => row !== "")).toBe("$")
    await terminal.type("exit\r")
    const last = await terminal.until("the outer shell", (view) => view.text.includes("[mosh is exiting.]"))
    // A row begins with its rendition.
    expect(last.painting.rows.filter((row) => row !== "" && !row.startsWith("|"))).toEqual([])
  })

  it("prints events after the session if they would damage the picture, and otherwise at once", async (context) => {
    requirePrograms(context, "tmux")
    await using someone = await person({ server: "ours", variables: { MOSH_SCROLLBACK: "off" } })
    const { home, terminal } = someone
    await enter(someone, "-v")
    await terminal.type("\x1e.")
    const last = await terminal.see("ended after")
    const story = last.text.filter((row) => /^\d\d:\d\d:\d\d\.\d{3} /.test(row)).map((row) => row.slice(13))
    expect(story[0]).toMatch(/^session with 127\.0\.0\.1:\d+ by UDP; a screen of TERM=xterm/)
    expect(story[1]).toMatch(/^first answer after .* ms; the server is effect-mosh, too$/)
    expect(story).toContain("leaving: Exiting on user request...")
    await terminal.see("[mosh is exiting.]")

    const log = join(home, "log")
    await using another = await person({ server: "ours" })
    await enter(another, "-v", ` 2> ${log}`)
    expect(readFileSync(log, "utf8")).toMatch(/ first answer after /)
  })
})
