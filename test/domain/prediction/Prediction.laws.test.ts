/**
 * The laws of prediction, over what people may type and programs may do.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Prediction from "../../../src/domain/prediction/Prediction.ts"
import { MAX_KEYS } from "../../../src/domain/prediction/Tuning.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { echo, lineEditor, type Program, silent, Stage, textOf } from "./host.ts"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const CHARACTERS = ["a", "b", "é", "日", "🎉", " ", "x", "0"] as const
const COMMANDS = [
  "\x7f",
  "\x1b[D",
  "\x1b[C",
  "\x01",
  "\x05",
  "\r",
  "\t",
  "\x1b",
  "\x1bf",
  "\x17",
  "\x0b",
  "\x1b[A"
] as const

const Typed = Schema.Struct({
  key: Schema.Union([Schema.Literals(CHARACTERS), Schema.Literals(CHARACTERS), Schema.Literals(COMMANDS)]),
  pause: Schema.Literals([0, 10, 30, 90, 200, 700])
})
/** What people do to a line: more typing than anything else, each key seen before the next. */
const Edited = Schema.Struct({
  key: Schema.Union([Schema.Literal("text"), Schema.Literals(["\x7f", "\x1b[D", "\x1b[C", "\x01", "\x05", "text"])]),
  pause: Schema.Literals([40, 90, 200, 700])
})
/** Text without a letter twice: of two that are alike it cannot always be told which one has arrived. */
const TEXT = Array.from("abcdefghijklmnopqrstuvwyzéèüäößñ日本語漢字仮名文書")

const Session = Schema.Array(Typed)
const Rtt = Schema.Literals([1, 25, 100, 400])
const Preference = Schema.Literals(["adaptive", "always", "never", "experimental"])

/** Programs that do as they like. */
const whim =
  (whims: ReadonlyArray<number>): Program =>
  (key, { size }) => {
    const whim = whims[key.length % Math.max(1, whims.length)] ?? 0
    const away = `\x1b[${1 + (whim % size.rows)};${1 + ((whim * 7) % size.columns)}H`
    return [key, "", "*", away, `${away}${key}`, "\x1b[2J\x1b[H", "\x1b[?25l", `\x1b[?25h${key}${key}`][whim % 8] ?? ""
  }

const play = (stage: Stage, session: typeof Session.Type): Stage => {
  for (const { key, pause } of session) stage.type(key, pause)
  stage.wait(3000)
  return stage
}

const isText = (key: string): boolean => key >= " " && key !== "\x7f" && !key.startsWith("\x1b")

/** A deep copy of what can be seen, to tell later whether anything was written. */
const copy = ({ cursor, rows }: Frame.Frame) => ({
  cursor: { ...cursor },
  words: rows.map(({ words }) => words.slice())
})

describe("laws of prediction", () => {
  it.prop(
    "never changes the server's frames, and ends with the newest of them, whatever the program does",
    { session: Session, rtt: Rtt, preference: Preference, whims: Schema.Array(between(0, 40)) },
    ({ preference, rtt, session, whims }) => {
      const stage = new Stage({ program: whim(whims), preference, rtt, opening: "$ " })
      const received = new Map<Frame.Frame, ReturnType<typeof copy>>()
      const step = stage.step.bind(stage)
      stage.step = (input) => {
        if (input._tag === "Received") received.set(input.frame, copy(input.frame))
        step(input)
      }
      play(stage, session)
      for (const [frame, before] of received) expect(copy(frame)).toEqual(before)
      expect(stage.picture).toBe(stage.state.frame)
      expect(Frame.equals(stage.picture, stage.screen)).toBe(true)
    }
  )

  it.prop(
    "shows a silent host's frames as they are",
    { session: Session, rtt: Rtt, preference: Schema.Literals(["adaptive", "always"]) },
    ({ preference, rtt, session }) => {
      const keys = session.filter(({ key }) => isText(key) || key === "\r" || key === "\x7f")
      const stage = play(new Stage({ program: silent, preference, rtt, opening: "Password: " }), keys)
      for (const { frame, picture } of stage.looks) expect(picture).toBe(frame)
    }
  )

  it.prop(
    "never shows what is typed after Enter to a program that does not echo it, whatever else that does",
    {
      before: Session,
      after: Schema.Array(Typed),
      answer: Schema.Literals([
        "",
        "\r\n",
        "\r\n$ ",
        "\r\x1b[K$ ",
        "\r\nPassword: ",
        "\x1b[2J\x1b[H$ ",
        "\r\n\r\n\r\n\r\n\r\n$ "
      ]),
      motion: Schema.Literals(["", "\b", "\x1b[C", "\r\x1b[2C", "\t", "\x07"]),
      rtt: Rtt,
      preference: Schema.Literals(["adaptive", "always"])
    },
    ({ after, answer, before, motion, preference, rtt }) => {
      const editor = lineEditor()
      let secret = false
      const program: Program = (key, screen) => {
        if (!secret) {
          secret = key === "\n"
          return secret ? answer : editor(key, screen)
        }
        return isText(key) ? "" : key === "\r" ? answer : motion
      }
      const stage = new Stage({ program, preference, rtt, opening: "$ " })
      for (const { key, pause } of before) stage.type(key, pause)
      stage.type("\n", 0)
      for (const { key, pause } of after) stage.type(isText(key) ? "Z" : key, pause)
      stage.wait(1000)
      for (const { picture } of stage.looks) for (const row of picture.rows) expect(textIn(row)).not.toContain("Z")
    }
  )

  it.prop(
    "even `experimental` shows nothing to a silent host after its first keys were not echoed",
    { session: Session, rtt: Rtt },
    ({ rtt, session }) => {
      const keys = session.filter(({ key }) => isText(key))
      const stage = play(new Stage({ program: silent, preference: "experimental", rtt, opening: "Password: " }), keys)
      for (const { acknowledged, frame, picture } of stage.looks) if (acknowledged > 0) expect(picture).toBe(frame)
    }
  )

  it.prop(
    "shows nothing of a line before something of it was echoed",
    { text: Schema.Array(Schema.Literals(["a", "b", "é", "日"])), rtt: Rtt },
    ({ rtt, text }) => {
      const stage = new Stage({ program: echo(), rtt, opening: "$ " })
      for (const key of text) {
        stage.type("\r", 0)
        stage.type(key, 0)
        stage.type("x", 0)
      }
      for (const { frame, picture } of stage.looks) expect(picture.rows.map(textIn)).toEqual(frame.rows.map(textIn))
    }
  )

  it.prop("shows only what a perfect echo comes to show", { session: Session, rtt: Rtt }, ({ rtt, session }) => {
    const program = lineEditor()
    const text = session.filter(({ key }) => isText(key) && key !== " ").slice(0, 18)
    const stage = new Stage({ program, rtt, opening: "$ ", size: { columns: 60, rows: 4 } })
    play(stage, text)
    const whole = textIn(stage.screen.rows[0] as Row.Row)
    for (const { picture } of stage.looks) {
      const shown = textIn(picture.rows[0] as Row.Row)
      expect(whole.startsWith(shown.trimEnd())).toBe(true)
    }
    expect(stage.state.counters.wrong).toBe(0)
  })

  it.prop(
    "shows only lines that a line editor comes to show, however the line is edited",
    { keys: Schema.Array(Edited), rtt: Rtt },
    ({ keys, rtt }) => {
      const program = lineEditor()
      const stage = new Stage({ program, rtt, opening: "$ ", size: { columns: 80, rows: 4 } })
      // Before anything came, and then.
      const lines: Array<string> = ["", "$ "]
      const witness = new Stage({
        program: lineEditor(),
        rtt: 1,
        opening: "$ ",
        preference: "never",
        size: stage.screen.size
      })
      const edits = keys.map(({ key, pause }, i) => ({
        key: key === "text" ? (TEXT[i % TEXT.length] ?? "") : key,
        pause
      }))
      for (const { key, pause } of [{ key: "x", pause: 1000 }, ...edits]) {
        witness.type(key, 100)
        lines.push(textIn(witness.picture.rows[0] as Row.Row))
        stage.type(key, pause)
      }
      stage.wait(3000)
      const known = new Set(lines.map((line) => line.trimEnd()))
      for (const { picture } of stage.looks) expect(known).toContain(textIn(picture.rows[0] as Row.Row).trimEnd())
    }
  )

  it("shows no key twice that the program answered before a command without effect was acknowledged", () => {
    const stage = new Stage({ program: lineEditor(), rtt: 25, opening: "$ ", size: { columns: 80, rows: 4 } })
    const typed = [
      ["x", 1000],
      ["a", 200],
      ["\x01", 200],
      ["\x7f", 90],
      ["\x1b[C", 40],
      ["e", 90]
    ] as const
    for (const [key, pause] of typed) stage.type(key, pause)
    stage.wait(3000)
    const lines = stage.looks.map(({ picture }) => textIn(picture.rows[0] as Row.Row).trimEnd())
    expect(lines.filter((line) => !["", "$", "$ x", "$ xa", "$ xea"].includes(line))).toEqual([])
  })

  describe("shows only lines that come, after commands that go left where the text after the prompt begins", () => {
    const LEFT = "\x1b[D"
    const RIGHT = "\x1b[C"
    it.each([
      {
        name: "a command after it arrives first",
        rtt: 100,
        typed: [
          ["a", 40],
          ["b", 700],
          ["\x01", 90],
          ["\x7f", 90],
          [RIGHT, 200],
          [RIGHT, 90],
          ["g", 700]
        ],
        lines: ["$ xa", "$ xab", "$ xagb"]
      },
      {
        name: "it is acknowledged before text arrives",
        rtt: 400,
        typed: [
          [LEFT, 700],
          [LEFT, 700],
          [LEFT, 40],
          ["h", 700],
          ["i", 40]
        ],
        lines: ["$ hx", "$ hix"]
      },
      {
        name: "text arrives before its acknowledgement",
        rtt: 100,
        typed: [
          ["\x01", 700],
          ["\x7f", 40],
          ["f", 90],
          [LEFT, 40],
          ["i", 200]
        ],
        lines: ["$ fx", "$ ifx"]
      },
      {
        name: "the caret is where it would be after other commands",
        rtt: 100,
        typed: [
          ["a", 700],
          ["\x01", 90],
          [LEFT, 40],
          [RIGHT, 90],
          [RIGHT, 90],
          ["g", 200]
        ],
        lines: ["$ xa", "$ xag"]
      },
      {
        name: "it is typed several times among others",
        rtt: 400,
        typed: [
          ["\x01", 700],
          [LEFT, 90],
          [RIGHT, 40],
          [LEFT, 200],
          [LEFT, 90],
          [RIGHT, 200],
          ["i", 700]
        ],
        lines: ["$ xi"]
      }
    ] as const)("$name", ({ lines, rtt, typed }) => {
      const stage = new Stage({ program: lineEditor(), rtt, opening: "$ ", size: { columns: 80, rows: 4 } })
      stage.type("x", 1000)
      for (const [key, pause] of typed) stage.type(key, pause)
      stage.wait(3000)
      const shown = stage.looks.map(({ picture }) => textIn(picture.rows[0] as Row.Row).trimEnd())
      expect(shown.filter((line) => !["", "$", "$ x", ...lines].includes(line))).toEqual([])
    })
  })

  it("follows an editor that goes on left of the column where its text was taken to begin", () => {
    // Nothing was typed before `x`, so the text seems to begin there, and the words before it to be a prompt.
    const words = Array.from("see it ")
    const program = lineEditor("", words)
    const stage = new Stage({ program, rtt: 400, opening: words.join(""), size: { columns: 80, rows: 4 } })
    stage.type("x", 1000)
    for (const pause of [40, 90, 700]) stage.type("\x7f", pause)
    stage.type("y", 40)
    expect(textOf(stage.picture, 0)).toBe("see iy")
    stage.wait(3000)
    expect(stage.state.counters.wrong).toBe(0)
  })

  it.prop(
    "a wrong guess is gone with the frame that acknowledges it",
    { session: Session, rtt: Rtt, whims: Schema.Array(between(0, 40)), preference: Preference },
    ({ preference, rtt, session, whims }) => {
      const stage = play(new Stage({ program: whim(whims), preference, rtt, opening: "$ " }), session)
      for (const { acknowledged, answerDelay, frame, picture, typed } of stage.looks) {
        // A program that was seen to answer late is given a little more time, until another one may have taken over.
        if (acknowledged === typed && answerDelay === 0) expect(picture).toBe(frame)
      }
    }
  )

  it.prop("`never` shows the server's frames", { session: Session, rtt: Rtt }, ({ rtt, session }) => {
    const stage = play(new Stage({ program: echo(), preference: "never", rtt }), session)
    for (const { frame, picture } of stage.looks) expect(picture).toBe(frame)
  })

  it.prop(
    "is total: any bytes, any frames of any size, in any order",
    {
      inputs: Schema.Array(
        Schema.Union([
          Schema.TaggedStruct("Typed", { bytes: Schema.Uint8Array, sent: between(0, 9) }),
          Schema.TaggedStruct("Received", {
            columns: between(1, 9),
            rows: between(1, 3),
            host: Schema.String,
            echoed: between(0, 9)
          }),
          Schema.Struct({ _tag: Schema.Literals(["Reset", "Tick"]) })
        ])
      ),
      preference: Preference
    },
    ({ inputs, preference }) => {
      let state = Prediction.initial({ preference, overwrite: false }, Frame.blank({ columns: 4, rows: 2 }))
      let now = 0
      for (const input of inputs) {
        now += 37
        const taken: Prediction.Input =
          input._tag === "Typed"
            ? { ...input, sent: BigInt(input.sent) }
            : input._tag === "Received"
              ? {
                  _tag: "Received",
                  frame: FramePatch.patch(Frame.blank(input), input.host),
                  echoed: BigInt(input.echoed)
                }
              : input._tag === "Reset"
                ? { _tag: "Reset", sent: 3n }
                : { _tag: "Tick" }
        const [next] = Prediction.machine.step(state, taken, now)
        state = next
        expect(Frame.sizeEquals(state.picture.size, state.frame.size)).toBe(true)
        expect(state.picture.rows.every((row) => Row.columns(row) === state.frame.size.columns)).toBe(true)
        expect(state.timeline.entries.length).toBeLessThanOrEqual(MAX_KEYS)
        expect(Prediction.machine.deadline(state)).toBeGreaterThan(now)
      }
    }
  )
})

const textIn = (row: Row.Row): string => Array.from({ length: Row.columns(row) }, (_, x) => Row.text(row, x)).join("")
