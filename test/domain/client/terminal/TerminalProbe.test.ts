import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as TerminalProbe from "../../../../src/domain/client/terminal/TerminalProbe.ts"
import * as ClusterRules from "../../../../src/domain/terminal/ClusterRules.ts"
import * as TerminalReport from "../../../../src/domain/terminal/TerminalReport.ts"

const { deadline, step } = TerminalProbe.machine
const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const textOf = (bytes: Uint8Array) => String.fromCharCode(...bytes)

/** Runs inputs, one each millisecond. Returns the state, what was typed, and how often the terminal had answered. */
const run = (pieces: ReadonlyArray<string>, from = step(TerminalProbe.initial, { _tag: "Ask" }, 0)[0]) => {
  let state = from
  let typed = ""
  let written = ""
  let answered = 0
  const offer = (input: TerminalProbe.Input, now: number): void => {
    const [next, outputs] = step(state, input, now)
    state = next
    for (const output of outputs) {
      if (output._tag === "Typed") typed += textOf(output.bytes)
      else if (output._tag === "Write") written += output.text
      else if (output._tag === "Answered") answered++
    }
  }
  pieces.forEach((piece, now) => offer({ _tag: "Received", bytes: bytesOf(piece) }, now))
  const due = deadline(state)
  if (due < TerminalProbe.PATIENCE) offer({ _tag: "Tick" }, due)
  return { state, typed, written, answered }
}

const ANSWERS = [
  "\x1b[?2026;2$y",
  "\x1b[?2031;0$y",
  "\x1b[?1016;2$y",
  "\x1b[?0u",
  "\x1bP>|XTerm(379)\x1b\\",
  "\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
  "\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
  "\x1b]4;1;rgb:ff/00/80\x1b\\",
  "\x1b]12;rgba:8000/0000/0000/ffff\x1b\\",
  "\x1b[?997;1n",
  "\x1b[6;20;10t",
  "\x1b_Gi=31;OK\x1b\\",
  "\x1b[?2;0;480;312S"
] as const
const LAST = "\x1b[?62;22c"
/** Typed keys: none begins an answer, and none is a report that the terminal was asked for. */
const KEYS = [
  "a",
  "\r",
  "\x1b[A",
  "\x1bOP",
  "\x1bx",
  "\x1b[200~",
  "\x1b[1;5R",
  "\x1b[3~",
  "é",
  "\x1b[97;5u",
  "\x1b[<0;1;2M"
] as const

const Item = Schema.Union([Schema.Literals(ANSWERS), Schema.Literals(KEYS)])
const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 })))

const cut = (text: string, sizes: ReadonlyArray<number>): ReadonlyArray<string> => {
  const pieces: Array<string> = []
  for (let at = 0, i = 0; at < text.length; i++) {
    const size = sizes[i % sizes.length] ?? text.length
    pieces.push(text.slice(at, at + size))
    at += size
  }
  return pieces
}

describe("TerminalProbe", () => {
  it.prop(
    "separates answers from keys, however both are mixed and split",
    { items: Schema.Array(Item), sizes: Sizes },
    ({ items, sizes }) => {
      const whole = [...items, LAST].join("")
      const { answered, state, typed } = run(cut(whole, sizes))
      expect(typed).toBe(items.filter((item) => (KEYS as ReadonlyArray<string>).includes(item)).join(""))
      expect(answered).toBe(1)
      expect(deadline(state)).toBe(Infinity)
      expect(TerminalReport.equals(state.report, run([whole]).state.report)).toBe(true)
    }
  )

  it.prop("understands the colours of rxvt-unicode, which end with a lone escape", { sizes: Sizes }, ({ sizes }) => {
    const answers = "\x1b]4;0;rgb:0000/0000/0000\x1b\x1b]4;1;rgb:cdcd/0000/0000\x1b\x1b[?1;2c"
    const { answered, state, typed } = run(cut(answers, sizes))
    expect(typed).toBe("")
    expect(answered).toBe(1)
    expect([...state.report.colors]).toEqual([
      [0, 0x000000],
      [1, 0xcd0000]
    ])
  })

  it("understands each answer", () => {
    const { report } = run([[...ANSWERS, LAST].join("")]).state
    expect(report).toEqual({
      name: "XTerm(379)",
      colors: new Map([
        [256 + 10, 0xffffff],
        [256 + 11, 0x1e1e2e],
        [1, 0xff0080],
        [256 + 12, 0x800000]
      ]),
      scheme: "dark",
      cell: { width: 10, height: 20 },
      kittyKeyboard: true,
      synchronizedOutput: true,
      pixelMouse: true,
      images: "kitty",
      clusters: ClusterRules.NONE,
      clusterMode: "none"
    })
    expect(run([`\x1b[?2026;0$y\x1b[?1016;0$y${LAST}`]).state.report).toEqual(TerminalReport.UNKNOWN)
    expect(run([`\x1b]11;rgb:zz/00/00\x07${LAST}`]).typed).toBe("\x1b]11;rgb:zz/00/00\x07")
  })

  it("learns how the terminal shows images", () => {
    const asked = (...answers: ReadonlyArray<string>) => {
      const [from, outputs] = step(TerminalProbe.initial, { _tag: "Ask", screen: { columns: 80, rows: 24 } }, 0)
      expect(outputs).toEqual([{ _tag: "Write", text: TerminalProbe.IMAGES_QUESTION + TerminalProbe.QUESTION }])
      const { state, typed } = run([answers.join("")], from)
      expect(typed).toBe("")
      return [state.report.images, state.report.cell]
    }
    expect(asked(LAST)).toEqual([undefined, undefined])
    expect(asked("\x1b_Gi=31;EINVAL:x\x1b\\", LAST)).toEqual([undefined, undefined])
    expect(asked("\x1b[?2;0;480;312S", "\x1b[?62;4;22c")).toEqual(["sixel", { width: 6, height: 13 }])
    // Not of whole cells, and an error.
    expect(asked("\x1b[?2;0;481;312S", "\x1b[?4;22c")).toEqual([undefined, undefined])
    expect(asked("\x1b[?2;3;480;312S", LAST)).toEqual([undefined, undefined])
    expect(asked("\x1bP>|iTerm2 3.5.0\x1b\\", "\x1b[6;20;10t", "\x1b[?62;4c")).toEqual([
      "iterm2",
      { width: 10, height: 20 }
    ])
    expect(asked("\x1b_Gi=31;OK\x1b\\", "\x1bP>|iTerm2 3.5.0\x1b\\", "\x1b[?62;4c")[0]).toBe("kitty")
  })

  it.prop(
    "passes everything on while it expects nothing",
    { items: Schema.Array(Item), sizes: Sizes },
    ({ items, sizes }) => {
      const text = items.join("")
      expect(run(cut(text, sizes), TerminalProbe.initial).typed).toBe(text)
    }
  )

  it("holds what may begin an answer for a moment only, and stops waiting for a terminal that does not answer", () => {
    const asked = step(TerminalProbe.initial, { _tag: "Ask" }, 0)[0]
    const [held, none] = step(asked, { _tag: "Received", bytes: bytesOf("\x1b") }, 10)
    expect(none).toEqual([])
    expect(deadline(held)).toBe(10 + TerminalProbe.HOLD)
    const [released, outputs] = step(held, { _tag: "Tick" }, deadline(held))
    expect(outputs).toEqual([{ _tag: "Typed", bytes: bytesOf("\x1b") }])
    expect(deadline(released)).toBe(TerminalProbe.PATIENCE)
    const [over, last] = step(released, { _tag: "Tick" }, TerminalProbe.PATIENCE)
    expect(last).toEqual([{ _tag: "Answered" }, { _tag: "Settled" }])
    expect(run([LAST], over).typed).toBe(LAST)
  })

  it("asks for colours again when the terminal reports a change, and only that report", () => {
    const { state, written } = run(["\x1b[?2031;2$y", `\x1b[?2031;2$y${LAST}`])
    expect(written).toBe(TerminalProbe.WATCH_COLORS)
    const changed = run(["a\x1b[?62c\x1b", "[B\x1b[?99", "7;2nb"], state)
    expect(changed.typed).toBe("a\x1b[?62c\x1b[Bb")
    expect(changed.written).toContain("\x1b]11;?")
    const { answered, state: after } = run([`\x1b]11;rgb:ffff/ffff/ffff\x07${LAST}`], changed.state)
    expect(answered).toBe(1)
    expect(after.report).toMatchObject({ scheme: "light" })
    expect(after.report.colors.get(256 + 11)).toBe(0xffffff)
  })

  it("is bounded, whatever the terminal sends", () => {
    let state = step(TerminalProbe.initial, { _tag: "Ask" }, 0)[0]
    for (const text of [
      "\x1bP>|",
      "x".repeat(10_000),
      "\x1b]11;rgb:",
      "1/".repeat(5000),
      "\x1b[?",
      "1;".repeat(5000)
    ]) {
      state = step(state, { _tag: "Received", bytes: bytesOf(text) }, 1)[0]
      expect(state.held.length).toBeLessThan(300)
    }
  })

  /** The answers of a terminal that takes these columns for the samples, from this column on. */
  const measured = (columns: ReadonlyArray<number>, from = 1) =>
    [0, ...columns].map((column) => `\x1b[?7;${from + column}R`).join("")
  const JOINED = [2, 2, 2, 2, 2, 1, 1, 2]

  it("measures clusters by the cursor, which is reported with the first answers", () => {
    const measuring = step(TerminalProbe.initial, { _tag: "Measure" }, 0)[0]
    const [asking] = step(measuring, { _tag: "Ask" }, 0)
    const only = run([`a\x1b[?2027;2$y${measured(JOINED, 9)}${LAST}b`], measuring)
    expect([only.typed, only.answered, deadline(only.state)]).toEqual(["ab", 0, Infinity])
    const both = run([`\x1b[?2027;2$y${measured(JOINED, 9)}${LAST}a`, `${ANSWERS.join("")}${LAST}`], asking)
    expect([both.typed, both.answered, deadline(both.state)]).toEqual(["a", 1, Infinity])
    expect(both.state.report).toMatchObject({ name: "XTerm(379)", clusters: ClusterRules.ALL, clusterMode: "reset" })
    // xterm: flags are two letters, and take two columns.
    const apart = run([`${measured([1, 1, 4, 2, 4, 2, 2, 3])}${LAST}${LAST}`], asking)
    expect(apart.state.report).toMatchObject({ clusters: ClusterRules.NONE, clusterMode: "none" })
    // kitty 0.26.
    const some = run([`${measured([2, 2, 2, 2, 4, 1, 2, 1])}${LAST}${LAST}`], asking)
    const { flag, keycap, modifier, narrowModifierInOne, presentation, spacingMark } = ClusterRules.Kind
    expect(some.state.report.clusters).toBe(presentation | keycap | modifier | flag | spacingMark | narrowModifierInOne)
    const silent = run([`${LAST}${LAST}`], asking)
    expect([silent.state.report.clusters, silent.answered]).toEqual([ClusterRules.NONE, 1])
  })

  it("reports how the terminal answered although it did not report its cursor", () => {
    const [asking] = step(step(TerminalProbe.initial, { _tag: "Measure" }, 0)[0], { _tag: "Ask" }, 0)
    const halfway = run([`${LAST}${ANSWERS.join("")}`], asking)
    expect(halfway.answered).toBe(0)
    const [, outputs] = step(halfway.state, { _tag: "Tick" }, TerminalProbe.PATIENCE)
    expect(outputs).toEqual([{ _tag: "Answered" }, { _tag: "Settled" }])
  })
})
