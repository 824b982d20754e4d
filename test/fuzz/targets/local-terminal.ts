/**
 * What a hostile program or server can make the client write to the user's terminal: sequences of known forms only.
 *
 * An input is a size and steps: a host string, and texts that take the place of what a frame holds beside its cells. The frames
 * are drawn in every way in which a client draws: on a screen of its own, above a history, as plain text, with the bar; the texts
 * are also those of the server's reports, which are printed as messages.
 */
import * as ExitMessage from "../../../src/domain/client/ExitMessage.ts"
import * as NotificationBar from "../../../src/domain/client/NotificationBar.ts"
import * as OtherClients from "../../../src/domain/client/OtherClients.ts"
import * as PlainTextRenderer from "../../../src/domain/client/PlainTextRenderer.ts"
import * as LocalModes from "../../../src/domain/client/terminal/LocalModes.ts"
import * as TerminalSetup from "../../../src/domain/client/terminal/TerminalSetup.ts"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as NativeScrollback from "../../../src/domain/display/scrollback/NativeScrollback.ts"
import type * as DesktopNotification from "../../../src/domain/events/DesktopNotification.ts"
import * as Cell from "../../../src/domain/terminal/Cell.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import { LINKED } from "../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import * as TerminalReport from "../../../src/domain/terminal/TerminalReport.ts"
import { forbidden, forbiddenInLines } from "../../support/terminal-grammar.ts"
import { piece, reader } from "../reader.ts"
import { law, type Target, texts } from "../target.ts"
import * as ScreenTokens from "./screen-tokens.ts"

const STEPS = 4
const TERMS = ["xterm-256color", "xterm-kitty", "tmux-256color", "foot", "vte-256color", "screen", "linux", "vt100"]
const FORMS: ReadonlyArray<DesktopNotification.Form> = [9, 99, 777]

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** A frame with texts that no reader of frames has checked, as a defect elsewhere could leave them. */
const unchecked = (frame: Frame.Frame, text: string, number: number, form: DesktopNotification.Form): Frame.Frame => {
  const count = frame.notifications.count + 1
  const link = { params: text.slice(0, 100), uri: text }
  return {
    ...frame,
    rows: frame.rows.map((row, y) => (y === number % frame.rows.length ? linked(row, link) : row)),
    pen: { ...frame.pen, link },
    title: text,
    iconTitle: text.slice(number),
    clipboard: new Map([
      ["c", text],
      [text.slice(0, 1), "QQ=="]
    ]),
    copies: new Map([["c", number + 1]]),
    notifications: {
      count,
      kept: [{ form, title: text.slice(0, number), body: text.slice(number), urgency: number % 3 }]
    },
    marks: {
      count: frame.marks.count + 1,
      kept: [{ line: number % 3, column: number % 5, osc: text.slice(0, 32) }]
    },
    properties: {
      directory: text,
      progress: { state: number, percent: 10 * number },
      pointer: text,
      variables: new Map([
        [text, text],
        ["a", text]
      ]),
      colors: new Map([
        [number, text],
        [256 + 11, text]
      ])
    }
  }
}

/** The row with a link, and a cluster, that were not checked either. */
const linked = (row: Row.Row, link: { readonly params: string; readonly uri: string }): Row.Row => {
  const words = row.words.slice()
  for (let at = Cell.UNDERLINE; at < words.length; at += Cell.WORDS) words[at] = (words[at] ?? 0) | LINKED
  const columns = Row.columns(row)
  // Only where the cell is not half of a wide character.
  if (columns > 1 && words[Cell.WORDS] !== Cell.RIGHT_HALF) words[Cell.GLYPH] = Cell.glyph(0x41, 1) | Cell.CLUSTER
  return {
    ...row,
    words,
    clusters: new Map([...(row.clusters ?? []), [0, link.uri]]),
    links: new Map(Array.from({ length: columns }, (_, column) => [column, link] as const))
  }
}

const sends = (written: string, what: string): void => {
  const found = forbidden(written)
  law(found === undefined, `${what}: ${found}`)
}

const onScreen = (before: Frame.Frame, after: Frame.Frame, text: string): void => {
  const withBar = NotificationBar.draw(after, text)
  for (const term of TERMS) {
    const capabilities = Capabilities.fromTerm({ term })
    const modes = LocalModes.initial(true)
    const drawn = LocalModes.drawn(
      { ...modes, report: { ...TerminalReport.UNKNOWN, synchronizedOutput: true } },
      FrameDiff.diff(before, after, capabilities)
    )
    sends(drawn, `a picture on ${term}`)
    sends(FrameDiff.diff(after, withBar, capabilities), `the bar on ${term}`)
    sends(FrameDiff.repaint(withBar, capabilities), `everything on ${term}`)
    const end = TerminalSetup.neutral(withBar)
    sends(FrameDiff.diff(withBar, end, capabilities) + TerminalSetup.below(end), `the end on ${term}`)
  }
  const report = { ...TerminalReport.UNKNOWN, kittyKeyboard: true }
  const [, keys] = LocalModes.follow({ ...LocalModes.initial(true), report }, after.modes.keyboard)
  sends(keys, "modes of the keyboard")
}

/** Above a history, in which the rows of earlier frames arrive. */
const aboveHistory = (frames: ReadonlyArray<Frame.Frame>, size: Frame.Size, isAlternate: boolean): void => {
  const capabilities = Capabilities.fromTerm({ term: "xterm-256color" })
  let state = NativeScrollback.initial({ capabilities, reflows: isAlternate, quiet: 100, size })
  let now = 0
  const take = (input: NativeScrollback.Input): void => {
    const [next, outputs] = NativeScrollback.machine.step(state, input, (now += 50))
    state = next
    for (const output of outputs) {
      const asks = output._tag === "AskCursor" && output.text.endsWith("\x1b[6n")
      sends(asks ? output.text.slice(0, -"\x1b[6n".length) : output.text, "above a history")
      if (asks) take({ _tag: "CursorAt", row: 3, column: 1 })
    }
  }
  take({ _tag: "Opened" })
  let top = 0
  for (const frame of frames) {
    const alternate = isAlternate && top > 0
    take({ _tag: "Show", picture: { frame, screen: frame, position: { top, first: 0, alternate } } })
    take({
      _tag: "History",
      entries: [
        ...frame.rows.slice(0, 2).map((row, i) => ({ _tag: "Row" as const, number: top + i, row })),
        { _tag: "Missing", number: top + 2, count: 7 }
      ]
    })
    top += 9
    take({ _tag: "Tick" })
  }
  take({ _tag: "Repaint" })
  take({ _tag: "Resized", size: { columns: size.columns + 3, rows: Math.max(2, size.rows - 1) } })
  for (let i = 0; i < 40; i++) take({ _tag: "Tick" })
  sends(NativeScrollback.close(state, true).text, "at the end, above a history")
}

const asText = (frames: ReadonlyArray<Frame.Frame>): void => {
  let state = PlainTextRenderer.initial
  for (const frame of frames) {
    const [next, text] = PlainTextRenderer.step(state, frame)
    state = next
    const found = forbiddenInLines(text)
    law(found === undefined, `plain text: ${found}`)
  }
}

const messages = (text: string): void => {
  const ending = { why: "TakenOver", status: 0, from: text, session: text } as const
  const lines = [
    ...ExitMessage.lines({
      host: "192.0.2.1",
      port: 60001,
      how: "PeerShutdown",
      silentFor: 0,
      unsent: undefined,
      refused: false,
      reported: ending,
      signal: undefined,
      typing: false,
      undelivered: false,
      detaching: false
    }),
    OtherClients.change([], [{ from: text, isOwn: false, isViewer: false, leads: true }]) ?? ""
  ]
  const found = forbiddenInLines(lines.join("\n"))
  law(found === undefined, `a message: ${found}`)
}

const HOSTILE = texts(
  "\x1b]0;x\x07",
  "a\x07\x1b[c",
  "?",
  "rgb:1/2/3",
  "file://h/\x9c",
  "4;1;50",
  "9;/etc",
  "133;D;1",
  "133;A\x07",
  "1337;SetMark",
  "QUJD",
  "é\u009b6n",
  "\ud83d",
  "id=1;http://x/"
)

export const localTerminal: Target = {
  what: "what is written to the user's terminal",
  seeds: () => [
    ...ScreenTokens.hostStrings().map((text, i) =>
      Buffer.concat([
        Uint8Array.of(20 + (i % 60), 6 + (i % 20)),
        piece(text.subarray(0, 800)),
        Uint8Array.of(2 * i + 1),
        piece(Uint8Array.from(HOSTILE[i % HOSTILE.length] ?? [])),
        piece(text.subarray(800, 1400))
      ])
    ),
    ...HOSTILE.flatMap((text) =>
      [1, 3, 5, 9, 17].map((choice) =>
        Buffer.concat([Uint8Array.of(9, 4), piece(text), Uint8Array.of(choice), piece(text)])
      )
    )
  ],
  tokens: [...ScreenTokens.tokens, ...HOSTILE],
  maxLength: 2048,
  budget: 1000,
  quick: 300,
  run: (input) => {
    const { below, byte, done, piece } = reader(input)
    const size = { columns: 1 + below(30), rows: 1 + below(8) }
    const frames: Array<Frame.Frame> = []
    let frame = Frame.blank(size)
    let shown = frame
    for (let step = 0; step < STEPS && !done(); step++) {
      frame = FramePatch.patch(frame, decoder.decode(piece()))
      const choice = byte()
      const text = decoder.decode(piece())
      const next = choice % 2 === 0 ? frame : unchecked(frame, text, (choice >> 3) % 4, FORMS[(choice >> 1) % 3] ?? 9)
      onScreen(shown, next, text)
      messages(text)
      frames.push(next)
      shown = next
    }
    aboveHistory(frames, size, input.length % 2 === 0)
    asText(frames)
  }
}
