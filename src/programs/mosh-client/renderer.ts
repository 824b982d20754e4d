/**
 * The two ways in which `mosh-client` shows a session: as a picture that fills a screen, or as plain text.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as InputEnd from "../../domain/client/InputEnd.ts"
import * as TerminalSetup from "../../domain/client/TerminalSetup.ts"
import * as PlainTextRenderer from "../../domain/client/PlainTextRenderer.ts"
import * as Capabilities from "../../domain/display/Capabilities.ts"
import * as FramePatch from "../../domain/display/FramePatch.ts"
import type { Frame, Size } from "../../domain/terminal/Frame.ts"
import * as Actor from "../../services/runtime/Actor.ts"
import { FrameDiffer } from "../../services/client/FrameDiffer.ts"
import type { OpenTerminal } from "../../services/client/LocalTerminal.ts"
import type { ClientSession } from "../../services/client/MoshClient.ts"
import * as TerminfoDatabase from "../../services/node/terminal/TerminfoDatabase.ts"
import type { Settings } from "./settings.ts"

export interface Surface {
  readonly opening: string
  /** The text to write after the last picture, before the terminal is restored. */
  readonly closing: (last: Frame) => string
  /** The terminal is open; pictures may be shown before. */
  readonly start: (terminal: OpenTerminal, session: ClientSession) => void
  readonly show: (frame: Frame) => void
  /** The server may have acknowledged more. */
  readonly progressed: () => void
  /** The terminal is no longer busy. */
  readonly drained: () => void
  /** Redraws everything, because it is unknown what the terminal shows. */
  readonly repaint: () => void
  /** The user changed the notification: print it, if the picture does not contain it. */
  readonly note: () => void
  /** Input has ended. */
  readonly endInput: () => void
}

/** Maximum number of cells of a picture that is drawn whole, even if the terminal is smaller at the moment. */
const OVERSIZE = 65_536

/** The part of a picture that fits the terminal: drawing a million cells on a small one takes a second. */
const within = (frame: Frame, { columns, rows }: Size): Frame =>
  frame.size.columns * frame.size.rows <= OVERSIZE
    ? frame
    : FramePatch.resize(frame, {
        columns: Math.min(columns, frame.size.columns),
        rows: Math.min(rows, frame.size.rows)
      })

/** Shows pictures that fill the terminal's screen. While the terminal is busy, only the newest is kept. */
export const picture = (
  environment: Readonly<Record<string, string | undefined>>,
  settings: Pick<Settings, "initTerminal" | "term">,
  size: () => Size
): Effect.Effect<Surface> =>
  Effect.gen(function* () {
    const { initTerminal, term } = settings
    const screen = initTerminal ? TerminfoDatabase.alternateScreen(environment) : undefined
    const { make } = yield* FrameDiffer
    const differ = make(
      Capabilities.fromTerm({
        term,
        termProgram: environment["TERM_PROGRAM"],
        colors: TerminfoDatabase.colors(environment)
      })
    )
    let terminal: OpenTerminal | undefined
    let session: ClientSession | undefined

    const draw = (frame: Frame): void => {
      if (terminal !== undefined && !terminal.busy()) terminal.write(differ.next(within(frame, size())))
    }
    const drawNewest = (): void => {
      if (session !== undefined) draw(session.picture())
    }
    return {
      opening: TerminalSetup.opening(screen),
      closing: (last) =>
        differ.next(TerminalSetup.neutral(within(last, size()))) +
        TerminalSetup.closing(screen) +
        (screen === undefined ? TerminalSetup.below(last) : ""),
      start: (opened, connected) => {
        terminal = opened
        session = connected
        drawNewest()
      },
      show: draw,
      progressed: () => undefined,
      drained: drawNewest,
      repaint: () => {
        differ.invalidate()
        drawNewest()
      },
      note: () => undefined,
      endInput: () => undefined
    }
  })

/** Prints plain text, for outputs that cannot show pictures, and passes the end of piped input on. */
export const transcript: Effect.Effect<Surface, never, Scope.Scope> = Effect.gen(function* () {
  let terminal: OpenTerminal | undefined
  let session: ClientSession | undefined
  let told = PlainTextRenderer.initial
  const inputEnd = yield* Actor.spawn<InputEnd.InputEnd, InputEnd.Input, InputEnd.Output>({
    machine: InputEnd.machine,
    initial: InputEnd.initial,
    tick: { _tag: "Tick" },
    perform: () => session?.typeUnsafe(InputEnd.END)
  })

  const tell = (frame: Frame): void => {
    if (terminal === undefined || terminal.busy()) return
    const [next, text] = PlainTextRenderer.step(told, frame)
    told = next
    terminal.write(text)
  }
  const tellNewest = (): void => {
    if (session !== undefined) tell(session.picture())
  }
  return {
    opening: "",
    closing: (last) => {
      const [next, text] = PlainTextRenderer.step(told, last)
      told = next
      return text + PlainTextRenderer.end(next)
    },
    start: (opened, connected) => {
      terminal = opened
      session = connected
      tellNewest()
    },
    show: (frame) => {
      inputEnd.offer({ _tag: "ScreenChanged" })
      tell(frame)
    },
    progressed: () => {
      if (session !== undefined) inputEnd.offer({ _tag: "Delivered", all: session.held() === 0 })
    },
    drained: tellNewest,
    repaint: () => undefined,
    note: () => {
      const text = session?.notification()
      // On a separate line; then the interrupted line again.
      if (text !== undefined) terminal?.write(`\n${text}\n${told.open}`)
    },
    endInput: () => {
      if (session !== undefined) inputEnd.offer({ _tag: "Delivered", all: session.held() === 0 })
      inputEnd.offer({ _tag: "Ended" })
    }
  }
})
