import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as EchoSampling from "../../../src/domain/session/EchoSampling.ts"
import * as InputEcho from "../../../src/domain/terminal/InputEcho.ts"

const { machine, MIN_INTERVAL, PATIENCE, SETTLED } = EchoSampling

/** A machine in virtual time, whose samples take `takes` ms and find `found`. */
class Sampled {
  state = EchoSampling.initial
  now = 0
  takes = 3
  found: InputEcho.InputEcho = "LineEditor"
  readonly samples: Array<{ readonly from: number; readonly to: number }> = []
  #completesAt = Infinity

  offer(input: EchoSampling.Input): void {
    const [state, outputs] = machine.step(this.state, input, this.now)
    this.state = state
    for (const { _tag } of outputs) {
      if (_tag !== "Sample") continue
      this.#completesAt = this.now + this.takes
      this.samples.push({ from: this.now, to: this.#completesAt })
    }
  }

  wait(milliseconds: number): void {
    const end = this.now + milliseconds
    for (;;) {
      const due = Math.min(machine.deadline(this.state), this.#completesAt)
      if (due > end) break
      this.now = Math.max(this.now, due)
      if (this.#completesAt <= this.now) {
        this.#completesAt = Infinity
        this.offer({ _tag: "Sampled", sample: { echo: this.found, place: 0 } })
      } else this.offer({ _tag: "Tick" })
    }
    this.now = end
  }

  enter(): void {
    this.offer({ _tag: "Typed", mayChange: true })
  }
}

const Events = Schema.Array(
  Schema.Struct({
    event: Schema.Literals(["key", "key", "enter", "output", "output"]),
    pause: Schema.Literals([0, 1, 5, 20, 60, 300, 2000]),
    takes: Schema.Literals([1, 5, 40, 400]),
    found: Schema.Literals(InputEcho.VALUES)
  })
)

describe("EchoSampling", () => {
  it("samples once after a command, when its output has paused, and then no more", () => {
    const session = new Sampled()
    session.wait(1000)
    session.enter()
    for (const pause of [2, 5, 5]) {
      session.wait(pause)
      session.offer({ _tag: "Printed", newLine: false })
    }
    session.wait(60_000)
    expect(session.samples).toEqual([{ from: 1012 + SETTLED, to: 1012 + SETTLED + 3 }])
    expect(session.state.report).toEqual({ echo: "LineEditor", place: 0, inputs: 1 })
    // Keys and their echoes need none.
    for (let key = 0; key < 100; key++) {
      session.offer({ _tag: "Typed", mayChange: false })
      session.wait(2)
      session.offer({ _tag: "Printed", newLine: false })
      session.wait(120)
    }
    expect(session.samples.length).toBe(1)
  })

  it("samples while output never pauses, ever more seldom", () => {
    const session = new Sampled()
    session.found = "Other"
    session.enter()
    for (let at = 0; at < 60_000; at += 5) {
      session.offer({ _tag: "Printed", newLine: false })
      session.wait(5)
    }
    expect(session.samples[0]?.from).toBe(PATIENCE)
    expect(session.samples.length).toBeGreaterThan(5)
    expect(session.samples.length).toBeLessThan(20)
  })

  it("samples soon after a slow command has printed its last line", () => {
    const session = new Sampled()
    session.found = "Unknown"
    session.enter()
    for (let line = 0; line < 20; line++) {
      session.offer({ _tag: "Printed", newLine: true })
      session.wait(1000)
    }
    session.found = "LineEditor"
    session.offer({ _tag: "Printed", newLine: false })
    session.wait(SETTLED + 10)
    expect(session.state.report.echo).toBe("LineEditor")
    // Another program's output, such as a clock, is not worth it.
    session.found = "Other"
    session.enter()
    const before = session.samples.length
    for (let second = 0; second < 60; second++) {
      session.offer({ _tag: "Printed", newLine: false })
      session.wait(1000)
    }
    expect(session.samples.length - before).toBeLessThan(25)
  })

  it("repeats a sample that found the program busy, a few times", () => {
    const session = new Sampled()
    session.found = "Unknown"
    session.enter()
    session.offer({ _tag: "Printed", newLine: false })
    session.wait(60_000)
    expect(session.samples.length).toBe(1 + EchoSampling.MAX_RETRIES)
  })

  it("withdraws a result at Enter, and at output that no key explains, before anything else happens", () => {
    for (const disturb of [
      (session: Sampled) => session.enter(),
      (session: Sampled) => session.offer({ _tag: "Printed", newLine: false })
    ]) {
      const session = new Sampled()
      session.enter()
      session.wait(5000)
      expect(session.state.report.echo).toBe("LineEditor")
      disturb(session)
      expect(session.state.report.echo).toBe("Unknown")
    }
  })

  it("takes no result of a sample that was disturbed, except that nobody echoes", () => {
    for (const [found, reported] of [
      ["Kernel", "Unknown"],
      ["Secret", "Secret"]
    ] as const) {
      const session = new Sampled()
      session.found = found
      session.takes = 20
      session.enter()
      session.offer({ _tag: "Printed", newLine: false })
      session.wait(SETTLED + 10)
      session.offer({ _tag: "Printed", newLine: false })
      session.wait(10)
      expect(session.samples.length).toBe(1)
      expect(session.state.report.echo).toBe(reported)
    }
  })

  it.prop("never overlaps samples, nor takes them too often, nor reports of a later input", [Events], ([events]) => {
    const session = new Sampled()
    let inputs = 0
    for (const { event, found, pause, takes } of events) {
      session.found = found
      session.takes = takes
      if (event === "output") session.offer({ _tag: "Printed", newLine: false })
      else session.offer({ _tag: "Typed", mayChange: event === "enter" })
      if (event === "enter") expect(InputEcho.isPredictable(session.state.report.echo)).toBe(false)
      const before = session.state.report.inputs
      session.wait(pause)
      expect(session.state.report.inputs).toBeGreaterThanOrEqual(before)
      expect(session.state.report.inputs).toBeLessThanOrEqual(session.state.inputs)
      inputs++
    }
    session.wait(100_000)
    expect(machine.deadline(session.state)).toBe(Infinity)
    for (const [i, { from }] of session.samples.entries()) {
      const before = session.samples[i - 1]
      if (before === undefined) continue
      expect(from).toBeGreaterThanOrEqual(before.to)
      expect(from - before.from).toBeGreaterThanOrEqual(MIN_INTERVAL)
    }
    expect(session.samples.length).toBeLessThanOrEqual((2 + EchoSampling.MAX_RETRIES) * inputs)
  })

  it("counts Enter, interrupts and pastes as what may change the terminal, and no text", () => {
    const bytes = (text: string) => new TextEncoder().encode(text)
    for (const text of ["\r", "ls\n", "\x03", "\x04", "\x1a", "\x1c", "x".repeat(300)])
      expect(EchoSampling.mayChange(bytes(text))).toBe(true)
    for (const text of ["\x1b[13u", "a\x1b[99;5u", "\x1b[27;5;99~", "\x1b[1", "\x1b[A\x1b[13;1:1u"])
      expect(EchoSampling.mayChange(bytes(text))).toBe(true)
    for (const text of ["\x1b[3~", "\x1b[1;5C", "\x1b[200~"]) expect(EchoSampling.mayChange(bytes(text))).toBe(false)
    for (const text of ["a", "\x7f", "\x1b[A", "日本", ""]) expect(EchoSampling.mayChange(bytes(text))).toBe(false)
  })
})
