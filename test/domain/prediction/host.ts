/**
 * A prediction opposite a host of the test's making: what is typed reaches the host after a while, and its screen comes
 * back after the same while, with an acknowledgement of the keys it has had for 50 ms, as a mosh server's does.
 */
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import type { DisplayPreference } from "../../../src/domain/prediction/trust/DisplayPreference.ts"
import * as Prediction from "../../../src/domain/prediction/Prediction.ts"
import * as CharWidth from "../../../src/domain/terminal/CharWidth.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"

/** What a program prints when it reads a key. It may remember things. */
export type Program = (key: string, screen: Frame.Frame) => string

export interface Options {
  readonly program: Program
  readonly preference?: DisplayPreference
  readonly overwrite?: boolean
  readonly rtt?: number
  /** What is on the screen before anything is typed. */
  readonly opening?: string
  readonly size?: Frame.Size
}

/** One moment's picture, and the frame it was drawn over. */
export interface Look {
  readonly at: number
  readonly picture: Frame.Frame
  readonly frame: Frame.Frame
  /** How many keys had been typed, and how many of them the frame's acknowledgement covers. */
  readonly typed: number
  readonly acknowledged: number
  /** How much longer than acknowledged a program has been seen to take, ms. */
  readonly answerDelay: number
}

/** How long a server waits before it says that a key should show. */
const ECHO_ACK = 50

export class Stage {
  readonly looks: Array<Look> = []
  state: Prediction.Prediction
  now = 1000
  typed = 0
  acknowledged = 0
  readonly #delay: number
  readonly #program: Program
  #screen: Frame.Frame
  #events: Array<{ readonly at: number; readonly act: () => void }> = []

  constructor({ program, opening = "", size = { columns: 40, rows: 6 }, ...options }: Options) {
    this.#program = program
    this.#delay = (options.rtt ?? 100) / 2
    this.#screen = FramePatch.patch(Frame.blank(size), opening)
    const { preference = "adaptive", overwrite = false } = options
    this.state = Prediction.initial({ preference, overwrite }, Frame.blank(size))
    this.step({ _tag: "RoundTrip", srtt: options.rtt ?? 100 })
    this.step({ _tag: "Received", frame: this.#screen, echoed: 0n })
  }

  /** Types a key, and lets time pass. */
  type(key: string, pause = 60): void {
    const number = ++this.typed
    this.step({ _tag: "Typed", bytes: new TextEncoder().encode(key), sent: BigInt(number - 1) })
    this.#at(this.now + this.#delay, () => {
      this.print(this.#program(key, this.#screen))
      this.#at(this.now + ECHO_ACK, () => this.#send(number))
    })
    this.wait(pause)
  }

  /** Types text character by character. */
  text(text: string, pause?: number): void {
    for (const character of text) this.type(character, pause)
  }

  /** The host prints now. */
  print(text: string): void {
    this.#screen = FramePatch.patch(this.#screen, text)
    this.#send(this.#acknowledging)
  }

  wait(milliseconds: number): void {
    const end = this.now + milliseconds
    for (;;) {
      const next = this.#events[0]
      const due = Math.min(next?.at ?? Infinity, Prediction.machine.deadline(this.state))
      if (due > end) break
      this.now = Math.max(this.now, due)
      if (next !== undefined && next.at <= this.now) {
        this.#events.shift()
        next.act()
      } else this.step({ _tag: "Tick" })
    }
    this.now = end
  }

  step(input: Prediction.Input): void {
    const [state] = Prediction.machine.step(this.state, input, this.now)
    this.state = state
    const { answerDelay, frame, picture } = state
    this.looks.push({ at: this.now, picture, frame, typed: this.typed, acknowledged: this.acknowledged, answerDelay })
  }

  get picture(): Frame.Frame {
    return this.state.picture
  }

  get screen(): Frame.Frame {
    return this.#screen
  }

  #acknowledging = 0

  #send(acknowledged: number): void {
    this.#acknowledging = acknowledged
    const frame = this.#screen
    this.#at(this.now + this.#delay, () => {
      this.acknowledged = acknowledged
      this.step({ _tag: "Received", frame, echoed: BigInt(acknowledged) })
    })
  }

  #at(at: number, act: () => void): void {
    const index = this.#events.findIndex((event) => event.at > at)
    this.#events.splice(index < 0 ? this.#events.length : index, 0, { at, act })
  }
}

/** A row's text, without the blanks at its end. */
export const textOf = (frame: Frame.Frame, row: number): string => {
  const cells = frame.rows[row] as Row.Row
  let text = ""
  for (let x = 0; x < Row.columns(cells); x++) text += cells.words[4 * x] === 0 ? "" : Row.text(cells, x) || " "
  return text.trimEnd()
}

/** Echoes like a terminal in its plain state: characters, and Backspace. Enter brings another prompt. */
export const echo =
  (prompt = "$ "): Program =>
  (key) =>
    key === "\x7f" ? "\b \b" : key === "\r" ? `\r\n${prompt}` : key.startsWith("\x1b") ? "" : key

/**
 * Echoes as the kernel does, and leaves wrapping to the terminal: after the last column the cursor stays there until the next
 * character.
 */
export const wrapsLate: Program = (key, screen) => {
  const { cursor, size } = screen
  const isFull = cursor.column + 1 === size.columns && textOf(screen, cursor.row).length === size.columns
  return isFull ? `\r\n${key}` : key
}

/** Hears everything and says nothing, but for Enter. */
export const silent: Program = (key) => (key === "\r" ? "\r\n" : "")

const widthOf = (characters: ReadonlyArray<string>): number =>
  characters.reduce((width, character) => width + CharWidth.of(character.codePointAt(0) ?? 0), 0)

/** A line editor that inserts, and knows arrows, Backspace, Ctrl-A and Ctrl-E. It begins at the end of the `initial` text. */
export const lineEditor = (prompt = "$ ", initial: ReadonlyArray<string> = []): Program => {
  let text = initial
  let at = text.length
  return (key) => {
    const was = widthOf(text.slice(0, at))
    if (key === "\r") {
      text = []
      at = 0
      return `\r\n${prompt}`
    }
    if (key === "\x1b[D") at = Math.max(0, at - 1)
    else if (key === "\x1b[C") at = Math.min(text.length, at + 1)
    else if (key === "\x01") at = 0
    else if (key === "\x05") at = text.length
    else if (key === "\x7f") {
      if (at === 0) return ""
      text = text.toSpliced(at - 1, 1)
      at--
    } else if (key >= " ") {
      text = text.toSpliced(at, 0, key)
      at++
    }
    const back = "\b".repeat(was)
    return `${back}${text.join("")}\x1b[K${"\b".repeat(widthOf(text.slice(at)))}`
  }
}
