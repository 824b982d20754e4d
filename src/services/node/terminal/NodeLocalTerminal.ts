/**
 * `LocalTerminal` on the process's standard input and output.
 *
 * Raw mode is Node's. It differs from cfmakeraw in one way that matters: output processing stays on, so a line feed
 * also returns the carriage. Frames are drawn so that this changes nothing (a line feed comes at column 0 only). IUTF8
 * is left as the person has it.
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
      // The terminal is gone; reading it says so.
    }
  }
  const onKeys = (bytes: Buffer): void => handlers.onKeys(bytes)
  const onEnd = (): void => handlers.onKeysEnd()
  const onResize = (): void => handlers.onResize(size())
  const onContinue = (): void => {
    // Whoever stopped us may have changed the terminal's modes, and Node believes that they are as it left them.
    raw(false)
    raw(true)
    output.write(handlers.opening)
    // The system sends SIGWINCH to the foreground only, and Node asks for the size only then.
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

  // However the process ends, the person gets a usable terminal back.
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

/** The screen's own size. Some terminals say 0×0: then as if there were none. */
const screenSize = (): Size => {
  const [columns, rows] = process.stdout.getWindowSize()
  return columns > 0 && rows > 0 ? { columns, rows } : environmentSize()
}

const environmentSize = (): Size => ({
  columns: dimension(process.env["COLUMNS"], 80),
  rows: dimension(process.env["LINES"], 24)
})

const MOST = 1000

const dimension = (text: string | undefined, otherwise: number): number => {
  const number = Number(text)
  return Number.isInteger(number) && number >= 1 && number <= MOST ? number : otherwise
}
