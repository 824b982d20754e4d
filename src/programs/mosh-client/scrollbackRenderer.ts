/**
 * Shows a session on the terminal's primary screen, where the server keeps a history, and as `picture` otherwise
 * (`ScreenChoice`).
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import * as CursorReports from "../../domain/client/terminal/CursorReports.ts"
import * as ScreenChoice from "../../domain/client/terminal/ScreenChoice.ts"
import * as TerminalSetup from "../../domain/client/terminal/TerminalSetup.ts"
import type { Capabilities } from "../../domain/display/Capabilities.ts"
import type { HistoryEntry } from "../../domain/display/scrollback/OwedRows.ts"
import * as NativeScrollback from "../../domain/display/scrollback/NativeScrollback.ts"
import type { AlternateScreen } from "../../domain/environment/Terminfo.ts"
import type { KeptErasures } from "../../domain/history/Erasure.ts"
import type { Millis } from "../../domain/Machine.ts"
import { Features } from "../../domain/ssp/SyncObject.ts"
import * as ClusterLayout from "../../domain/terminal/ClusterLayout.ts"
import * as ClusterRules from "../../domain/terminal/ClusterRules.ts"
import * as Frame from "../../domain/terminal/Frame.ts"
import type { OpenTerminal } from "../../services/client/LocalTerminal.ts"
import type { ClientSession } from "../../services/client/MoshClient.ts"
import * as Actor from "../../services/runtime/Actor.ts"
import type { ImagePainter } from "./imagePainter.ts"
import type { Surface } from "./renderer.ts"

export interface ScrollbackOptions {
  readonly capabilities: Capabilities
  readonly reflows: boolean
  /** The rows erased by programs that the terminal keeps. */
  readonly keeps: KeptErasures
  /** How long the size must stay the same before the terminal is drawn again, ms. */
  readonly quiet: Millis
  readonly size: () => Frame.Size
  /** The terminal's alternate screen, unless it should not be switched to, and how the session is shown on it. */
  readonly alternateScreen: AlternateScreen | undefined
  readonly alternate: Surface
  readonly images: ImagePainter
}

export const withScrollback = Effect.fnUntraced(function* ({
  alternate,
  alternateScreen,
  capabilities,
  images,
  keeps,
  quiet,
  reflows,
  size
}: ScrollbackOptions): Effect.fn.Return<Surface, never, Scope.Scope> {
  const now = yield* Actor.millis
  const room = yield* Latch.make(true)
  let choice = ScreenChoice.initial
  let fitting = ClusterLayout.fitting(ClusterRules.NONE)
  let reports = CursorReports.initial
  /** Whether the first picture is drawn on the primary screen. */
  let isDrawn = false
  let terminal: OpenTerminal | undefined
  let session: ClientSession | undefined
  const actor: Actor.Actor<NativeScrollback.NativeScrollback, NativeScrollback.Input> = yield* Actor.spawn({
    machine: NativeScrollback.machine,
    initial: NativeScrollback.initial({ capabilities, reflows, keeps, quiet, size: size() }),
    tick: { _tag: "Tick" },
    perform: ({ _tag, text }: NativeScrollback.Output, state: NativeScrollback.NativeScrollback) => {
      if (_tag === "AskCursor") reports = CursorReports.asked(reports, now())
      isDrawn ||= _tag === "Write"
      terminal?.write(_tag === "Write" ? images.over(text, state.shown) : text)
      if (NativeScrollback.hasRoom(state)) room.openUnsafe()
      if (terminal?.busy() === true) actor.offer({ _tag: "Busy" })
    }
  })

  const fittedEntry = (entry: HistoryEntry): HistoryEntry =>
    entry._tag === "Row" ? { ...entry, row: ClusterLayout.fitRow(fitting, entry.row) } : entry

  const offerPicture = (frame: Frame.Frame): void => {
    const position = session?.position()
    if (session === undefined || position === undefined) return
    const fitted = (shown: Frame.Frame): Frame.Frame => ClusterLayout.fit(fitting, images.hide(shown))
    actor.offer({ _tag: "Show", picture: { frame: fitted(frame), screen: fitted(session.screen()), position } })
  }

  /** Erases what was drawn while the client waited. */
  const erasing = alternateScreen === undefined ? CLEAR : ""
  const isPrimary = (): boolean => choice.shown === "Primary"
  const isShown = (): boolean => choice.shown !== "Nothing"

  /** Passes an input on to the choice, and opens the screen that it leads to. */
  const choose = (input: ScreenChoice.Input): void => {
    if (terminal === undefined) return
    const before = choice.shown
    choice = ScreenChoice.step(choice, input)
    if (choice.shown === before) return
    switch (choice.shown) {
      case "Waiting":
        return terminal.write(alternate.opening())
      case "Alternate":
        if (before === "Waiting") return
        terminal.write(alternate.opening())
        // A first picture is drawn without its bells and clipboards: those of the session are in the second.
        return alternate.show(Frame.blank(size()))
      case "Primary":
        terminal.write(
          (before === "Waiting" ? TerminalSetup.closing(alternateScreen) + erasing : "") +
            TerminalSetup.opening(undefined)
        )
        actor.offer({ _tag: "Resized", size: size() })
        actor.offer({ _tag: "Opened" })
    }
  }

  const observe = (): void => {
    if (session === undefined || ScreenChoice.isFinal(choice)) return
    const { lastHeard, peerFeatures } = session.status()
    const keepsHistory = (peerFeatures & Features.history) !== 0
    const hasPosition = session.position() !== undefined
    if (lastHeard > -Infinity) choose({ _tag: "Answered", keepsHistory, hasPosition })
  }

  const show = (frame: Frame.Frame): void => {
    observe()
    if (isPrimary()) return offerPicture(frame)
    if (!isShown()) choose({ _tag: "Picture", isBlank: isBlank(frame) })
    if (isShown()) alternate.show(frame)
  }

  const showNewest = (): void => {
    if (session !== undefined) show(session.picture())
  }

  const late = Effect.sync(() => {
    choice = ScreenChoice.step(choice, { _tag: "Late" })
    if (!isShown()) showNewest()
  })
  yield* Effect.forkScoped(Effect.andThen(Effect.sleep(ScreenChoice.PATIENCE), late))

  return {
    opening: () => {
      if (!isShown()) return ""
      return isPrimary() ? TerminalSetup.opening(undefined) : alternate.opening()
    },
    closing: (last, isLast) => {
      if (!isShown()) return ""
      if (!isPrimary()) return alternate.closing(last, isLast)
      const { text } = NativeScrollback.close(actor.state(), isLast)
      actor.offer({ _tag: "Closed" })
      return text + TerminalSetup.closing(undefined)
    },
    start: (opened, connected) => {
      terminal = opened
      session = connected
      alternate.start(opened, connected, false)
      const { onChange } = images
      images.onChange = () => {
        if (!isPrimary()) return onChange()
        const { phase, shown } = actor.state()
        const text = phase._tag === "Open" && !opened.busy() ? images.over("", shown) : ""
        if (text !== "") opened.write(text)
      }
      showNewest()
    },
    keys: (bytes) => {
      const separated = CursorReports.step(reports, bytes, now())
      reports = separated.state
      for (const report of separated.reports) actor.offer({ _tag: "CursorAt", ...report })
      return separated.typed
    },
    resized: (changed) => {
      if (isPrimary()) actor.offer({ _tag: "Resized", size: changed })
    },
    isDrawn: () => (isPrimary() ? isDrawn : isShown()),
    keepsHistory: true,
    received: (entries) => {
      actor.offer({ _tag: "History", entries: entries.map(fittedEntry) })
      if (NativeScrollback.hasRoom(actor.state())) return Effect.void
      room.closeUnsafe()
      return room.await
    },
    show,
    fit: (rules) => {
      fitting = ClusterLayout.fitting(rules)
      alternate.fit(rules)
    },
    progressed: () => {
      if (ScreenChoice.isFinal(choice)) return
      observe()
      if (ScreenChoice.isFinal(choice)) showNewest()
    },
    drained: () => {
      if (!isPrimary()) return alternate.drained()
      actor.offer({ _tag: "Drained" })
      // Images may have arrived meanwhile.
      images.onChange()
    },
    repaint: () => {
      images.invalidate()
      if (isPrimary()) actor.offer({ _tag: "Repaint" })
      else if (isShown()) alternate.repaint()
    },
    resumed: () => {
      images.invalidate()
      if (isPrimary()) actor.offer({ _tag: "Opened" })
      else if (isShown()) alternate.repaint()
    },
    note: () => undefined,
    endInput: () => undefined
  }
})

/**
 * Erases what was drawn while the client waited, if that was not on the alternate screen. tmux and GNU screen move what ED 0 erases
 * from the first cell into their history: so that begins in the second one.
 */
const CLEAR = "\x1b[H\x1b[K\x1b[C\x1b[J\x1b[H"

const isBlank = (frame: Frame.Frame): boolean => Frame.lines(frame).every((line) => line === "")
