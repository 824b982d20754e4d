/**
 * CPU time and memory of a process, as Linux accounts for them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"

/** Milliseconds of a clock tick, in which CPU time is counted. */
const TICK = 10

/** CPU time of a process since its start, ms; `undefined` on other systems, and after its end. */
export const cpuTime = (pid: number): number | undefined => {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return undefined
  const fields = readFileSync(file, "utf8").split(") ").at(-1)?.split(" ") ?? []
  return (Number(fields[11]) + Number(fields[12])) * TICK
}

/**
 * The same of the threads that run, to the microsecond, for processes that use less than a few ticks. The time of threads that have
 * ended is missing.
 */
export const threadTime = (pid: number): number | undefined => {
  const folder = `/proc/${pid}/task`
  if (!existsSync(folder)) return undefined
  let nanoseconds = 0
  for (const thread of readdirSync(folder)) {
    const file = `${folder}/${thread}/schedstat`
    if (existsSync(file)) nanoseconds += Number(readFileSync(file, "utf8").split(" ")[0])
  }
  return nanoseconds / 1e6
}

export interface Footprint {
  readonly rss: number
  /** Memory that no other process shares. */
  readonly own: number
}

/** Memory of a process, MB; `undefined` on other systems. */
export const footprint = (pid: number): Footprint | undefined => {
  const file = `/proc/${pid}/smaps_rollup`
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, "utf8")
  const megabytes = (name: string) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) * 1024) / 1e6
  return {
    rss: megabytes("Rss"),
    own: megabytes("Private_Clean") + megabytes("Private_Dirty")
  }
}
