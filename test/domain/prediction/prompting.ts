/**
 * A session with prompts: a terminal whose line discipline is switched by its programs, a server that samples who echoes
 * input (`EchoSampling`), a network that delays, loses and overtakes, and a user who types by what they see.
 *
 * The user types capitals where they believe that a password is asked for, and small letters elsewhere. Nothing else on the
 * screen is a capital.
 */
import * as EchoSampling from "../../../src/domain/session/EchoSampling.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import type { DisplayPreference } from "../../../src/domain/prediction/trust/DisplayPreference.ts"
import * as Prediction from "../../../src/domain/prediction/Prediction.ts"
import * as Cell from "../../../src/domain/terminal/Cell.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as InputEcho from "../../../src/domain/terminal/InputEcho.ts"
import * as EchoReports from "../../../src/services/server/EchoReports.ts"

/** How a program reads one line. */
export interface Turn {
  /**
   * - `kernel`: in canonical mode with echo, as `cat`.
   * - `editor`: the session's shell, which shows keys itself.
   * - `secret`: in canonical mode without echo.
   * - `silent`: another program, in raw mode, which shows nothing.
   * - `relayed`: as `silent`, after raw mode of another terminal whose kernel echoed until shortly before the prompt: sudo, ssh.
   * - `hidden`: the session's shell, in raw mode in another call, which shows nothing: `read -sk` of zsh.
   */
  readonly reads: "kernel" | "editor" | "secret" | "silent" | "hidden" | "relayed"
  readonly prompt: string
  /** How long after the last line the program starts to prompt. */
  readonly after: number
  /** How much later than the prompt it sets the terminal's flags; earlier if negative. */
  readonly flagsAfterPrompt: number
  /** Which marks of a prompt (OSC 133) it prints, true or imitated: by how many columns they are wrong; `undefined`: none. */
  readonly marks?: number | undefined
  /** How long after its prompt the program gives up, and goes on as after an empty line; `undefined`: never. */
  readonly timeout: number | undefined
}

export type Press = { readonly key: "letter" | "\r" | "\x7f"; readonly pause: number }

export interface Weather {
  readonly rtt: number
  /** Extra delays of datagrams, used in turn; -1 is a loss. */
  readonly delays: ReadonlyArray<number>
  /** How long samples take, used in turn. */
  readonly samples: ReadonlyArray<number>
}

type Flags = "cooked" | "raw-shell" | "raw-other" | "no-echo"

interface Sent {
  readonly frame: Frame.Frame
  readonly echoed: bigint
  readonly report: ReturnType<EchoReports.EchoReports["of"]>
  /** The turn whose prompt is on the screen. */
  readonly turn: number
}

const FLAGS: Readonly<Record<Turn["reads"], Flags>> = {
  kernel: "cooked",
  editor: "raw-shell",
  secret: "no-echo",
  silent: "raw-other",
  relayed: "raw-other",
  hidden: "raw-shell"
}

const DISCIPLINES: Readonly<Record<Flags, InputEcho.LineDiscipline>> = {
  cooked: { canonical: true, echo: true },
  "raw-shell": { canonical: false, echo: false },
  "raw-other": { canonical: false, echo: false },
  "no-echo": { canonical: true, echo: false }
}

/** How much sooner than this after it was printed nobody acts on a prompt. */
const REACTION = 120
const ECHO_ACK = 50
/** How long after it arrives a key that is echoed is echoed. */
const PROCESSING = 1
const SMALL = "abcdefghijklmnopqrstuvwxyz"

export class PromptingSession {
  state: Prediction.Prediction
  /** The most capitals that any picture showed beyond those that the server's screen had shown when the key had arrived. */
  leaked = 0
  /** Capitals that the terminal itself has shown. */
  #printedCapitals = 0
  /** Letters that were shown before the server showed them. */
  ahead = 0
  now = 1000
  readonly #turns: ReadonlyArray<Turn>
  readonly #weather: Weather
  #screen: Frame.Frame
  #flags: Flags = "cooked"
  #turn = -1
  /** Whether the program of the turn waits for input. */
  #isReading = false
  #column = 0
  #queue = ""
  #sampling = EchoSampling.initial
  readonly #reports = EchoReports.make()
  #acknowledged = 0n
  #sentCount = 0
  #received = -1
  #sampleCount = 0
  #typed = 0n
  #entered = 0
  #seenTurn = 0
  #letters = 0
  #events: Array<{ readonly at: number; readonly act: () => void }> = []

  constructor(turns: ReadonlyArray<Turn>, weather: Weather, preference: DisplayPreference) {
    this.#turns = turns
    this.#weather = weather
    this.#screen = Frame.blank({ columns: 60, rows: 8 })
    this.state = Prediction.initial({ preference, overwrite: false }, this.#screen)
    this.#step({ _tag: "RoundTrip", srtt: weather.rtt })
    this.#begin(0)
  }

  /** Presses a key, and lets time pass. */
  press({ key, pause }: Press): void {
    const believed = Math.max(this.#entered, this.#seenTurn)
    const reads = this.#turns[believed]?.reads
    const letter = SMALL[this.#letters++ % SMALL.length] ?? "a"
    const isSecret = reads === "secret" || ["silent", "hidden", "relayed"].includes(reads ?? "")
    const text = key !== "letter" ? key : isSecret ? letter.toUpperCase() : letter
    if (key === "\r") this.#entered = believed + 1
    const number = ++this.#typed
    const before = lettersIn(this.state.picture)
    this.#step({ _tag: "Typed", bytes: new TextEncoder().encode(text), sent: number - 1n })
    if (key === "letter" && lettersIn(this.state.picture) > before) this.ahead++
    this.#at(this.now + this.#weather.rtt / 2, () => {
      this.#input(text)
      this.#reports.typed(this.#sampling.inputs, number)
      this.#at(this.now + ECHO_ACK, () => {
        this.#acknowledged = number
        this.#publish()
      })
    })
    this.wait(pause)
  }

  wait(milliseconds: number): void {
    const end = this.now + milliseconds
    for (;;) {
      const next = this.#events[0]
      const sampling = EchoSampling.machine.deadline(this.#sampling)
      const due = Math.min(next?.at ?? Infinity, Prediction.machine.deadline(this.state), sampling)
      if (due > end) break
      this.now = Math.max(this.now, due)
      if (next !== undefined && next.at <= this.now) {
        this.#events.shift()
        next.act()
      } else if (sampling <= this.now) this.#sample({ _tag: "Tick" })
      else this.#step({ _tag: "Tick" })
    }
    this.now = end
  }

  /** A turn begins: its program prompts, sets the flags, and then reads. */
  #begin(turn: number): void {
    const { after, flagsAfterPrompt, prompt, reads, timeout } = this.#turns[turn] ?? LAST
    this.#turn = turn
    this.#isReading = false
    this.#flags = reads === "relayed" ? "raw-other" : "cooked"
    const start = this.now + after
    const isCurrent = () => this.#turn === turn
    this.#at(start + Math.max(0, flagsAfterPrompt), () => isCurrent() && (this.#flags = FLAGS[reads]))
    this.#at(start + Math.max(0, -flagsAfterPrompt), () => isCurrent() && this.#print(prompt, turn))
    this.#at(start + Math.abs(flagsAfterPrompt), () => {
      if (!isCurrent()) return
      this.#isReading = true
      const queued = this.#queue
      this.#queue = ""
      // What is read late was echoed by the kernel, or not at all; a line editor shows it again.
      for (const key of queued) this.#read(key, false)
    })
    // Only a program that reads lines gives up by itself. What one in raw mode does while keys arrive is not watched.
    if (timeout !== undefined && (reads === "kernel" || reads === "secret"))
      this.#at(start + timeout, () => {
        if (isCurrent() && this.#isReading) this.#end()
      })
  }

  #end(): void {
    this.#print("\r\n")
    this.#begin(this.#turn + 1)
  }

  #input(text: string): void {
    this.#sample({ _tag: "Typed", mayChange: EchoSampling.mayChange(new TextEncoder().encode(text)) })
    if (this.#isReading) return this.#read(text, true)
    this.#queue += text
    const isRelayed = this.#turns[this.#turn]?.reads === "relayed" && this.#shownTurn !== this.#turn
    if (this.#flags === "cooked" || isRelayed) this.#print(text === "\r" ? "\r\n" : text === "\x7f" ? "" : text)
  }

  #read(key: string, isLive: boolean): void {
    if (!this.#isReading) {
      this.#queue += key
      return
    }
    if (key === "\r") return this.#end()
    const isEditor = this.#flags === "raw-shell" && this.#turns[this.#turn]?.reads === "editor"
    const shows = isEditor || (this.#flags === "cooked" && isLive)
    if (!shows) return
    if (key !== "\x7f") this.#print(key)
    else if (this.#column > 0) this.#print("\b \b")
  }

  #shownTurn = 0
  /** Where the line begins by the newest mark. */
  #marked: number | undefined

  #print(text: string, turn = this.#shownTurn): void {
    const isPrompt = turn !== this.#shownTurn
    this.#shownTurn = turn
    if (text === "") return
    this.#printedCapitals += text.replace(/[^A-Z]/g, "").length
    this.#column = text.endsWith("\b") ? this.#column - 1 : turn === this.#shownTurn ? this.#column + 1 : 0
    this.#screen = FramePatch.patch(this.#screen, text)
    const marks = this.#turns[turn]?.marks
    if (isPrompt && marks !== undefined) this.#marked = Math.max(0, this.#screen.cursor.column + marks)
    this.#sample({ _tag: "Printed", newLine: text.includes("\n") })
    this.#publish()
  }

  #sample(input: EchoSampling.Input): void {
    const [state, outputs] = EchoSampling.machine.step(this.#sampling, input, this.now)
    this.#sampling = state
    for (const output of outputs) {
      if (output._tag === "Reported") {
        this.#publish()
        continue
      }
      // As `EchoProbe`: the reader before and after, the flags in between.
      const before = this.#reader()
      const { samples } = this.#weather
      const takes = samples[this.#sampleCount++ % samples.length] ?? 1
      let flags = this.#flags
      this.#at(this.now + takes / 2, () => (flags = this.#flags))
      this.#at(this.now + takes, () => {
        const after = this.#reader()
        const found = InputEcho.of(DISCIPLINES[flags], after.reader)
        const echo = before.call === after.call || found === "Secret" ? found : "Unknown"
        const place = echo !== "LineEditor" ? 0 : this.#turns[this.#turn]?.reads === "editor" ? 1 : 2
        this.#sample({ _tag: "Sampled", sample: { echo, place } })
      })
    }
  }

  #reader(): { readonly call: string; readonly reader: InputEcho.Reader } {
    const reads = this.#turns[this.#turn]?.reads
    const isShell = reads === "editor" || reads === "hidden"
    const waits =
      reads === "relayed" ? "InPoll" : !this.#isReading ? "No" : isShell || reads === "silent" ? "InPoll" : "InRead"
    return { call: `${this.#turn} ${waits}`, reader: { hasLineEditor: isShell, isAlone: true, waits } }
  }

  #publish(isRepeated = false): void {
    const number = isRepeated ? this.#sentCount : ++this.#sentCount
    const { delays, rtt } = this.#weather
    const extra = delays[(number + (isRepeated ? 1 : 0)) % Math.max(1, delays.length)] ?? 0
    const sent: Sent = {
      frame: this.#screen,
      echoed: this.#acknowledged,
      report: this.#reports.of(this.#sampling.report, this.#marked),
      turn: this.#shownTurn
    }
    if (extra < 0)
      this.#at(this.now + rtt + 50, () => {
        if (number === this.#sentCount) this.#publish(true)
      })
    if (extra < 0 && !isRepeated) return
    this.#at(this.now + rtt / 2 + Math.max(0, extra), () => this.#receive(number, sent))
  }

  #receive(number: number, { echoed, frame, report, turn }: Sent): void {
    if (number <= this.#received) return
    this.#received = number
    this.#at(this.now + REACTION, () => (this.#seenTurn = Math.max(this.#seenTurn, turn)))
    this.#step({ _tag: "Received", frame, echoed, report })
  }

  #step(input: Prediction.Input): void {
    const [state] = Prediction.machine.step(this.state, input, this.now)
    this.state = state
    const capitals = state.picture === state.frame ? 0 : capitalsIn(state.picture)
    if (capitals === 0) return
    this.#at(this.now + this.#weather.rtt / 2 + PROCESSING, () => {
      this.leaked = Math.max(this.leaked, capitals - this.#printedCapitals)
    })
  }

  #at(at: number, act: () => void): void {
    const index = this.#events.findIndex((event) => event.at > at)
    this.#events.splice(index < 0 ? this.#events.length : index, 0, { at, act })
  }
}

const LAST: Turn = { reads: "secret", prompt: "", after: 0, flagsAfterPrompt: 0, timeout: undefined }

/** Counts the ASCII letters of a frame in a range. */
const count = ({ rows }: Frame.Frame, from: string, to: string): number => {
  const [first, last] = [from.charCodeAt(0), to.charCodeAt(0)]
  let found = 0
  for (const { words } of rows)
    for (let at = 0; at < words.length; at += Cell.WORDS) {
      const codePoint = Cell.codePointOf(words[at] ?? 0)
      if (codePoint >= first && codePoint <= last) found++
    }
  return found
}

const capitalsIn = (frame: Frame.Frame): number => count(frame, "A", "Z")

const lettersIn = (frame: Frame.Frame): number => capitalsIn(frame) + count(frame, "a", "z")
