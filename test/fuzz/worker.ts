/**
 * Fuzzes one target in a process of its own, which can be ended if an input never ends or takes all memory.
 */
import { openSync, writeSync } from "node:fs"
import * as Coverage from "./coverage.ts"
import type { Finding } from "./driver.ts"
import type { Target } from "./target.ts"

export interface Work {
  readonly target: string
  readonly seed: number
  readonly corpus: ReadonlyArray<Uint8Array>
  /** When to stop: a number of runs, or milliseconds from now. */
  readonly runs: number
  readonly milliseconds: number
  /** The file for the current input: the number of inputs before it, its length, and its bytes. */
  readonly hand: string
}

/** Bytes before the current input. */
export const HAND = 8

export type Message =
  | { readonly _tag: "Finding"; readonly finding: Finding }
  | { readonly _tag: "News"; readonly input: Uint8Array }
  | { readonly _tag: "Done"; readonly runs: number; readonly functions: number; readonly gaps: number }

const work = async ({ corpus, hand, milliseconds, runs: limit, seed, target: name }: Work): Promise<void> => {
  const coverage = Coverage.start()
  // Coverage counts only code that is compiled from here on.
  const { fuzz } = await import("./driver.ts")
  const { targets } = await import("./targets/index.ts")
  const target = targets[name] as Target
  const file = openSync(hand, "r+")
  const written = Buffer.alloc(HAND + target.maxLength)
  const send = (message: Message) => process.send?.(message)
  const end = performance.now() + milliseconds
  let tried = 0
  const { runs } = await fuzz(target, {
    seed,
    corpus,
    coverage,
    goesOn: (runs) => runs < limit && performance.now() < end,
    onInput: (input) => {
      written.writeUInt32LE(++tried)
      written.writeUInt32LE(input.length, 4)
      written.set(input, HAND)
      writeSync(file, written, 0, HAND + input.length, 0)
    },
    onFinding: (finding) => send({ _tag: "Finding", finding }),
    onNews: (input) => send({ _tag: "News", input: Uint8Array.from(input) })
  })
  send({ _tag: "Done", runs, functions: coverage.functions(), gaps: coverage.gaps() })
  process.disconnect?.()
}

process.once("message", (message: Work) => void work(message))
