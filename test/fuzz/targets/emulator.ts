/**
 * Program output: whatever a program prints, the server has a well-formed frame, and its differences lead a client there.
 *
 * An input is a size and output under a length each; one of no length is another size.
 */
import * as Effect from "effect/Effect"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as CompactRow from "../../../src/domain/history/CompactRow.ts"
import * as Erasure from "../../../src/domain/history/Erasure.ts"
import * as History from "../../../src/domain/history/History.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { Emulator, type Screen } from "../../../src/services/server/Emulator.ts"
import * as XtermEmulator from "../../../src/services/node/xterm/XtermEmulator.ts"
import { follows, followsAsStock, rowWellFormed, wellFormed } from "../frame-laws.ts"
import { piece, reader } from "../reader.ts"
import { bytesEqual, law, type Target } from "../target.ts"
import * as ScreenTokens from "./screen-tokens.ts"

/** The maximum number of bytes answered for each byte printed: a query of four bytes has an answer of about twenty. */
const ANSWER = 16
const ANSWERS = 64

/** Bytes written at once: few enough to split most sequences and characters. */
const PART = 3
/** Rows that are kept. */
const ROWS = 50
/** Pieces of output in one input. */
const STEPS = 12

interface Steps {
  readonly size: Frame.Size
  /** Output, or another size. */
  readonly steps: ReadonlyArray<Uint8Array | Frame.Size>
}

const read = (input: Uint8Array): Steps => {
  const { below, done, piece } = reader(input)
  const size = () => ({ columns: 1 + below(40), rows: 1 + below(12) })
  const first = size()
  const steps: Array<Uint8Array | Frame.Size> = []
  for (let step = 0; step < STEPS && !done(); step++) {
    const bytes = piece()
    steps.push(bytes.length === 0 ? size() : bytes)
  }
  return { size: first, steps }
}

/** Runs a body with a screen; the rows that scrolled off it. */
const withScreen = (
  size: Frame.Size,
  onReply: (bytes: Uint8Array) => void,
  body: (screen: Screen, history: History.History) => void
): History.History => {
  const history = History.make(ROWS)
  Effect.gen(function* () {
    const emulator = yield* Emulator
    body(yield* emulator.make({ size, onReply, history }), history)
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer), Effect.runSync)
  return history
}

/** The law of every history: its rows are well-formed, and equal after they are encoded and decoded again. */
const historyWellFormed = (history: History.History): void => {
  law(history.erased <= history.end && history.end - history.first <= ROWS, "numbers out of order")
  for (let number = history.first; number < history.end; number++) {
    const row = History.row(history, number)
    law(row !== undefined, "a row that cannot be read")
    rowWellFormed(row, Row.columns(row))
    law(
      bytesEqual(CompactRow.encode(row), Erasure.without(History.bytes(history, number) ?? new Uint8Array(0))),
      "another row when written again"
    )
  }
}

const historiesEqual = (a: History.History, b: History.History): boolean => {
  if (a.first !== b.first || a.end !== b.end || a.erased !== b.erased) return false
  for (let number = a.first; number < a.end; number++) {
    const [one, other] = [History.bytes(a, number), History.bytes(b, number)]
    if (one === undefined || other === undefined || !bytesEqual(one, other)) return false
  }
  return true
}

export const emulator: Target = {
  what: "program output, through the emulator",
  seeds: () =>
    ScreenTokens.outputs().map((text, i) =>
      Buffer.concat([
        Uint8Array.of(20 + (i % 60), 6 + (i % 20)),
        piece(text.subarray(0, 600)),
        piece(text.subarray(600))
      ])
    ),
  tokens: ScreenTokens.tokens,
  maxLength: 4096,
  budget: 1500,
  quick: 200,
  run: (input) => {
    const { size, steps } = read(input)
    let printed = 0
    let answered = 0
    const onReply = (bytes: Uint8Array) => void (answered += bytes.length)
    let last: Frame.Frame | undefined
    const whole = withScreen(size, onReply, (screen, history) => {
      const first = screen.frame()
      let before = first
      for (const step of steps) {
        if (step instanceof Uint8Array) {
          printed += step.length
          screen.write(step)
        } else screen.resize(step)
        const frame = screen.frame()
        wellFormed(frame)
        follows(before, frame)
        historyWellFormed(history)
        before = frame
      }
      followsAsStock(first, before)
      last = before
    })
    law(answered <= ANSWERS + ANSWER * printed, "more answers than questions")
    const parts = withScreen(size, onReply, (screen) => {
      for (const step of steps) {
        if (!(step instanceof Uint8Array)) screen.resize(step)
        else for (let at = 0; at < step.length; at += PART) screen.write(step.subarray(at, at + PART))
      }
      law(last !== undefined && Frame.equals(screen.frame(), last), "another screen when printed in small parts")
    })
    law(historiesEqual(whole, parts), "another history when printed in small parts")
  }
}
