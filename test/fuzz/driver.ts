/**
 * The fuzzer: tries inputs, keeps those that do something new as material for others, and reports inputs that break a
 * law.
 *
 * The same seed, corpus and number of runs give the same inputs. Looking at the coverage costs milliseconds, so inputs
 * are tried in batches; when a batch has news, its halves are tried again until the input that brings it is found.
 */
import { random } from "../domain/wire/hostile.ts"
import type { Coverage } from "./coverage.ts"
import { minimise } from "./minimise.ts"
import { mutate } from "./mutate.ts"
import type { Target } from "./target.ts"

export interface Finding {
  /** Minimised. */
  readonly input: Uint8Array
  readonly problem: string
  readonly stack: string
}

export interface FuzzOptions {
  readonly seed: number
  /** Inputs from earlier runs, besides the target's seeds. */
  readonly corpus: ReadonlyArray<Uint8Array>
  /** Asked before each batch. */
  readonly goesOn: (runs: number) => boolean
  /** Without it, inputs are only mutated from the corpus given. */
  readonly coverage?: Coverage
  /** Called before each input is tried, so that one that never ends is known. */
  readonly onInput?: (input: Uint8Array) => void
  readonly onFinding: (finding: Finding) => void
  /** Called with each input that does something new. */
  readonly onNews?: (input: Uint8Array) => void
}

const BATCH = 100
/** Different findings that one run reports. */
const MAX_FINDINGS = 20

export const fuzz = async (
  target: Target,
  options: FuzzOptions
): Promise<{ readonly runs: number; readonly corpus: number }> => {
  const { coverage, goesOn, onFinding, onInput, onNews } = options
  const next = random(options.seed)
  const corpus = [...target.seeds(), ...options.corpus].filter((input) => input.length <= target.maxLength)
  const problems = new Set<string>()
  let runs = 0

  const attempt = (input: Uint8Array): Failure | undefined => {
    runs++
    onInput?.(input)
    return failureOf(target, input)
  }
  const report = (input: Uint8Array, failure: Failure): void => {
    if (problems.has(failure.kind) || problems.size >= MAX_FINDINGS) return
    problems.add(failure.kind)
    const fails = (candidate: Uint8Array) => attempt(candidate)?.kind === failure.kind
    const least = failure.kind === SLOW ? Buffer.from(input) : minimise(input, fails)
    const { problem, stack } = failureOf(target, least) ?? failure
    onFinding({ input: least, problem, stack })
  }
  const tryAll = (batch: ReadonlyArray<Uint8Array>): void => {
    for (const input of batch) {
      const failure = attempt(input)
      if (failure !== undefined) report(input, failure)
    }
  }
  /** Tries the inputs of a batch with news again, to find the input that causes it. */
  const search = (batch: ReadonlyArray<Uint8Array>): void => {
    if (coverage === undefined) return
    for (const half of [batch.slice(0, batch.length >> 1), batch.slice(batch.length >> 1)]) {
      if (half.length === 0) continue
      for (const input of half) attempt(input)
      const seen = coverage.look()
      if (!coverage.isNews(seen)) continue
      if (half.length > 1) {
        search(half)
        continue
      }
      coverage.admit(seen)
      const [input] = half as [Uint8Array]
      corpus.push(input)
      onNews?.(input)
    }
  }

  tryAll(corpus)
  coverage?.admit(coverage.look())
  while (goesOn(runs)) {
    // Otherwise work that Node defers, such as closing a failed zlib stream, would fill the memory.
    await turn()
    const material = { corpus, tokens: target.tokens, maxLength: target.maxLength }
    const batch = Array.from({ length: BATCH }, () => mutate(next, material))
    tryAll(batch)
    const seen = coverage?.look()
    if (coverage === undefined || seen === undefined || !coverage.isNews(seen)) continue
    search(batch)
    // Code that ran only once, such as the filling of a table, is not news either.
    coverage.admit(seen)
  }
  return { runs, corpus: corpus.length }
}

/** One turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

interface Failure {
  /** What two failures with the same cause have in common. */
  readonly kind: string
  readonly problem: string
  readonly stack: string
}

const SLOW = "slow"

/** What is wrong with a target's reaction to an input. */
export const failureOf = (target: Target, input: Uint8Array): Failure | undefined => {
  const timed = (): number => {
    const before = performance.now()
    target.run(input)
    return performance.now() - before
  }
  try {
    let took = timed()
    // A garbage collection or a busy machine is not a finding.
    for (let i = 0; i < 3 && took > target.budget; i++) took = Math.min(took, timed())
    if (took <= target.budget) return undefined
    return { kind: SLOW, problem: `takes ${took.toFixed(0)} ms of ${target.budget}`, stack: "" }
  } catch (error) {
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error))
    const [where = ""] = /at .*/.exec(stack) ?? []
    return { kind: `${message.replaceAll(/\d+/g, "#").slice(0, 80)} ${where}`, problem: message, stack }
  }
}
