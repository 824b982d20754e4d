/** Terminals that lack colours, an alternate screen, or room. */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { spawnSync } from "node:child_process"
import * as Terminfo from "../../../src/domain/environment/Terminfo.ts"
import * as TerminalSetup from "../../../src/domain/client/terminal/TerminalSetup.ts"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as NotificationBar from "../../../src/domain/client/NotificationBar.ts"
import { blank } from "../../../src/domain/terminal/Frame.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../../src/domain/terminal/RowEditor.ts"
import * as TerminfoDatabase from "../../../src/services/node/terminal/TerminfoDatabase.ts"

const TERMS = ["xterm", "xterm-256color", "xterm-mono", "screen", "tmux-256color", "rxvt", "linux", "vt100", "dumb"]

describe("the alternate screen", () => {
  it.each(TERMS)("is switched to and from by terminfo's strings on %s", (TERM) => {
    const found = TerminfoDatabase.alternateScreen({ TERM })
    const tput = (what: string) => spawnSync("tput", [what], { env: { ...process.env, TERM }, encoding: "latin1" })
    const enter = tput("smcup").stdout
    const expected = enter === "" ? undefined : { enter, leave: tput("rmcup").stdout }
    // Without ncurses, or without such an entry, the name of the terminal decides.
    const known = tput("longname").status === 0
    expect(found).toEqual(known ? expected : Terminfo.alternateScreenByName(TERM))
  })

  it("is assumed on an unknown terminal, but not on those that lack it", () => {
    expect(TerminfoDatabase.alternateScreen({ TERM: "no-such-terminal" })?.enter).toBe("\x1b[?1049h")
    for (const term of ["vt220", "linux", "ansi", "dumb", ""])
      expect(Terminfo.alternateScreenByName(term)).toBe(undefined)
  })

  it.prop("is read from anything without harm", [Schema.Uint8Array, Schema.Boolean], ([bytes, wide]) => {
    const entry = Uint8Array.of(...(wide ? [0x1e, 0x02] : [0x1a, 0x01]), ...bytes)
    const found = Terminfo.alternateScreen(entry)
    expect((found?.enter.length ?? 0) <= 256).toBe(true)
  })
})

describe("what mosh itself draws", () => {
  const style = (full: boolean, colors: number, noColor?: string) => TerminalSetup.styleOf({ full, colors, noColor })

  it("has colours only where the terminal has them and the user wants them", () => {
    expect(style(true, 256)).toBe("colored")
    expect(style(true, 8, "")).toBe("colored")
    expect(style(true, 256, "1")).toBe("reverse")
    expect(style(true, 0)).toBe("reverse")
    expect(style(false, 256)).toBe("plain")
    expect(TerminalSetup.suspended("colored")).toBe("\x1b[37;44m[mosh is suspended.]\x1b[0m\r\n")
    expect(TerminalSetup.suspended("reverse")).toBe("\x1b[7m[mosh is suspended.]\x1b[0m\r\n")
    expect(TerminalSetup.suspended("plain")).toBe("[mosh is suspended.]\r\n")
  })

  it.each(["vt100", "linux", "xterm-mono", "screen"])("is drawn on %s without a colour when none is wanted", (term) => {
    const frame = blank({ columns: 20, rows: 3 })
    const capabilities = Capabilities.fromTerm({ term })
    const drawn = FrameDiff.diff(frame, NotificationBar.draw(frame, "mosh: hello", false), capabilities)
    expect(drawn).toContain("mosh: hello")
    expect(drawn).toMatch(/\x1b\[[0;]*1;7m/)
    expect(drawn).not.toMatch(/\x1b\[[0-9;]*[34][0-7]m/)
    expect(FrameDiff.diff(frame, NotificationBar.draw(frame, "mosh: hello"), capabilities)).toMatch(
      /\x1b\[[0-9;]*37;44m/
    )
  })

  it("comes below a picture that stays", () => {
    const frame = blank({ columns: 10, rows: 4 })
    const editor = new RowEditor(Row.blank(10))
    editor.write(0, "text", Rendition.DEFAULT)
    const rows = frame.rows.map((row, y) => (y === 2 ? editor.row() : row))
    const at = (row: number, column: number) =>
      TerminalSetup.below({ ...frame, rows, cursor: { ...frame.cursor, row, column } })
    expect(at(0, 5)).toBe("\x1b[3;1H\r\n")
    expect(at(2, 0)).toBe("\x1b[3;1H\r\n")
    expect(at(3, 0)).toBe("\x1b[4;1H")
    expect(at(3, 1)).toBe("\x1b[4;1H\r\n")
    expect(TerminalSetup.below(frame)).toBe("\x1b[1;1H")
  })

  const Size = Schema.Struct({
    columns: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 })),
    rows: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 3 }))
  })

  it.prop(
    "fits any screen",
    [Size, Schema.Boolean, Schema.Literals(["", "x", "mosh: 漢字 and more", "漢"])],
    (given) => {
      const [size, colored, text] = given
      const noted = NotificationBar.draw(blank(size), text, colored)
      expect(noted.rows).toHaveLength(size.rows)
      for (const row of noted.rows) expect(Row.columns(row)).toBe(size.columns)
      const drawn = FrameDiff.repaint(noted, Capabilities.fromTerm({ term: "vt100" }))
      for (const [, row, column] of drawn.matchAll(/\x1b\[(\d+);(\d+)H/g)) {
        expect(Number(row)).toBeLessThanOrEqual(size.rows)
        expect(Number(column)).toBeLessThanOrEqual(size.columns)
      }
    }
  )
})
