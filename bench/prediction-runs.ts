/**
 * The runs behind the prediction tables: each trace, played to a client in a mode over a link.
 */
import { monitorEventLoopDelay } from "node:perf_hooks"
import type { DisplayPreference } from "../src/domain/prediction/trust/DisplayPreference.ts"
import type { Maker } from "../test/support/peers.ts"
import { playPty } from "../test/traces/player-pty.ts"
import { type Link, playVirtual } from "../test/traces/player.ts"
import * as Truth from "../test/traces/score-truth.ts"
import type { Score } from "../test/traces/score.ts"
import { names, read, type Trace } from "../test/traces/trace.ts"
import { makers } from "./ends.ts"

export interface Run {
  readonly client: Maker
  readonly mode: DisplayPreference
  readonly link: Link
  readonly trace: string
  readonly score: Score
}

const LINKS: ReadonlyArray<Link> = [
  ...[20, 50, 100, 300, 500].map((rtt) => ({ rtt, loss: 0 })),
  { rtt: 100, loss: 0.05 }
]

const MODES: Readonly<Record<Maker, ReadonlyArray<DisplayPreference>>> = {
  ours: ["adaptive", "always", "experimental", "never"],
  stock: ["adaptive", "always", "experimental"]
}

/** Number of concurrent stock clients, in real time. More would delay each other. */
const AT_ONCE = 32
/** Maximum 99th percentile of this process's lateness, ms, for real-time results to be valid. */
const LAG = 5

/** The links to measure: those whose round trips `BENCH_PREDICTION_LINKS` names, such as `100,300`; or all. */
export const links = (): ReadonlyArray<Link> => {
  const chosen = process.env["BENCH_PREDICTION_LINKS"]?.split(",").map(Number)
  return LINKS.filter(({ rtt }) => chosen?.includes(rtt) ?? true)
}

export const modes = (client: Maker): ReadonlyArray<DisplayPreference> => MODES[client]

/** Whose clients to measure: ours, and stock's where it is installed, unless `BENCH_PREDICTION_STOCK` is 0. */
export const clients = (): ReadonlyArray<Maker> =>
  process.env["BENCH_PREDICTION_STOCK"] === "0" ? ["ours"] : makers.toReversed()

interface Job extends Omit<Run, "score" | "trace"> {
  readonly trace: Trace
}

/** Ours in virtual time, one after the other; then stock's in real time, many at once. */
export const runAll = async (): Promise<ReadonlyArray<Run>> => {
  const traces = names().map(read)
  const jobs: ReadonlyArray<Job> = clients().flatMap((client) =>
    modes(client).flatMap((mode) => links().flatMap((link) => traces.map((trace) => ({ client, mode, link, trace }))))
  )
  const runs: Array<Run> = []
  const play = async ({ client, link, mode, trace }: Job): Promise<void> => {
    const options = { preference: mode, ...link, seed: 1 }
    const score = await (client === "ours" ? playVirtual(trace, options) : playPty(trace, { ...options, client }))
    // The pictures of hundreds of runs would not fit.
    runs.push({ client, mode, link, trace: trace.name, score: { ...score, mistakes: [], pictures: [] } })
  }
  for (const job of jobs) if (job.client === "ours") await play(job)

  // The longest first, so that all finish at about the same time, and no other work in real time.
  for (const trace of traces) Truth.of(trace)
  const queue = jobs
    .filter(({ client }) => client === "stock")
    .sort((a, b) => length(b.trace) + b.link.rtt - length(a.trace) - a.link.rtt)
  if (queue.length > 0) await timely(() => pool(AT_ONCE, queue, play))
  return runs
}

const length = (trace: Trace): number => trace.keys.at(-1)?.at ?? 0

/** Processes a queue with a number of concurrent workers. */
const pool = async <A>(size: number, queue: ReadonlyArray<A>, act: (item: A) => Promise<void>): Promise<void> => {
  const items = queue.values()
  const work = async () => {
    for (const item of items) await act(item)
  }
  await Promise.all(Array.from({ length: size }, work))
}

/** Prints a warning if this process was late. */
const timely = async (act: () => Promise<void>): Promise<void> => {
  const lateness = monitorEventLoopDelay({ resolution: 1 })
  lateness.enable()
  await act()
  lateness.disable()
  const lag = lateness.percentile(99) / 1e6
  if (lag > LAG) {
    process.stderr.write(
      `Stock's times are not to be trusted: this process was late by ${lag.toFixed(1)} ms and more.\n`
    )
  }
}
