/**
 * Who echoed input in the sessions of the traces: what `EchoProbe` found on the real terminal just before a key.
 *
 * The traces are older than `EchoProbe`. So the values are from another run of the same scenarios with the same keys
 * (`node test/traces/record.ts --echo`). They were determined before each key that waits, and before each key after Enter or
 * another key that may start a program; between those they do not change.
 */
import { readFileSync, writeFileSync } from "node:fs"
import * as InputEcho from "../../src/domain/terminal/InputEcho.ts"
import { mayChange } from "../../src/domain/session/EchoSampling.ts"
import type { Trace } from "./trace.ts"

const DATA = new URL("./data/echo.json", import.meta.url)

/** By the index of the key before which the value was determined. */
export type Echoes = ReadonlyArray<readonly [key: number, echo: InputEcho.InputEcho, place: number]>

type Stored = Readonly<Record<string, Echoes>>

const stored = (): Stored => {
  try {
    return JSON.parse(readFileSync(DATA, "utf8")) as Stored
  } catch {
    return {}
  }
}

export const write = (name: string, echoes: Echoes): void => {
  const all = { ...stored(), [name]: echoes }
  const lines = Object.keys(all)
    .sort()
    .map((name) => `${JSON.stringify(name)}: ${JSON.stringify(all[name])}`)
  writeFileSync(DATA, `{\n${lines.join(",\n")}\n}\n`)
}

/** Whether a value is determined before the key after this one. */
export const isTelling = (text: string): boolean => mayChange(new TextEncoder().encode(text))

/**
 * Who echoes the key with an index of a trace; `Unknown` where it was not determined. `undefined` for a trace without values,
 * because its program was not installed.
 */
export const before = (trace: Trace): ((key: number) => InputEcho.Sample) | undefined => {
  const echoes = stored()[trace.name]
  if (echoes === undefined) return undefined
  const determined = new Map(echoes.map(([key, echo, place]) => [key, { echo, place }]))
  let sample = InputEcho.UNKNOWN
  const values = trace.keys.map((_, key) => {
    if (isTelling(trace.keys[key - 1]?.text ?? "")) sample = InputEcho.UNKNOWN
    sample = determined.get(key) ?? sample
    return sample
  })
  return (key) => values[key] ?? InputEcho.UNKNOWN
}
