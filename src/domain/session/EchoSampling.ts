/**
 * Decides when a server determines who echoes input (`InputEcho`), and for how long the result holds.
 *
 * A sample costs CPU and takes some ms, so it is not taken for each key. What may change the terminal is Enter and the like
 * (`mayChange`), and output that no key explains. Either withdraws a result that predicts echo at once, Enter every result but
 * `Secret`, and requests a sample: when the program has printed something and then nothing for `SETTLED` ms, or after `PATIENCE` whatever it does.
 * Samples are at least `MIN_INTERVAL` apart. The interval doubles with each sample after the first five, until Enter or the
 * like is typed again. Nothing is sampled while the session is idle.
 *
 * A sample during which something was typed or printed is of no certain moment. It is taken again, except that `Secret` counts:
 * to hide what is not secret costs a round trip, to show what is secret is a fault.
 *
 * Laws:
 *
 * - Between Enter, or output without a key, and the end of the next sample, `report.echo` predicts nothing; after Enter it is
 *   `Unknown` or `Secret`.
 * - `report.inputs` never decreases and never exceeds the number of inputs at the start of the sample that it came from.
 * - Samples never overlap, and never start closer together than `MIN_INTERVAL`.
 * - Without inputs, there is a bounded number of samples.
 */
import type { Machine, Millis } from "../Machine.ts"
import * as InputEcho from "../terminal/InputEcho.ts"

/** How long nothing must be printed before a sample. A prompt is printed in pieces less than this apart. */
export const SETTLED: Millis = 8
/** How long a sample waits for output, and for output to pause. */
export const PATIENCE: Millis = 250
/** Bounds of the time between the starts of two samples. */
export const MIN_INTERVAL: Millis = 50
export const MAX_INTERVAL: Millis = 6400
/** Doubled with each sample: the first ones are `MIN_INTERVAL` apart. */
const FIRST_INTERVAL: Millis = MIN_INTERVAL / 16
/** How long after the program's start the first sample is, at the earliest: that time is busy, and no user types then. */
export const START: Millis = 150
/** Output this soon after a key that was typed since the sample may be its echo. */
export const ECHO: Millis = 50
/** After a pause of so long, output that ends a result of `Unknown` is sampled this soon: a prompt after a slow command. */
const PAUSE: Millis = 250
const RESUMED_INTERVAL: Millis = 200
/** How often a sample that found the program busy is repeated, if nothing is printed. */
export const MAX_RETRIES = 6

/** A result, and how many inputs had been typed when it was determined. */
export interface Report extends InputEcho.Sample {
  readonly inputs: number
}

export interface State {
  readonly report: Report
  /** Number of inputs so far. */
  readonly inputs: number
  readonly typedAt: Millis
  /** When Enter or the like was last typed. */
  readonly enteredAt: Millis
  readonly printedAt: Millis
  /** Since when a sample is wanted; `undefined` if none is. */
  readonly wantedSince: Millis | undefined
  /** The sample that is being taken. */
  readonly sample: Sample | undefined
  /** When the last sample began, and how long after that the next one may; at least `MIN_INTERVAL`. */
  readonly sampledAt: Millis
  readonly interval: Millis
  readonly retries: number
}

interface Sample {
  /** Number of inputs at its start. */
  readonly inputs: number
  /** Whether anything happened since its start. */
  readonly isDisturbed: boolean
}

export type Input =
  | { readonly _tag: "Started" }
  /** Input was typed into the program, or the terminal's size was changed. */
  | { readonly _tag: "Typed"; readonly mayChange: boolean }
  /** The program printed something; `newLine`: with a line feed, which no echo of the kernel contains but that of Enter. */
  | { readonly _tag: "Printed"; readonly newLine: boolean }
  /** The sample that was requested is complete. */
  | { readonly _tag: "Sampled"; readonly sample: InputEcho.Sample }
  | { readonly _tag: "Tick" }

/** Take a sample; or: a sample has changed `report`. */
export type Output = { readonly _tag: "Sample" } | { readonly _tag: "Reported" }

export const initial: State = {
  report: { ...InputEcho.UNKNOWN, inputs: 0 },
  inputs: 0,
  typedAt: -Infinity,
  enteredAt: -Infinity,
  printedAt: -Infinity,
  wantedSince: undefined,
  sample: undefined,
  sampledAt: -Infinity,
  interval: FIRST_INTERVAL,
  retries: 0
}

/** Input with these bytes is a paste: it may contain anything. */
const PASTE = 256

/**
 * Whether typed bytes may hand the terminal to another program: Enter, interrupt, end of input, suspend, quit; also as a newer
 * protocol encodes them (`KeyEncoding`), all of whose keys count.
 */
export const mayChange = (bytes: Uint8Array): boolean =>
  bytes.length > PASTE ||
  bytes.some((byte) => byte === 0x0d || byte === 0x0a || byte === 3 || byte === 4 || byte === 0x1a || byte === 0x1c) ||
  isEncoded(bytes)

/** Whether there is a sequence that may be a key of a newer protocol: `CSI …u` or `CSI 27;…~`. */
const isEncoded = (bytes: Uint8Array): boolean => {
  for (let at = bytes.indexOf(0x1b); at >= 0; at = bytes.indexOf(0x1b, at + 1)) {
    if (bytes[at + 1] !== 0x5b) continue
    let end = at + 2
    while (end < bytes.length && (bytes[end] as number) >= 0x30 && (bytes[end] as number) <= 0x3b) end++
    if (bytes[end] === 0x75 || (bytes[end] === 0x7e && bytes[at + 2] === 0x32 && bytes[at + 3] === 0x37)) return true
    // Without its end, it may be any.
    if (end === bytes.length && end > at + 2) return true
  }
  return false
}

const step = (state: State, input: Input, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  switch (input._tag) {
    case "Started":
      return [{ ...want(state, now), sampledAt: now + START - MIN_INTERVAL }, []]
    case "Typed": {
      const typed = { ...state, inputs: state.inputs + 1, typedAt: now }
      if (!input.mayChange) return [typed, []]
      // To go on hiding is safe.
      const asked = state.report.echo === "Secret" ? typed : withdrawn(typed)
      return [{ ...want(asked, now), enteredAt: now, interval: FIRST_INTERVAL, retries: 0 }, []]
    }
    case "Printed": {
      const { inputs, report, typedAt } = state
      const isAnswer = inputs > report.inputs && now - typedAt <= ECHO
      const isEcho = isAnswer && (report.echo === "LineEditor" || (report.echo === "Kernel" && !input.newLine))
      const isResumed = report.echo === "Unknown" && now - state.printedAt >= PAUSE
      const interval = isResumed ? Math.min(state.interval, RESUMED_INTERVAL) : state.interval
      const printed = { ...state, printedAt: now, interval }
      if (isEcho) return [printed, []]
      // What another program prints by itself says nothing of its input.
      const asked = InputEcho.isPredictable(report.echo) ? withdrawn(printed) : printed
      return [{ ...want(asked, now), retries: 0 }, []]
    }
    case "Sampled":
      return sampled(state, input.sample, now)
    case "Tick":
      return now < deadline(state) ? [state, []] : start(state, now)
  }
}

/** Requests a sample. */
const want = (state: State, now: Millis): State => ({
  ...state,
  wantedSince: state.wantedSince ?? now,
  sample: state.sample && { ...state.sample, isDisturbed: true }
})

const withdrawn = (state: State): State => ({ ...state, report: { ...InputEcho.UNKNOWN, inputs: state.report.inputs } })

const start = (state: State, now: Millis): readonly [State, ReadonlyArray<Output>] => [
  {
    ...state,
    wantedSince: undefined,
    sample: { inputs: state.inputs, isDisturbed: false },
    sampledAt: now,
    interval: Math.min(2 * state.interval, MAX_INTERVAL)
  },
  [{ _tag: "Sample" }]
]

const sampled = (state: State, found: InputEcho.Sample, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  const { report, retries, sample } = state
  const { echo } = found
  if (sample === undefined) return [state, []]
  const ended: State = { ...state, sample: undefined }
  if (sample.isDisturbed && echo !== "Secret") return [{ ...ended, wantedSince: state.wantedSince ?? now }, []]
  const isRetried = echo === "Unknown" && retries < MAX_RETRIES
  const after = isRetried ? { ...ended, wantedSince: state.wantedSince ?? now, retries: retries + 1 } : ended
  // Another password prompt is news: the line that was typed at the last one is complete.
  const isNews = echo === "Secret" ? sample.inputs !== report.inputs : InputEcho.isPredictable(echo)
  if (echo === report.echo && !isNews) return [after, []]
  return [{ ...after, report: { ...found, inputs: sample.inputs } }, [{ _tag: "Reported" }]]
}

const deadline = ({ enteredAt, interval, printedAt, sample, sampledAt, wantedSince }: State): Millis => {
  if (wantedSince === undefined || sample !== undefined) return Infinity
  const settled = printedAt < enteredAt ? Infinity : printedAt + SETTLED
  return Math.max(Math.min(settled, wantedSince + PATIENCE), sampledAt + Math.max(interval, MIN_INTERVAL))
}

export const machine: Machine<State, Input, Output> = { step, deadline }
