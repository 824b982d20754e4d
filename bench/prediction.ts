/**
 * How much typing predicted echo shows at once, and how much wrongly: recorded sessions, played over networks, scored by the
 * pictures that the user saw (`test/traces/score.ts`).
 */
import type { Maker } from "../test/support/peers.ts"
import type { Link } from "../test/traces/player.ts"
import { PROMPT, summarize, type Summary } from "../test/traces/score-summary.ts"
import { names } from "../test/traces/trace.ts"
import { predictionCost } from "./prediction-cost.ts"
import { clients, links, modes, type Run, runAll } from "./prediction-runs.ts"
import type { Table, Value } from "./table.ts"

export const prediction = async (): Promise<ReadonlyArray<Table>> => {
  const cost = await predictionCost()
  const runs = await runAll()
  return [overall(runs), byTrace(runs), cost]
}

const overall = (runs: ReadonlyArray<Run>): Table => ({
  title: "prediction",
  note: [
    `${names().length} recorded sessions; ours in virtual time, stock in real time. Of the keys that change the screen: the`,
    `share shown within ${PROMPT} ms, and ms until shown. Of all keys: the share that made something wrong appear; how many`,
    "cells were wrong, and ms until all was right again. Our server reports who echoes input as its probe found it in another",
    "run of the same sessions (test/traces/echo.ts); of nano, emacs and mutt, and of commit, nothing is reported.",
    "(BENCH_PREDICTION_LINKS=100,300: only those round trips; BENCH_PREDICTION_STOCK=0: without stock.)"
  ].join("\n"),
  columns: ["", "client", `≤ ${PROMPT} ms`, "median", "p95", "wrong", "cells", "repair", "longest", "keys"],
  rows: links().flatMap((link) =>
    modes("ours").flatMap((mode) =>
      clients().flatMap((client) => {
        const chosen = runs.filter((run) => run.client === client && run.mode === mode && run.link === link)
        return chosen.length === 0 ? [] : [[`${linkName(link)}, ${mode}`, client, ...numbers(chosen)]]
      })
    )
  )
})

const numbers = (runs: ReadonlyArray<Run>): ReadonlyArray<Value> => {
  const all = summary(runs)
  const { keys, median, p95, prompt, repairMax, repairMedian, wrong, wrongCells } = all
  return [share(prompt), time(median), time(p95), share(wrong), wrongCells, time(repairMedian), time(repairMax), keys]
}

/** The links for the table by program. */
const isTelling = ({ loss, rtt }: Link): boolean => loss === 0 && (rtt === 100 || rtt === 300)

const byTrace = (runs: ReadonlyArray<Run>): Table => {
  const cells = (trace: string, link: Link, pick: (of: Summary) => Value): ReadonlyArray<Value> =>
    clients().map((client) => {
      const chosen = runs.filter(
        (run) => run.trace === trace && run.link === link && run.client === client && run.mode === "adaptive"
      )
      return chosen.length === 0 ? undefined : pick(summary(chosen))
    })
  const head = (what: string) => clients().map((client: Maker) => `${client} ${what}`)
  return {
    title: "prediction by program",
    note: "adaptive; as above",
    columns: ["", "link", ...head(`≤ ${PROMPT} ms`), ...head("wrong"), ...head("cells"), "keys"],
    rows: names().flatMap((trace) =>
      links()
        .filter(isTelling)
        .map((link) => [
          trace,
          linkName(link),
          ...cells(trace, link, ({ prompt }) => share(prompt)),
          ...cells(trace, link, ({ wrong }) => share(wrong)),
          ...cells(trace, link, ({ wrongCells }) => wrongCells),
          cells(trace, link, ({ keys }) => keys)[0]
        ])
    )
  }
}

const summary = (runs: ReadonlyArray<Run>): Summary => summarize(runs.map(({ score }) => score))

const linkName = ({ loss, rtt }: Link): string => (loss === 0 ? `${rtt} ms` : `${rtt} ms, ${100 * loss} % lost`)

const share = (of: number): Value => (Number.isNaN(of) ? undefined : `${(100 * of).toFixed(1)} %`)

const time = (ms: number): Value => (Number.isNaN(ms) ? undefined : ms === Infinity ? "never" : ms.toFixed(0))
