/**
 * Which blocks of our code have run, as V8 counts them. This guides the fuzzer to inputs that do something new.
 *
 * V8 counts only in code that is compiled after `start`, so the code under test must be imported afterwards.
 */
import { Session, type Profiler } from "node:inspector"

/** Pieces of a function's text that have not run. */
type Gaps = ReadonlyArray<readonly [from: number, to: number]>

/** The functions that ran since the last look, and the parts of them that did not. */
export type Seen = ReadonlyMap<string, Gaps>

export interface Coverage {
  /** The code that ran since the last look. */
  readonly look: () => Seen
  /** Whether any code ran for the first time. */
  readonly isNews: (seen: Seen) => boolean
  readonly admit: (seen: Seen) => void
  /** How many functions have run so far, and how many pieces of them have not. */
  readonly functions: () => number
  readonly gaps: () => number
}

const WATCHED = /\/(src|@xterm)\//

export const start = (): Coverage => {
  const session = new Session()
  session.connect()
  session.post("Profiler.enable")
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true })
  const known = new Map<string, Gaps>()
  return {
    look: () => {
      let scripts: ReadonlyArray<Profiler.ScriptCoverage> = []
      session.post("Profiler.takePreciseCoverage", (error, { result }) => {
        if (error !== null) throw error
        scripts = result
      })
      return seenIn(scripts)
    },
    isNews: (seen) => {
      for (const [name, gaps] of seen) {
        const before = known.get(name)
        if (before === undefined || size(common(before, gaps)) < size(before)) return true
      }
      return false
    },
    admit: (seen) => {
      for (const [name, gaps] of seen) known.set(name, common(known.get(name) ?? gaps, gaps))
    },
    functions: () => known.size,
    gaps: () => [...known.values()].reduce((sum, gaps) => sum + gaps.length, 0)
  }
}

const seenIn = (scripts: ReadonlyArray<Profiler.ScriptCoverage>): Seen => {
  const seen = new Map<string, Gaps>()
  for (const { functions, scriptId, url } of scripts) {
    if (!WATCHED.test(url)) continue
    for (const { ranges } of functions) {
      const [whole, ...blocks] = ranges
      if (whole === undefined || whole.count === 0) continue
      const gaps = blocks.filter(({ count }) => count === 0).map((b) => [b.startOffset, b.endOffset] as const)
      seen.set(`${scriptId}:${whole.startOffset}`, gaps)
    }
  }
  return seen
}

/** The gaps that are in both. Each list is sorted and has no overlaps. */
const common = (a: Gaps, b: Gaps): Gaps => {
  const both: Array<readonly [number, number]> = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [aFrom, aTo] = a[i] as readonly [number, number]
    const [bFrom, bTo] = b[j] as readonly [number, number]
    const from = Math.max(aFrom, bFrom)
    const to = Math.min(aTo, bTo)
    if (from < to) both.push([from, to])
    if (aTo < bTo) i++
    else j++
  }
  return both
}

const size = (gaps: Gaps): number => gaps.reduce((sum, [from, to]) => sum + to - from, 0)
