/**
 * What a terminal sends: its answers to the client's question, a report of them, and keys of newer protocols. An input is a byte
 * that selects the reader, then what it reads.
 */
import * as TerminalProbe from "../../../src/domain/client/terminal/TerminalProbe.ts"
import * as KeyEncoding from "../../../src/domain/keyboard/KeyEncoding.ts"
import * as TerminalReport from "../../../src/domain/terminal/TerminalReport.ts"
import * as TerminalReportMessage from "../../../src/domain/wire/streams/TerminalReportMessage.ts"
import { reader } from "../reader.ts"
import { bytesEqual, law, type Target, texts } from "../target.ts"

const ANSWERS =
  "\x1b[?2026;2$y\x1b[?2031;2$y\x1b[?0u\x1bP>|kitty(0.26.5)\x1b\\\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\" +
  "\x1b]4;1;rgb:cdcd/0000/0000\x07\x1b[?997;1n\x1b[6;20;9t"

const probe = (input: Uint8Array): void => {
  const run = (size: number) => {
    let [state] = TerminalProbe.machine.step(TerminalProbe.initial, { _tag: "Ask" }, 0)
    const typed: Array<Uint8Array> = []
    const step = (next: TerminalProbe.Input, now: number) => {
      const [after, outputs] = TerminalProbe.machine.step(state, next, now)
      state = after
      law(state.held.length < 300, "too much is held")
      for (const output of outputs) if (output._tag === "Typed") typed.push(output.bytes)
    }
    for (let at = 0; at < input.length; at += size) {
      step({ _tag: "Received", bytes: input.subarray(at, at + size) }, 0)
    }
    step({ _tag: "Tick" }, TerminalProbe.PATIENCE)
    return { typed: Buffer.concat(typed), report: state.report, watches: state.watches }
  }
  const whole = run(Infinity)
  const pieces = run(3)
  // A report of changed colours is not recognised if it is split after its escape, which is a key.
  if (!whole.watches) {
    law(bytesEqual(whole.typed, pieces.typed), "other keys in pieces")
    law(TerminalReport.equals(whole.report, pieces.report), "other answers in pieces")
  }
  law(whole.typed.length <= input.length, "more typed than sent")
  for (const [number, color] of whole.report.colors) {
    law(TerminalReport.isColor(number) && color >= 0 && color <= 0xffffff, "an unknown colour")
  }
  // What a client sends, a server reads.
  const sent = TerminalReportMessage.decode(TerminalReportMessage.encode({ number: 1, report: whole.report }))
  law(sent !== undefined, "a report that is refused")
  const isWhole = whole.report.colors.size <= TerminalReportMessage.MAX_COLORS
  if (isWhole) law(TerminalReport.equals(sent.report, whole.report), "another report at the server")
}

const message = (header: Uint8Array): void => {
  const decoded = TerminalReportMessage.decode(header)
  if (decoded === undefined) return
  const again = TerminalReportMessage.decode(TerminalReportMessage.encode(decoded))
  law(again?.number === decoded.number, "another number")
  law(TerminalReport.equals(again.report, decoded.report), "another report")
}

const key = (input: Uint8Array): void => {
  const sequence = Buffer.from(input).toString("latin1")
  const legacy = KeyEncoding.legacy(sequence)
  law(legacy === undefined || legacy.length <= sequence.length, "a key that grew")
}

const READERS = [probe, message, key]

export const terminal: Target = {
  what: "answers and keys of a terminal",
  seeds: () => [
    Buffer.from(`\0${ANSWERS}\x1b[?62c`, "latin1"),
    Buffer.concat([
      Uint8Array.of(1),
      TerminalReportMessage.encode({
        number: 1,
        report: { ...TerminalReport.UNKNOWN, name: "XTerm(379)", colors: new Map([[267, 0x1e1e2e]]) }
      })
    ]),
    ...texts("\x02\x1b[97:65;2:1;97u", "\x02\x1b[27;5;99~", "\x02\x1b[1;1:3A")
  ],
  tokens: texts(
    "\x1b",
    "\x1b[",
    "?",
    "\x1b]4;",
    "\x1bP>|",
    "\x1b\\",
    "\x07",
    "rgb:",
    "/",
    ";",
    "997;1n",
    "c",
    "u",
    "255",
    ":"
  ),
  maxLength: 2048,
  budget: 300,
  quick: 3000,
  run: (input) => {
    const { byte, rest } = reader(input)
    const read = READERS[byte() % READERS.length]
    read?.(rest())
  }
}
