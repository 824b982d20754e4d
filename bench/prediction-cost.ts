import * as Prediction from "../src/domain/prediction/Prediction.ts"
import type { Frame, Size } from "../src/domain/terminal/Frame.ts"
import { microseconds, summary } from "./measure.ts"
import { makeScreen } from "./screen.ts"
import type { Table, Value } from "./table.ts"

const SIZE: Size = { columns: 80, rows: 24 }
/** Keys typed on one line, and how many of them at its start are needed to confirm that keys are echoed. */
const LINE = 70
const TAUGHT = 10
const LINES = 100
const WARM_UP = 30
/** Interval between keys, ms. */
const PAUSE = 60

/** The cost of prediction in a client: from a key to the picture that shows it, and per frame of the server. */
export const predictionCost = async (): Promise<Table> => {
  const rows: Array<ReadonlyArray<Value>> = []
  for (const ahead of [1, 4, 16]) rows.push(await measure(ahead))
  return {
    title: "prediction: cost",
    note: `µs until the picture, ${SIZE.columns}×${SIZE.rows}, a line that is typed and echoed`,
    columns: ["keys on the way", "a key", "p95", "a frame", "p95", "keys"],
    rows
  }
}

/** A screen full of text, and how it looks after each key of a line at its bottom. */
const echoes = async (): Promise<ReadonlyArray<Frame>> => {
  const screen = await makeScreen(SIZE)
  const print = (text: string) => screen.write(new TextEncoder().encode(text))
  for (let row = 1; row < SIZE.rows; row++) print(`line ${row} of what was printed before\r\n`)
  print("$ ")
  const frames = [screen.frame()]
  for (let key = 0; key < LINE; key++) {
    print(letter(key))
    frames.push(screen.frame())
  }
  return frames
}

const letter = (key: number): string => "abcdefg "[key % 8] ?? "x"

const measure = async (ahead: number): Promise<ReadonlyArray<Value>> => {
  const frames = await echoes()
  const first = frames[0] as Frame
  const keys: Array<number> = []
  const answers: Array<number> = []
  for (let line = -WARM_UP; line < LINES; line++) {
    let now = 1000
    let state = Prediction.initial({ preference: "always", overwrite: false }, first)
    const step = (input: Prediction.Input): number => {
      const start = microseconds()
      const [after] = Prediction.machine.step(state, input, now)
      const cost = microseconds() - start
      state = after
      return cost
    }
    step({ _tag: "RoundTrip", srtt: ahead * PAUSE })
    for (let key = 0; key < LINE + ahead; key++) {
      now += PAUSE / 2
      const bytes = new TextEncoder().encode(letter(key))
      const ofKey = key < LINE ? step({ _tag: "Typed", bytes, sent: BigInt(key) }) : undefined
      now += PAUSE / 2
      const echoed = key - ahead + 1
      const frame = frames[echoed]
      const ofFrame =
        echoed < 1 || frame === undefined ? undefined : step({ _tag: "Received", frame, echoed: BigInt(echoed) })
      if (line < 0 || key < TAUGHT + ahead) continue
      if (ofKey !== undefined) keys.push(ofKey)
      if (ofFrame !== undefined) answers.push(ofFrame)
    }
  }
  const [key, answer] = [summary(keys), summary(answers)]
  return [`${ahead}`, key.median, key.p95, answer.median, answer.p95, key.count]
}
