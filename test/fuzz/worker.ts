/**
 * Fuzzes one target in a thread of its own, which can be ended when an input never ends.
 */
import { parentPort, workerData } from "node:worker_threads"
import * as Coverage from "./coverage.ts"
import type { Finding } from "./driver.ts"
import type { Target } from "./target.ts"

export interface WorkerData {
  readonly target: string
  readonly seed: number
  readonly corpus: ReadonlyArray<Uint8Array>
  /** When to stop: a number of runs, or milliseconds of this thread's life. */
  readonly runs: number
  readonly milliseconds: number
  readonly shared: SharedArrayBuffer
}

/** What is shared with the thread that watches: runs, length of the input in hand, corpus, then that input. */
export const SHARED = { runs: 0, length: 1, corpus: 2, input: 12 } as const

export type Message =
  | { readonly _tag: "Finding"; readonly finding: Finding }
  | { readonly _tag: "News"; readonly input: Uint8Array }
  | { readonly _tag: "Done"; readonly runs: number; readonly functions: number; readonly gaps: number }

const fuzzHere = async ({ corpus, milliseconds, runs: limit, seed, shared, target: name }: WorkerData) => {
  const coverage = Coverage.start()
  // Only what is compiled from here on is watched.
  const { fuzz } = await import("./driver.ts")
  const { targets } = await import("./targets/index.ts")
  const target = targets[name] as Target
  const head = new Int32Array(shared, 0, SHARED.input / 4)
  const hand = new Uint8Array(shared, SHARED.input)
  const send = (message: Message) => parentPort?.postMessage(message, [])
  const end = performance.now() + milliseconds
  const { runs } = fuzz(target, {
    seed,
    corpus,
    coverage,
    goesOn: (runs) => runs < limit && performance.now() < end,
    onInput: (input) => {
      hand.set(input)
      head[SHARED.length] = input.length
      Atomics.add(head, SHARED.runs, 1)
    },
    onFinding: (finding) => send({ _tag: "Finding", finding }),
    onNews: (input) => {
      Atomics.add(head, SHARED.corpus, 1)
      send({ _tag: "News", input: Uint8Array.from(input) })
    }
  })
  send({ _tag: "Done", runs, functions: coverage.functions(), gaps: coverage.gaps() })
}

if (workerData !== null) await fuzzHere(workerData as WorkerData)
