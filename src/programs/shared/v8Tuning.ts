/**
 * What V8 is to do without once a program has been loaded, so that it stays small. Not before: with any of these options,
 * V8 takes Node's own modules for compiled by somebody else and compiles anew each that is loaded, 40 ms of a start.
 */
import * as Module from "node:module"
import { PerformanceObserver } from "node:perf_hooks"
import * as V8 from "node:v8"
import * as Vm from "node:vm"

/** A client draws some frames a second. What V8 does to be faster than that costs a person memory, and saves no time. */
export const client = (): void => {
  take("--no-opt", "--optimize-for-size", NO_IDLE_COLLECTIONS)
  settle()
}

/** One compiler less keeps a session's process small, and makes no measurable difference to frames. */
export const server = (): void => {
  take("--no-maglev", NO_IDLE_COLLECTIONS)
  settle()
}

/** V8 collects twice when little has happened for half a minute: 100 ms of a session's CPU, after `settle` for nothing. */
const NO_IDLE_COLLECTIONS = "--memory-reducer-gc-count=0"

const take = (...options: ReadonlyArray<string>): void => {
  // What is compiled is kept for programs that start without the options.
  Module.flushCompileCache()
  options.forEach((option) => V8.setFlagsFromString(option))
}

/** ms without work that make a pause. */
const PAUSE = 1500
/** As many small collections make a busy time: each is of some MB. */
const BUSY = 32

/** Gives back what loading, or a busy time, needed and nothing else does: 3 MB, and 6 after a flood. */
const settle = (): void => {
  let busy = 0
  const pause = setTimeout(() => {
    busy = 0
    collect()
  }, PAUSE).unref()
  new PerformanceObserver((collections) => {
    busy += collections.getEntries().length
    // Each one more puts it off.
    if (busy >= BUSY) pause.refresh()
  }).observe({ entryTypes: ["gc"] })
}

const collect = (): void => {
  take("--expose-gc")
  const found: unknown = Vm.runInNewContext("gc")
  if (typeof found === "function") found({ type: "major", flavor: "last-resort" })
}
