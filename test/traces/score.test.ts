import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Frame } from "../../src/domain/terminal/Frame.ts"
import type { Row } from "../../src/domain/terminal/Row.ts"
import * as Rendition from "../../src/domain/terminal/Rendition.ts"
import { RowEditor } from "../../src/domain/terminal/RowEditor.ts"
import { Predictor } from "../../src/services/client/Predictor.ts"
import { playVirtual } from "./player.ts"
import { summarize } from "./score-summary.ts"
import type { Score } from "./score.ts"
import type { Trace } from "./trace.ts"

const RTT = 100

/** A prompt, and a typed line with a correction; then a program that hides the typed text, and prints elsewhere. */
const TRACE: Trace = (() => {
  const keys: Array<Trace["keys"][number]> = []
  const output: Array<Trace["output"][number]> = []
  let at = 40
  const print = (after: number, text: string) => output.push({ at: at + after, bytes: Buffer.from(text) })
  const key = (text: string, pause: number, waits: boolean, ...answers: ReadonlyArray<string>) => {
    at += pause
    keys.push({ at, text, waits })
    answers.forEach((answer, index) => print(2 + index * 5, answer))
  }
  print(-40, "\u001b[c\u001b[2J\u001b[H")
  print(0, "$ ")
  key("h", 500, true, "h")
  for (const letter of "ello worl") key(letter, 70, false, letter)
  key("e", 60, false, "e")
  key("\u007f", 400, false, "\b\u001b[K")
  key("d", 400, false, "d")
  key("\u001b[D", 90, false, "\u001b[D")
  key("\u001b[C", 40, false, "\u001b[C")
  key("\r", 200, false, "\r\n", "secret: ")
  key("q", 2000, true)
  key("w", 80, false)
  key("\r", 80, false, "\r\n", "漢字 ok\r\n", "$ ")
  key("y", 2000, true, "y")
  key("x", 90, false, "\u001b7\u001b[6;20Hstatus\u001b8")
  key("\r", 400, false, "\r\n$ ")
  return { name: "small", what: "a test", columns: 40, rows: 6, keys, output }
})()

/** Draws each letter at the caret at once, until the server's caret is beyond it or another key is typed. */
const guessing = (guess: (letter: string) => string): Layer.Layer<Predictor> =>
  Layer.succeed(Predictor, {
    make: (options) =>
      Effect.sync(() => {
        let { frame } = options
        let guesses: Array<{ readonly row: number; readonly column: number; readonly text: string }> = []
        const picture = (): Frame => {
          const { cursor } = frame
          const last = guesses.at(-1)
          if (last === undefined) return frame
          const editor = new RowEditor(frame.rows[cursor.row] as Row)
          for (const { column, text } of guesses) editor.write(column, text, Rendition.DEFAULT)
          const rows = frame.rows.with(cursor.row, editor.row())
          return { ...frame, rows, cursor: { ...cursor, column: last.column + 1 } }
        }
        let shown = frame
        return {
          offer: (input) => {
            if (input._tag === "Received") frame = input.frame
            if (input._tag === "Typed") {
              const letter = Buffer.from(input.bytes).toString()
              if (/^[a-z ]$/.test(letter)) guesses.push({ ...shown.cursor, text: guess(letter) })
              else guesses = []
            }
            guesses = guesses.filter(({ column, row }) => row === frame.cursor.row && column >= frame.cursor.column)
            shown = picture()
            options.onRedraw()
          },
          picture: () => shown,
          counters: () => ({ shown: 0, wrong: 0 })
        }
      })
  })

const play = (predictor: Layer.Layer<Predictor>, link: { readonly loss?: number; readonly seed?: number } = {}) =>
  playVirtual(TRACE, { preference: "always", rtt: RTT, loss: 0, predictor, ...link })

const delayOf = (score: Score, index: number) => score.keys[index]?.delay

describe("a played trace", () => {
  it("distinguishes keys by what they change", async () => {
    const { keys } = await play(Predictor.off)
    expect(keys.map(({ text }) => text)).toEqual(TRACE.keys.map(({ text }) => text))
    const other = keys.filter(({ kind }) => kind !== "echo")
    expect(other.map(({ kind, text }) => [text, kind])).toEqual([
      ["q", "none"],
      ["w", "none"],
      ["x", "elsewhere"]
    ])
  })

  it("shows keys a round trip late, and nothing wrong, without prediction", async () => {
    const score = await play(Predictor.off)
    expect(score).toMatchObject({ complete: true, mistakes: [], repairs: [], wrongCells: 0, wrongCarets: 0 })
    const { median, p95, prompt, unseen, wrong } = summarize([score])
    expect({ prompt, unseen, wrong }).toEqual({ prompt: 0, unseen: 0, wrong: 0 })
    const delays = score.keys.filter(({ kind }) => kind !== "none").map(({ delay }) => delay)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0.98 * RTT)
    expect(median).toBeLessThan(RTT + 50)
    expect(p95).toBeLessThan(2 * RTT)
  })

  it("is typed in the recording's rhythm, and waits where the user looks first", async () => {
    const { keys } = await play(Predictor.off)
    const pause = (index: number) => (keys[index]?.at ?? 0) - (keys[index - 1]?.at ?? 0)
    expect(pause(3)).toBeCloseTo(70, 3)
    const afterEnter = TRACE.keys.findIndex(({ text }) => text === "q")
    // The recorder's 2000 ms are cut; the password's prompt must be seen, and be reacted to.
    expect(pause(afterEnter)).toBe(450)
    const quick = TRACE.keys.with(afterEnter, {
      at: (TRACE.keys[afterEnter - 1]?.at ?? 0) + 20,
      text: "q",
      waits: true
    })
    const hurried = await playVirtual({ ...TRACE, keys: quick }, { preference: "never", rtt: RTT, loss: 0 })
    const enter = hurried.keys[afterEnter - 1]
    expect((hurried.keys[afterEnter]?.at ?? 0) - (enter?.at ?? 0)).toBeGreaterThanOrEqual((enter?.delay ?? 0) + 150)
  })

  it("shows predictions at once, and counts those as wrong where nothing is echoed", async () => {
    const score = await play(guessing((letter) => letter))
    for (const index of [0, 1, 2, 5, 9, 12]) expect(delayOf(score, index)).toBe(0)
    const wrong = score.keys.filter(({ wrong }) => wrong).map(({ text }) => text)
    // "e" was echoed and deleted again, so it is right. A key at the password prompt is wrong, and so is "x".
    expect(wrong).toEqual(["q", "w", "x"])
    expect(score.wrongCells).toBe(3)
    expect(score.complete).toBe(true)
  })

  it("counts a wrong letter once, and how long it stayed", async () => {
    const score = await play(guessing((letter) => (letter === "h" ? "Z" : letter)))
    expect(score.keys[0]?.wrong).toBe(true)
    expect(score.mistakes[0]).toMatchObject({ key: 0, cells: [{ row: 0, column: 2 }], caret: false })
    expect(delayOf(score, 0)).toBeGreaterThanOrEqual(0.98 * RTT)
    expect(score.repairs[0]).toBeGreaterThan(0)
    expect(score.repairs[0]).toBeLessThan(2 * RTT)
  })

  it.for([1, 2, 3])("converges to the truth over a network with much loss (seed %i)", async (seed) => {
    const score = await play(Predictor.off, { loss: 0.2, seed })
    expect(score).toMatchObject({ complete: true, mistakes: [] })
    expect(summarize([score]).unseen).toBe(0)
  })

  it("is played in the same way each time", async () => {
    const once = await play(Predictor.off, { loss: 0.1 })
    const again = await play(Predictor.off, { loss: 0.1 })
    expect(again.keys).toEqual(once.keys)
  })
})
