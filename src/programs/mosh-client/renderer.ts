/**
 * The two ways in which `mosh-client` shows a session: as a picture that fills a screen, or as plain text.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as EventPreference from "../../domain/client/EventPreference.ts"
import * as InputEnd from "../../domain/client/InputEnd.ts"
import * as TerminalSetup from "../../domain/client/terminal/TerminalSetup.ts"
import * as PlainTextRenderer from "../../domain/client/PlainTextRenderer.ts"
import * as Capabilities from "../../domain/display/Capabilities.ts"
import * as TerminalHistory from "../../domain/environment/TerminalHistory.ts"
import type { AlternateScreen } from "../../domain/environment/Terminfo.ts"
import * as FrameFit from "../../domain/display/FrameFit.ts"
import * as ClusterLayout from "../../domain/terminal/ClusterLayout.ts"
import * as ClusterRules from "../../domain/terminal/ClusterRules.ts"
import type { Frame, Size } from "../../domain/terminal/Frame.ts"
import * as Actor from "../../services/runtime/Actor.ts"
import { FrameDiffer } from "../../services/client/FrameDiffer.ts"
import type { OpenTerminal } from "../../services/client/LocalTerminal.ts"
import type { ClientSession } from "../../services/client/MoshClient.ts"
import type { HistoryEvent } from "../../services/history/SessionHistory.ts"
import * as TerminfoDatabase from "../../services/node/terminal/TerminfoDatabase.ts"
import type { ImagePainter } from "./imagePainter.ts"
import { withScrollback } from "./scrollbackRenderer.ts"
import type { Settings } from "./settings.ts"

export interface Surface {
  /** What to write when the terminal is opened, and again after a suspension. */
  readonly opening: () => string
  /** The text to write after the last picture, before the terminal is restored: at the end (`isLast`), or for a suspension. */
  readonly closing: (last: Frame, isLast: boolean) => string
  /** The terminal is open; pictures may be shown before. `shows`: whether to show the current picture. Default: yes. */
  readonly start: (terminal: OpenTerminal, session: ClientSession, shows?: boolean) => void
  /** Takes what the terminal itself answers from typed bytes. */
  readonly keys: (bytes: Uint8Array) => Uint8Array
  /** The terminal has another size. */
  readonly resized: (size: Size) => void
  /** Whether the first screen was written. */
  readonly isDrawn: () => boolean
  /** Whether rows that scroll off the server's screen are of use. */
  readonly keepsHistory: boolean
  /** Such rows arrived. The effect resumes when more may arrive. */
  readonly received: (entries: ReadonlyArray<HistoryEvent>) => Effect.Effect<void>
  readonly show: (frame: Frame) => void
  /** The terminal draws these sequences of characters as one cell: what is shown from now on is laid out accordingly. */
  readonly fit: (rules: ClusterRules.ClusterRules) => void
  /** The server may have acknowledged more. */
  readonly progressed: () => void
  /** The terminal is no longer busy. */
  readonly drained: () => void
  /** Redraws everything, because it is unknown what the terminal shows. */
  readonly repaint: () => void
  /** The process continues after it was stopped: other programs have used the terminal. */
  readonly resumed: () => void
  /** The user changed the notification: print it, if the picture does not contain it. */
  readonly note: () => void
  /** Input has ended. */
  readonly endInput: () => void
}

/**
 * A picture that fills the terminal's screen, or, if `scrollback` is wanted, possible and kept by the server, the terminal's
 * primary screen with its history.
 */
export const picture = Effect.fnUntraced(function* (
  environment: Readonly<Record<string, string | undefined>>,
  settings: Pick<Settings, "events" | "initTerminal" | "scrollback" | "term">,
  size: () => Size,
  images: ImagePainter
): Effect.fn.Return<Surface, never, Scope.Scope> {
  const { events, initTerminal, scrollback, term } = settings
  const known = TerminfoDatabase.alternateScreen(environment)
  const alternateScreen = initTerminal ? known : undefined
  const facts = { term, termProgram: environment["TERM_PROGRAM"], colors: TerminfoDatabase.colors(environment) }
  const capabilities = EventPreference.restrict(Capabilities.fromTerm(facts), events)
  const alternate = yield* wholeScreen(capabilities, alternateScreen, size, images)
  if (scrollback === "off" || known === undefined || !TerminalHistory.isKept(environment)) return alternate
  const reflows = TerminalHistory.isReflowed(environment)
  const keeps = TerminalHistory.keptErasures(environment)
  const quiet = TerminalHistory.resizeQuiet(environment)
  return yield* withScrollback({ capabilities, reflows, keeps, quiet, size, alternateScreen, alternate, images })
})

/** A picture that fills the terminal's screen. While the terminal is busy only the newest is kept. */
const wholeScreen = (
  capabilities: Capabilities.Capabilities,
  screen: AlternateScreen | undefined,
  size: () => Size,
  images: ImagePainter
): Effect.Effect<Surface> =>
  Effect.gen(function* () {
    const { make } = yield* FrameDiffer
    const differ = make(capabilities)
    let fitting = ClusterLayout.fitting(ClusterRules.NONE)
    let terminal: OpenTerminal | undefined
    let session: ClientSession | undefined

    const fitted = (frame: Frame): Frame => ClusterLayout.fit(fitting, images.hide(FrameFit.crop(frame, size())))
    const draw = (frame: Frame): void => {
      if (terminal === undefined || terminal.busy()) return
      const shown = fitted(frame)
      terminal.write(images.over(differ.next(shown), shown))
    }
    const drawNewest = (): void => {
      if (session !== undefined) draw(session.picture())
    }
    const repaint = (): void => {
      images.invalidate()
      differ.invalidate()
      drawNewest()
    }
    return {
      opening: () => TerminalSetup.opening(screen),
      closing: (last) =>
        differ.next(TerminalSetup.neutral(fitted(last))) +
        TerminalSetup.closing(screen) +
        (screen === undefined ? TerminalSetup.below(last) : ""),
      start: (opened, connected, shows = true) => {
        terminal = opened
        session = connected
        images.onChange = drawNewest
        if (shows) drawNewest()
      },
      keys: (bytes) => bytes,
      resized: () => undefined,
      isDrawn: () => true,
      keepsHistory: false,
      received: () => Effect.void,
      show: draw,
      fit: (rules) => {
        fitting = ClusterLayout.fitting(rules)
      },
      progressed: () => undefined,
      drained: drawNewest,
      repaint,
      resumed: repaint,
      note: () => undefined,
      endInput: () => undefined
    }
  })

/** Prints plain text, for outputs that cannot show pictures, and passes the end of piped input on. */
export const transcript: Effect.Effect<Surface, never, Scope.Scope> = Effect.gen(function* () {
  let terminal: OpenTerminal | undefined
  let session: ClientSession | undefined
  let printed = PlainTextRenderer.initial
  const inputEnd = yield* Actor.spawn<InputEnd.InputEnd, InputEnd.Input, InputEnd.Output>({
    machine: InputEnd.machine,
    initial: InputEnd.initial,
    tick: { _tag: "Tick" },
    perform: () => session?.typeUnsafe(InputEnd.END)
  })

  const print = (frame: Frame): void => {
    if (terminal === undefined || terminal.busy()) return
    const [next, text] = PlainTextRenderer.step(printed, frame)
    printed = next
    terminal.write(text)
  }
  const printNewest = (): void => {
    if (session !== undefined) print(session.picture())
  }
  return {
    opening: () => "",
    closing: (last) => {
      const [next, text] = PlainTextRenderer.step(printed, last)
      printed = next
      return text + PlainTextRenderer.end(next)
    },
    start: (opened, connected) => {
      terminal = opened
      session = connected
      printNewest()
    },
    keys: (bytes) => bytes,
    resized: () => undefined,
    isDrawn: () => true,
    keepsHistory: false,
    received: () => Effect.void,
    show: (frame) => {
      inputEnd.offer({ _tag: "ScreenChanged" })
      print(frame)
    },
    fit: () => undefined,
    progressed: () => {
      if (session !== undefined) inputEnd.offer({ _tag: "Delivered", all: session.held() === 0 })
    },
    drained: printNewest,
    repaint: () => undefined,
    resumed: () => undefined,
    note: () => {
      const text = session?.notification()
      // On a separate line; then the interrupted line again.
      if (text !== undefined) terminal?.write(`\n${text}\n${printed.open}`)
    },
    endInput: () => {
      if (session !== undefined) inputEnd.offer({ _tag: "Delivered", all: session.held() === 0 })
      inputEnd.offer({ _tag: "Ended" })
    }
  }
})
