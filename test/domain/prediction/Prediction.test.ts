import { describe, expect, it } from "@effect/vitest"
import * as Prediction from "../../../src/domain/prediction/Prediction.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { echo, lineEditor, type Program, silent, Stage, textOf } from "./host.ts"

const line = (stage: Stage, row = 0) => textOf(stage.picture, row)

describe("predicted echo", () => {
  it("shows a line's keys at once after its first one was echoed", () => {
    const stage = new Stage({ program: echo(), opening: "$ " })
    stage.type("a", 0)
    expect(line(stage)).toBe("$")
    stage.wait(110)
    stage.type("b", 0)
    expect(line(stage)).toBe("$ ab")
    stage.type("c", 0)
    expect(line(stage)).toBe("$ abc")
    expect(stage.picture.cursor.column).toBe(5)
    expect(textOf(stage.state.frame, 0)).toBe("$ a")
    stage.wait(500)
    expect(stage.picture).toBe(stage.state.frame)
  })

  it("shows nothing after Enter until there is an echo", () => {
    const stage = new Stage({ program: echo(), opening: "$ ", rtt: 300 })
    stage.text("ab")
    stage.wait(1000)
    stage.type("\r")
    stage.wait(1000)
    stage.text("cd", 20)
    expect(line(stage, 1)).toBe("$")
    stage.wait(300)
    stage.type("e", 0)
    expect(line(stage, 1)).toBe("$ cde")
  })

  it("does not take a letter for one that replaced itself, if the frame may have contained it before", () => {
    const stage = new Stage({ program: lineEditor(), opening: "$ ", rtt: 25 })
    stage.type("x", 1000)
    // Of these, two have no effect at the beginning of the line. The frame that shows the letter contradicts the first of them.
    for (const key of ["\x7f", "\x7f", "\x1b[D", "d", "\x1b[D"]) stage.type(key, 40)
    stage.type("f", 0)
    expect(line(stage)).toBe("$ fd")
  })

  it("shows nothing after Enter on an empty line, though nothing has changed", () => {
    const program: Program = (key, screen) => (key === "\r" ? "\r\x1b[K$ " : echo()(key, screen))
    const stage = new Stage({ program, opening: "\x1b[2;1Hstatus\x1b[1;1H$ " })
    stage.text("ab", 200)
    stage.type("\x7f", 200)
    stage.type("\x7f", 200)
    stage.type("\r", 300)
    stage.type("c", 0)
    expect(line(stage)).toBe("$")
    stage.type("d", 90)
    expect(line(stage)).toBe("$")
    stage.wait(300)
    expect(line(stage)).toBe("$ cd")
  })

  it("never shows a password", () => {
    let asked = false
    const program: Program = (key, screen) => {
      if (!asked) asked = key === "\r"
      else if (key === "\r") return "\r\n$ "
      else return ""
      return asked ? "\r\nPassword: " : echo()(key, screen)
    }
    const stage = new Stage({ program, opening: "$ ", size: { columns: 60, rows: 6 } })
    stage.text("sudo")
    stage.type("\r", 0)
    // The first letters are typed before the prompt is there.
    stage.text("secret")
    stage.wait(1000)
    stage.text("secret")
    for (const { picture } of stage.looks) {
      expect(picture.rows.some((_, y) => textOf(picture, y).includes("se"))).toBe(false)
    }
  })

  it("does not take what it knows of one field of a form to another", () => {
    let field = 0
    const program: Program = (key, screen) => {
      if (key === "\t") field++
      if (key === "\t") return "\x1b[1;26H"
      return field === 0 ? echo()(key, screen) : ""
    }
    const stage = new Stage({ program, opening: "User:           Password:\r\x1b[6C" })
    stage.text("bob")
    stage.type("\t", 200)
    stage.text("secret")
    for (const { picture } of stage.looks) expect(textOf(picture, 0)).not.toMatch(/Password:./)
    expect(line(stage)).toBe("User: bob       Password:")
  })

  it("goes on after a completion", () => {
    const program: Program = (key, screen) => (key === "\t" ? "lder/" : echo()(key, screen))
    const stage = new Stage({ program, opening: "$ " })
    stage.text("cd fo", 90)
    stage.type("\t", 300)
    stage.type("x", 0)
    expect(line(stage)).toBe("$ cd folder/x")
  })

  it("takes a masked echo for none", () => {
    const stage = new Stage({ program: (key) => (key === "\r" ? "\r\n" : "*"), opening: "PIN: " })
    stage.text("1234567")
    stage.wait(1000)
    stage.text("89")
    for (const { picture } of stage.looks) expect(textOf(picture, 0)).not.toMatch(/\d/)
  })

  it("follows a line that moves, while the rest of the screen changes", () => {
    const stage = new Stage({ program: echo(), opening: "one\r\n$ " })
    stage.text("ab", 150)
    stage.type("c", 0)
    // A line above appears, as of a program that goes on printing.
    stage.print("\x1b[H\x1b[2Kone\r\ntwo\x1b[K\r\n$ ab")
    stage.wait(60)
    expect(line(stage, 2)).toBe("$ abc")
    expect(stage.picture.cursor).toMatchObject({ row: 2, column: 5 })
  })

  it("stays while the cursor is drawing elsewhere", () => {
    const stage = new Stage({ program: echo(), opening: "clock\x1b[4;1H$ " })
    stage.text("ab", 150)
    stage.type("c", 0)
    stage.print("\x1b[H12:01")
    stage.wait(52)
    expect(line(stage, 0)).toBe("12:01")
    expect(line(stage, 3)).toBe("$ abc")
    expect(stage.picture.cursor).toMatchObject({ row: 3, column: 5 })
  })

  it("inserts in the middle, pushing only the text that follows", () => {
    const stage = new Stage({ program: lineEditor(), opening: "$ " })
    stage.text("hllo")
    stage.type("\x1b[D")
    stage.type("\x1b[D")
    stage.type("\x1b[D", 0)
    stage.type("e", 0)
    expect(line(stage)).toBe("$ hello")
    expect(stage.picture.cursor.column).toBe(4)
    stage.type("\x7f", 0)
    expect(line(stage)).toBe("$ hllo")
  })

  it("leaves a prompt on the right where it is", () => {
    const stage = new Stage({ program: lineEditor(), opening: "\x1b[1;30H[right]\r$ " })
    const program: Program = (key, screen) => (key === "\r" ? "" : `${lineEditor()(key, screen).replace("\x1b[K", "")}`)
    const right = new Stage({ program, opening: "\x1b[1;30H[right]\r$ " })
    right.text("ab")
    right.type("c", 0)
    expect(line(right)).toBe(`$ abc${" ".repeat(24)}[right]`)
    expect(stage.picture.size.columns).toBe(40)
  })

  it("neither eats a shell's suggestion nor takes it for an error", () => {
    const words = "git status"
    let typed = ""
    const program: Program = (key) => {
      typed += key
      const rest = words.startsWith(typed) ? words.slice(typed.length) : ""
      return `${key}\x1b[K\x1b[90m${rest}\x1b[0m${"\b".repeat(rest.length)}`
    }
    const stage = new Stage({ program, opening: "$ " })
    stage.text("gi", 150)
    stage.type("t", 0)
    expect(line(stage)).toBe("$ git status")
    stage.type(" ", 0)
    stage.type("s", 0)
    expect(line(stage)).toBe("$ git status")
    expect(stage.picture.cursor.column).toBe(7)
    stage.wait(300)
    stage.type("h", 0)
    expect(line(stage)).toBe("$ git shatus")
    stage.wait(300)
    expect(line(stage)).toBe("$ git sh")
    stage.type("o", 0)
    expect(line(stage)).toBe("$ git sho")
    expect(stage.state.counters.wrong).toBe(0)
  })

  it("predicts wide characters and takes them back whole", () => {
    const wide: Program = (key) => (key === "\x7f" ? "\b\b  \b\b" : key)
    const stage = new Stage({ program: wide, opening: "> " })
    stage.text("日本")
    stage.type("語", 0)
    expect(line(stage)).toBe("> 日本語")
    expect(stage.picture.cursor.column).toBe(8)
    stage.type("\x7f", 0)
    expect(line(stage)).toBe("> 日本")
    expect(stage.picture.cursor.column).toBe(6)
  })

  it("reads a character that comes in pieces", () => {
    const stage = new Stage({ program: echo(), opening: "> " })
    stage.text("a")
    stage.wait(200)
    const bytes = new TextEncoder().encode("é")
    const sent = BigInt(stage.typed)
    stage.step({ _tag: "Typed", bytes: bytes.subarray(0, 1), sent })
    expect(line(stage)).toBe("> a")
    stage.step({ _tag: "Typed", bytes: bytes.subarray(1), sent })
    expect(line(stage)).toBe("> aé")
  })

  it("learns what Ctrl-A and Ctrl-E do before it shows them", () => {
    const stage = new Stage({ program: lineEditor(), opening: "$ " })
    stage.type("\r")
    stage.wait(300)
    stage.text("hello")
    stage.wait(300)
    stage.type("\x01", 0)
    expect(stage.picture.cursor.column).toBe(7)
    stage.wait(300)
    expect(stage.picture.cursor.column).toBe(2)
    stage.type("\x05", 200)
    stage.type("\x01", 0)
    expect(stage.picture.cursor.column).toBe(2)
    stage.type("\x05", 0)
    expect(stage.picture.cursor.column).toBe(7)
  })

  it("does not type over a box's wall", () => {
    const box = "│ > " + " ".repeat(12) + "│\r\x1b[4C"
    const stage = new Stage({ program: echo(), opening: box })
    stage.text("abcdefg", 120)
    expect(line(stage)).toBe("│ > abcdefg     │")
    stage.text("hijk", 0)
    expect(line(stage)).toMatch(/^│ > abcdefgh?i?j? +│$/)
  })

  it("finds a caret that a program paints itself", () => {
    let text = ""
    const paint = () => `\r> ${text}\x1b[7m \x1b[0m\x1b[K\x1b[3;1H`
    const program: Program = (key) => {
      text += key
      return `\x1b[1;1H${paint()}`
    }
    const stage = new Stage({ program, opening: `\x1b[?25l${paint()}` })
    stage.text("ab", 150)
    stage.type("c", 0)
    expect(line(stage)).toBe("> abc")
    const row = stage.picture.rows[0] as Row.Row
    expect(Row.rendition(row, 4).foreground & Rendition.INVERSE).toBe(0)
    expect(Row.rendition(row, 5).foreground & Rendition.INVERSE).not.toBe(0)
    expect(stage.picture.cursor.visible).toBe(false)
    stage.wait(300)
    expect(stage.picture).toBe(stage.state.frame)
  })

  it("does not show letters to a program that takes them as commands", () => {
    // As less, or vim: letters move the cursor.
    const program: Program = (key) => (key === "j" ? "\x1b[B" : key === "k" ? "\x1b[A" : "")
    const opening = Array.from({ length: 6 }, (_, i) => `line ${i}`).join("\r\n") + "\x1b[H"
    const stage = new Stage({ program, opening })
    stage.text("jjkjjkkj", 90)
    stage.wait(500)
    for (const { frame, picture } of stage.looks) expect(picture.rows).toEqual(frame.rows)
  })

  it("underlines what is outstanding when the round trip is long", () => {
    const underlined = (rtt: number) => {
      const stage = new Stage({ program: echo(), opening: "$ ", rtt })
      stage.text("ab", 2 * rtt)
      stage.type("c", 0)
      const row = stage.picture.rows[0] as Row.Row
      return [2, 3, 4].map((column) => Rendition.underlineStyle(Row.rendition(row, column).underline))
    }
    expect(underlined(300)).toEqual([0, 0, 1])
    expect(underlined(90)).toEqual([0, 0, 0])
  })

  it("shows nothing on a fast link, but after a hitch", () => {
    const stage = new Stage({ program: echo(), opening: "$ ", rtt: 10 })
    stage.text("ab")
    stage.type("c", 0)
    expect(stage.picture).toBe(stage.state.frame)
    // The network stalls: nothing comes back.
    stage.step({ _tag: "Typed", bytes: new TextEncoder().encode("d"), sent: 99n })
    for (let i = 0; i < 3; i++) stage.wait(100)
    expect(line(stage)).toBe("$ abcd")
  })

  it("is shown by `always` on any link, and never by `never`", () => {
    for (const preference of ["always", "never"] as const) {
      const stage = new Stage({ program: echo(), opening: "$ ", rtt: 4, preference })
      stage.text("ab")
      stage.type("c", 0)
      expect(line(stage)).toBe(preference === "always" ? "$ abc" : "$ ab")
    }
  })

  it("is bold in `experimental`, until a key is not echoed", () => {
    const stage = new Stage({ program: silent, opening: "Password: ", preference: "experimental" })
    stage.type("s", 0)
    expect(line(stage)).toBe("Password: s")
    stage.wait(150)
    expect(line(stage)).toBe("Password:")
    stage.wait(600)
    stage.text("ecret", 90)
    const told = stage.looks.filter(({ acknowledged }) => acknowledged > 0)
    for (const { picture } of told) expect(textOf(picture, 0)).toBe("Password:")
  })

  it("overwrites with the option", () => {
    const overwriting: Program = (key) => key
    const stage = new Stage({ program: overwriting, opening: "_____\r", overwrite: true })
    stage.text("ab", 120)
    stage.type("c", 0)
    expect(line(stage)).toBe("abc__")
  })

  it("goes on in the next row, once a row was seen to", () => {
    // As line editors do: they are in the next row as soon as one is full.
    const program: Program = (key, { cursor }) => (cursor.column === 9 ? `${key}\r\n` : key)
    const stage = new Stage({ program, size: { columns: 10, rows: 6 } })
    stage.text("0123456789", 120)
    stage.wait(300)
    stage.text("abcdefghij", 120)
    stage.wait(300)
    expect(line(stage, 1)).toBe("abcdefghij")
    expect(stage.state.counters.wrong).toBe(0)
  })

  it("takes a word to the next row, once the program was seen to", () => {
    // As an editor that breaks lines at column 12, between words.
    let lines = [""]
    const program: Program = (key) => {
      const last = (lines.at(-1) ?? "") + key
      const blank = last.lastIndexOf(" ")
      const full = key !== " " && last.length > 12
      lines = full
        ? [...lines.slice(0, -1), last.slice(0, blank), last.slice(blank + 1)]
        : [...lines.slice(0, -1), last]
      return `\x1b[H${lines.map((line) => `${line}\x1b[K`).join("\r\n")}`
    }
    const stage = new Stage({ program, size: { columns: 20, rows: 6 } })
    stage.text("take this away", 150)
    stage.wait(300)
    stage.text(" there a", 150)
    stage.wait(300)
    stage.text("nd", 0)
    expect([0, 1, 2].map((row) => line(stage, row))).toEqual(["take this", "away there", "and"])
    expect(stage.picture.cursor).toMatchObject({ row: 2, column: 3 })
    stage.wait(500)
    expect(stage.state.counters.wrong).toBe(0)
  })

  it("lets a box grow, once it was seen to", () => {
    const rows = (text: string) =>
      Array.from({ length: Math.floor(text.length / 6) + 1 }, (_, i) => text.slice(6 * i, 6 * i + 6))
    const draw = (text: string) => {
      const inner = rows(text)
      const box = ["╭────────╮", ...inner.map((row) => `│ ${row.padEnd(7)}│`), "╰────────╯", " hint"]
      return `\x1b[H${box.map((row) => `${row}\x1b[K`).join("\r\n")}\x1b[${1 + inner.length};${3 + (text.length % 6)}H`
    }
    let text = ""
    const stage = new Stage({
      program: (key) => draw((text += key)),
      opening: draw(""),
      size: { columns: 20, rows: 8 }
    })
    stage.text("abcdefghijk", 150)
    stage.wait(300)
    stage.text("lmn", 0)
    expect([1, 2, 3, 4, 5].map((row) => line(stage, row))).toEqual([
      "│ abcdef │",
      "│ ghijkl │",
      "│ mn     │",
      "╰────────╯",
      " hint"
    ])
    stage.wait(500)
    expect(stage.picture).toBe(stage.state.frame)
    expect(stage.state.counters.wrong).toBe(0)
  })

  it("goes on below in a text, but shows nothing there: an editor may ask for a password as well", () => {
    // Takes Enter as text ten times, and then asks, in the place where the text would go on.
    let enters = 0
    const program: Program = (key) => (key === "\r" ? (enters++, "\r\n") : enters < 10 ? key : "")
    const stage = new Stage({ program, size: { columns: 40, rows: 14 } })
    const rows: Array<number> = []
    for (let i = 0; i < 9; i++) {
      stage.text("ab", 150)
      stage.type("\r", 0)
      rows.push(stage.picture.cursor.row)
      stage.wait(300)
    }
    // The first time it was not known.
    expect(rows).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9])
    stage.text("ab", 150)
    stage.type("\r", 0)
    stage.text("secret", 60)
    stage.wait(1000)
    stage.text("secret", 60)
    for (const { picture } of stage.looks) expect(textOf(picture, 10)).toBe("")
  })

  it("keeps the line in sight that Enter moved up, while the rest of it is still to be echoed", () => {
    const program: Program = (key) => (key === "\r" ? "\r\n$ " : key)
    const stage = new Stage({ program, opening: "\r\n\r\n\r\n\r\n\r\n$ ", rtt: 300 })
    for (let i = 0; i < 3; i++) {
      stage.text("ab", 150)
      stage.wait(600)
      stage.type("\r", 900)
    }
    stage.type("x", 500)
    const before = stage.looks.length
    stage.text("yz", 50)
    stage.type("\r", 1500)
    const looks = stage.looks.slice(before)
    expect(looks.some(({ picture, frame }) => picture !== frame && textOf(picture, 4) === "$ xyz")).toBe(true)
    for (const { picture } of looks) expect(Frame.lines(picture).some((text) => text.startsWith("$ x"))).toBe(true)
  })

  it("does not take a caret that a command moves for the echo of a blank", () => {
    let secret = false
    const program: Program = (key) => {
      if (!secret) secret = key === "\r"
      else return key === "\x1b[C" ? key : ""
      return secret ? "\r\nPassword: " : key
    }
    const stage = new Stage({ program, opening: "$ " })
    stage.text("su", 150)
    stage.type("\r", 400)
    stage.type(" ", 20)
    stage.type("\x1b[C", 20)
    stage.text("secret", 90)
    stage.wait(1000)
    for (const { picture } of stage.looks) expect(textOf(picture, 1)).not.toContain("se")
  })

  it("takes over what a shell suggests", () => {
    const words = "git status"
    let typed = ""
    const program: Program = (key) => {
      typed = key === "\x1b[C" ? words : typed + key
      const rest = words.startsWith(typed) ? words.slice(typed.length) : ""
      return `\r$ ${typed}\x1b[K\x1b[90m${rest}\x1b[0m${"\b".repeat(rest.length)}`
    }
    const stage = new Stage({ program, opening: "$ " })
    stage.text("git", 150)
    stage.type("\x1b[C", 0)
    expect(stage.picture.cursor.column).toBe(12)
    expect(line(stage)).toBe("$ git status")
  })

  it("waits for a program that was seen to be slow", () => {
    // Answers 40 ms after the acknowledgement.
    let pending = ""
    const stage = new Stage({ program: () => "", opening: "$ ", rtt: 100 })
    const type = (key: string) => {
      stage.type(key, 0)
      stage.wait(140)
      pending = key
      stage.print(pending)
      stage.wait(60)
    }
    for (const key of "abcd") type(key)
    stage.looks.length = 0
    for (const key of "efg") type(key)
    // Nothing that was shown is taken back in between.
    const texts = stage.looks.map(({ picture }) => textOf(picture, 0))
    for (let i = 1; i < texts.length; i++) {
      expect((texts[i] as string).length).toBeGreaterThanOrEqual((texts[i - 1] as string).length)
    }
    expect(texts.at(-1)).toBe("$ abcdefg")
  })

  it("starts again when the size changes", () => {
    const stage = new Stage({ program: echo(), opening: "$ " })
    stage.text("ab", 120)
    stage.type("c", 0)
    stage.step({ _tag: "Reset", sent: 3n })
    expect(stage.picture).toBe(stage.state.frame)
    stage.step({ _tag: "Received", frame: Frame.blank({ columns: 7, rows: 2 }), echoed: 3n })
    stage.step({ _tag: "Typed", bytes: Uint8Array.of(0x61), sent: 4n })
    expect(stage.picture.size).toEqual({ columns: 7, rows: 2 })
    expect(stage.picture).toBe(stage.state.frame)
  })

  it("does not predict a paste", () => {
    const stage = new Stage({ program: echo(), opening: "$ " })
    stage.text("ab", 120)
    stage.step({ _tag: "Typed", bytes: new Uint8Array(100_000).fill(0x78), sent: 2n })
    expect(stage.picture).toBe(stage.state.frame)
    expect(stage.state.timeline.entries.length).toBe(1)
    expect(Prediction.machine.deadline(stage.state)).toBeGreaterThan(stage.now)
  })
})
