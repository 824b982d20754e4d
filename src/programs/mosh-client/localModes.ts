/**
 * Asks the user's terminal about itself, and keeps it in the modes that programs request.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import * as LocalModes from "../../domain/client/terminal/LocalModes.ts"
import * as TerminalProbe from "../../domain/client/terminal/TerminalProbe.ts"
import * as ClusterRules from "../../domain/terminal/ClusterRules.ts"
import type { Frame, Size } from "../../domain/terminal/Frame.ts"
import type { TerminalReport } from "../../domain/terminal/TerminalReport.ts"
import type { OpenTerminal } from "../../services/client/LocalTerminal.ts"
import type { ClientSession } from "../../services/client/MoshClient.ts"
import * as Actor from "../../services/runtime/Actor.ts"
import type { ImagePainter } from "./imagePainter.ts"
import type { Surface } from "./renderer.ts"

export interface ModesOptions {
  /** Whether the terminal is asked: it is a screen that ignores queries which it does not know. */
  readonly isAsked: boolean
  /** The size of the terminal, if it is also asked for images. */
  readonly size?: (() => Size) | undefined
  /** Whether the first screen was written to the terminal. */
  readonly isDrawn: () => boolean
  /** The terminal sent bytes that are no answers. */
  readonly onTyped: (bytes: Uint8Array) => void
  /** The terminal has answered, or will not. */
  readonly onReport: (report: TerminalReport) => void
}

export interface TerminalModes {
  /** The terminal sent bytes. */
  readonly received: (bytes: Uint8Array) => void
  /**
   * The server has answered: asks the terminal, once, after the first screen. A process that has just started needs some
   * milliseconds to read the answers, which would arrive together with the answer that the first screen waits for.
   */
  readonly ask: () => void
  /** The terminal for what draws on it, which has drawn nothing yet: how it draws clusters is measured first. */
  readonly of: (terminal: OpenTerminal) => OpenTerminal
  /** Sets the modes that a picture requires. */
  readonly follow: (picture: Frame) => void
  /** The terminal was opened again. */
  readonly resumed: () => void
  /** The text that restores the terminal, before `closing`. */
  readonly closing: (closing: () => string) => string
  /** Resumes when no answer is on its way, or soon: answers that arrive later would be typed into the next program. */
  readonly settled: Effect.Effect<void>
}

/** The terminal has answered: reports it to the server, and lays out the picture for it. */
export const apply = (
  report: TerminalReport,
  session: ClientSession | undefined,
  surface: Surface,
  images: Pick<ImagePainter, "report">
): void => {
  images.report(report, session)
  surface.fit(report.clusters)
  if (report.clusters !== ClusterRules.NONE && session !== undefined) surface.show(session.picture())
}

/** How long after the question the client exits without the terminal's answers, ms. */
const LAST_ANSWERS = 300

export const make = Effect.fnUntraced(function* (
  options: ModesOptions
): Effect.fn.Return<TerminalModes, never, Scope.Scope> {
  /** Open while no answers are expected. */
  const settled = yield* Latch.make(true)
  let terminal: OpenTerminal | undefined
  let modes = LocalModes.initial(options.isAsked)
  let picture: Frame | undefined
  let isDue = false
  let isAsked = false
  let askedAt: number | undefined

  const follow = (): void => {
    if (picture === undefined || terminal === undefined || terminal.busy()) return
    const [next, text] = LocalModes.follow(modes, picture.modes.keyboard)
    modes = next
    terminal.write(text)
  }

  const probe = yield* Actor.spawn<TerminalProbe.State, TerminalProbe.Input, TerminalProbe.Output>({
    machine: TerminalProbe.machine,
    initial: TerminalProbe.initial,
    tick: { _tag: "Tick" },
    perform: (output, { report }) => {
      switch (output._tag) {
        case "Write":
          return terminal?.write(output.text)
        case "Typed":
          return options.onTyped(output.bytes)
        case "Answered":
          modes = { ...modes, report }
          options.onReport(report)
          return follow()
        case "Settled":
          settled.openUnsafe()
      }
    }
  })

  const put = (question: TerminalProbe.Input): void => {
    askedAt = performance.now()
    settled.closeUnsafe()
    probe.offer(question)
  }

  const askIfDue = (): void => {
    if (!isDue || isAsked || !options.isDrawn()) return
    isAsked = true
    put({ _tag: "Ask", screen: options.size?.() })
  }

  return {
    received: (bytes) => (askedAt !== undefined ? probe.offer({ _tag: "Received", bytes }) : options.onTyped(bytes)),
    ask: () => {
      isDue = options.isAsked && terminal !== undefined
      askIfDue()
    },
    of: (opened) => {
      terminal = opened
      if (options.isAsked) put({ _tag: "Measure" })
      const write = (text: string): void => {
        opened.write(LocalModes.drawn(modes, text))
        askIfDue()
      }
      return { ...opened, write }
    },
    follow: (shown) => {
      picture = shown
      follow()
    },
    resumed: () => {
      if (probe.state().watches) terminal?.write(TerminalProbe.WATCH_COLORS)
      if (probe.state().report.clusterMode === "reset") terminal?.write(TerminalProbe.SET_CLUSTERS)
      follow()
    },
    closing: (closing) => {
      const [next, text] = LocalModes.close(modes)
      modes = next
      const { report, watches } = probe.state()
      const clusters = report.clusterMode === "reset" ? TerminalProbe.RESET_CLUSTERS : ""
      return (watches ? TerminalProbe.IGNORE_COLORS : "") + text + closing() + clusters
    },
    settled: Effect.suspend(() => {
      if (askedAt === undefined) return Effect.void
      const duration = askedAt + LAST_ANSWERS - performance.now()
      return Effect.timeoutOrElse(settled.await, { duration, orElse: () => Effect.void })
    })
  }
})
