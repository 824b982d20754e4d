/**
 * Options that keep V8 small, set after the program has been loaded. With any of these at start, V8 would reject the compiled
 * form of Node's own modules and compile them again, 40 ms of a start.
 */
import * as Module from "node:module"
import { PerformanceObserver } from "node:perf_hooks"
import * as V8 from "node:v8"
import * as Vm from "node:vm"

/** A client draws a few frames per second: V8's last compiler would cost memory and save no time. */
export const client = (): void => {
  take("--no-turbofan", "--optimize-for-size", NO_IDLE_COLLECTIONS)
  settle()
}

/** One compiler less keeps a session's process small, and makes no measurable difference to frames. */
export const server = (): void => {
  take("--no-maglev", NO_IDLE_COLLECTIONS)
  settle()
}

/** V8 collects twice after half a minute of little activity: 100 ms of CPU, and useless after `settle`. */
const NO_IDLE_COLLECTIONS = "--memory-reducer-gc-count=0"

const take = (...options: ReadonlyArray<string>): void => {
  // The cached code is for programs that start without the options.
  Module.flushCompileCache()
  options.forEach((option) => V8.setFlagsFromString(option))
}

/** How long without work counts as a pause, ms. */
const PAUSE = 1500
/** So many small collections count as a busy time: each is of a few MB. */
const BUSY = 32

/** Frees memory after loading (3 MB) and after busy times (6 MB after a flood). */
const settle = (): void => {
  let busy = 0
  const pause = setTimeout(() => {
    busy = 0
    collect()
  }, PAUSE).unref()
  new PerformanceObserver((collections) => {
    busy += collections.getEntries().length
    // Each further collection postpones it.
    if (busy >= BUSY) pause.refresh()
  }).observe({ entryTypes: ["gc"] })
}

const collect = (): void => {
  take("--expose-gc")
  const found: unknown = Vm.runInNewContext("gc")
  if (typeof found === "function") found({ type: "major", flavor: "last-resort" })
}
