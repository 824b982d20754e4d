/**
 * `LocalTerminal` on the standard input and output of this process.
 *
 * Raw mode is Node's. It differs from cfmakeraw in one relevant way: output processing stays enabled, so a line feed
 * also returns the carriage. Frames are drawn such that this has no effect (line feeds occur only in column 0). IUTF8
 * is not changed.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { LocalTerminal } from "effect-mosh"
 * import { NodeLocalTerminal } from "effect-mosh/node"
 *
 * export const size = Effect.map(LocalTerminal, (terminal) => terminal.size()).pipe(Effect.provide(NodeLocalTerminal.layer))
 * ```
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Tty from "node:tty"
import type { Size } from "../../../domain/terminal/Frame.ts"
import { LocalTerminal, type OpenTerminal, type TerminalHandlers } from "../../client/LocalTerminal.ts"
import * as TerminalOutput from "./TerminalOutput.ts"

const STDIN = 0
const STDOUT = 1

/** The terminal of this process. */
export const layer: Layer.Layer<LocalTerminal> = Layer.sync(LocalTerminal, () => {
  const keyboard = Tty.isatty(STDIN)
  const screen = Tty.isatty(STDOUT)
  const size = (): Size => (screen ? screenSize() : environmentSize())
  return LocalTerminal.of({
    keyboard,
    screen,
    size,
    open: (handlers) =>
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() => take(keyboard, screen, size, handlers)),
          ({ giveBack }) => Effect.sync(giveBack)
        ),
        ({ terminal }) => terminal
      )
  })
})

interface Taken {
  readonly terminal: OpenTerminal
  readonly giveBack: () => void
}

const take = (keyboard: boolean, screen: boolean, size: () => Size, handlers: TerminalHandlers): Taken => {
  const { stdin } = process
  const output = TerminalOutput.make(handlers.onDrain, handlers.onGone)
  let taken = true
  let paused = false

  const raw = (on: boolean): void => {
    if (!keyboard) return
    try {
      stdin.setRawMode(on)
    } catch {
      // The terminal no longer exists; reading from it reports that.
    }
  }
  const onKeys = (bytes: Buffer): void => handlers.onKeys(bytes)
  const onEnd = (): void => handlers.onKeysEnd()
  const onResize = (): void => handlers.onResize(size())
  const onContinue = (): void => {
    // The shell may have changed the terminal's modes while this process was stopped, and Node assumes that they are
    // unchanged.
    raw(false)
    raw(true)
    output.write(handlers.opening)
    // The kernel sends SIGWINCH to foreground processes only, and Node reads the size only then.
    process.emit("SIGWINCH", "SIGWINCH")
    handlers.onContinue()
  }
  const suspend = (farewell: string): void => {
    output.finish(handlers.closing() + farewell)
    raw(false)
    process.kill(0, "SIGSTOP")
  }
  const onStop = (): void => (handlers.onStop === undefined ? suspend("") : handlers.onStop())
  const giveBack = (): void => {
    if (!taken) return
    taken = false
    process.removeListener("exit", giveBack)
    process.removeListener("SIGCONT", onContinue)
    process.removeListener("SIGTSTP", onStop)
    if (screen) process.stdout.removeListener("resize", onResize)
    stdin.removeListener("data", onKeys)
    stdin.removeListener("end", onEnd)
    stdin.removeListener("error", onEnd)
    stdin.pause()
    output.finish(handlers.closing())
    output.close()
    raw(false)
  }

  // Restore the terminal however the process exits.
  process.on("exit", giveBack)
  process.on("SIGCONT", onContinue)
  if (keyboard) process.on("SIGTSTP", onStop)
  if (screen) process.stdout.on("resize", onResize)
  // The login's modes are raw to Node, but not quite (`LoginTerminal`).
  raw(false)
  raw(true)
  output.write(handlers.opening)
  stdin.on("data", onKeys)
  stdin.on("end", onEnd)
  stdin.on("error", onEnd)
  stdin.resume()

  return {
    giveBack,
    terminal: {
      write: output.write,
      busy: output.busy,
      pauseKeys: () => {
        if (paused) return
        paused = true
        stdin.pause()
      },
      resumeKeys: () => {
        if (!paused) return
        paused = false
        stdin.resume()
      },
      suspend
    }
  }
}

/** The screen's size. Some terminals report 0×0, which counts as unknown. */
const screenSize = (): Size => {
  const [columns, rows] = process.stdout.getWindowSize()
  return columns > 0 && rows > 0 ? { columns, rows } : environmentSize()
}

const environmentSize = (): Size => ({
  columns: dimension(process.env["COLUMNS"], 80),
  rows: dimension(process.env["LINES"], 24)
})

const MAX_DIMENSION = 1000

const dimension = (text: string | undefined, otherwise: number): number => {
  const number = Number(text)
  return Number.isInteger(number) && number >= 1 && number <= MAX_DIMENSION ? number : otherwise
}
