/**
 * Typing over bad networks, and recovering from them: real programs, ours and stock's, on either end of a simulated link.
 */
import { monitorEventLoopDelay } from "node:perf_hooks"
import { makers } from "./ends.ts"
import { summary } from "./measure.ts"
import type { Pairing } from "./network-ends.ts"
import { SCENARIOS, type Scenario, TROUBLES, type Trouble } from "./network-links.ts"
import { idle, recovery } from "./network-recovery.ts"
import { type Typing, typing } from "./network-typing.ts"
import { ratio, type Table, type Value } from "./table.ts"

export const OPTIONS: ReadonlyArray<readonly [string, string]> = [
  ["scenario NAME,…", `only these of ${[...SCENARIOS, ...TROUBLES].map(({ name }) => name).join(", ")}, idle`],
  ["pairing CLIENT-SERVER,…", "only these, such as ours-stock"],
  ["prediction WHEN", "only off, or adaptive"],
  ["keys N", "how many keys a row has, 300 without"],
  ["runs N", "how often to recover, 5 without"]
]

const COLUMNS: ReadonlyArray<string> = [
  "network",
  "client-server",
  "prediction",
  "min",
  "median",
  "mean",
  "p95",
  "p99",
  "max",
  "of stock: mean",
  "p99",
  "packets a key up",
  "down",
  "bytes a key up",
  "down",
  "wrong",
  "keys"
]

/** Number of concurrent sessions: more delay each other, six by 7 ms and more. */
const SESSIONS = 2

/** Prints what is being measured. */
const progress = (what: string): void => void (process.stderr.isTTY && process.stderr.write(`${what}\n`))

const name = ({ client, server }: Pairing): string => `${client}-${server}`

export const network = async (options: Readonly<Record<string, string>>): Promise<ReadonlyArray<Table>> => {
  const isChosen = (option: string, value: string): boolean => options[option]?.split(",").includes(value) ?? true
  const pairings = makers
    .flatMap((client) => makers.map((server) => ({ client, server })))
    .filter((pairing) => isChosen("pairing", name(pairing)))
  const scenarios = SCENARIOS.filter((scenario) => isChosen("scenario", scenario.name))
  const troubles = TROUBLES.filter((trouble) => isChosen("scenario", trouble.name))
  const keys = Number(options["keys"] ?? 300)
  const runs = Number(options["runs"] ?? 5)
  const lateness = monitorEventLoopDelay({ resolution: 1 })
  lateness.enable()

  const typed: Array<ReadonlyArray<Value>> = []
  for (const prediction of [false, true].filter((on) => isChosen("prediction", on ? "adaptive" : "off")))
    for (const scenario of scenarios) {
      progress(scenario.name)
      typed.push(...(await typingRows(pairings, scenario, keys, prediction)))
    }
  const recovered: Array<ReadonlyArray<Value>> = []
  for (const trouble of troubles) {
    progress(trouble.name)
    recovered.push(...(await recoveryRows(pairings, trouble, runs)))
  }
  if (isChosen("scenario", "idle")) progress("idle")
  if (isChosen("scenario", "idle")) recovered.push(...(await idleRows(pairings)))

  lateness.disable()
  const late = `this process was late by ${(lateness.percentile(99) / 1e6 - 1).toFixed(1)} ms in one of 100 looks at the clock`
  const tables: ReadonlyArray<Table> = [
    {
      title: "network: typing",
      note: `ms from key to screen, a key every 150 ms, pairings taking turns; ${late}`,
      columns: COLUMNS,
      rows: typed
    },
    {
      title: "network: recovering",
      note: "ms from the network's return to the right screen, at 100 ms of round trip, nobody typing",
      columns: ["trouble", "client-server", "min", "median", "max", "runs"],
      rows: recovered
    }
  ]
  return tables.filter(({ rows }) => rows.length > 0)
}

const typingRows = async (
  pairings: ReadonlyArray<Pairing>,
  scenario: Scenario,
  keys: number,
  prediction: boolean
): Promise<ReadonlyArray<ReadonlyArray<Value>>> => {
  const sessions = Math.min(SESSIONS, keys)
  const results = []
  for (const pairing of pairings) {
    const all = await Promise.all(
      Array.from({ length: sessions }, (_, i) =>
        typing({ pairing, scenario, keys: Math.ceil(keys / sessions), seed: i * 2 + 1, prediction }).catch(untyped)
      )
    )
    const count = sessions * Math.ceil(keys / sessions)
    const perKey = (direction: "toServer" | "toClient", of: "datagrams" | "bytes") =>
      all.reduce((sum, session) => sum + session[direction][of], 0) / count
    const wrong = all.reduce((sum, session) => sum + session.wrong, 0)
    results.push({ pairing, perKey, wrong, summary: summary(all.flatMap(({ samples }) => samples)) })
  }
  const stock = results.find(({ pairing }) => name(pairing) === "stock-stock")?.summary
  return results.map(({ pairing, perKey, wrong, summary: { count, max, mean, median, min, p95, p99 } }) => [
    scenario.what,
    name(pairing),
    prediction ? "adaptive" : "off",
    min,
    median,
    mean,
    p95,
    p99,
    max,
    ratio(mean, stock?.mean),
    ratio(p99, stock?.p99),
    perKey("toServer", "datagrams"),
    perKey("toClient", "datagrams"),
    perKey("toServer", "bytes"),
    perKey("toClient", "bytes"),
    wrong,
    count
  ])
}

/** A failed session must not lose the table. */
const untyped = (error: unknown): Typing => {
  process.stderr.write(`a session failed: ${String(error)}\n`)
  return { samples: [], wrong: 0, toServer: { datagrams: 0, bytes: 0 }, toClient: { datagrams: 0, bytes: 0 } }
}

const never = (error: unknown): number => {
  process.stderr.write(`a session failed: ${String(error)}\n`)
  return Infinity
}

/** All runs of all pairings at once, because they mostly wait. */
const recoveryRows = (
  pairings: ReadonlyArray<Pairing>,
  trouble: Trouble,
  runs: number
): Promise<ReadonlyArray<ReadonlyArray<Value>>> =>
  Promise.all(
    pairings.map(async (pairing) => {
      const samples = await Promise.all(
        Array.from({ length: runs }, (_, i) => recovery(pairing, trouble, i * 2 + 1).catch(never))
      )
      const { count, max, median, min } = summary(samples)
      return [trouble.what, name(pairing), min, median, max, count]
    })
  )

const idleRows = (pairings: ReadonlyArray<Pairing>): Promise<ReadonlyArray<ReadonlyArray<Value>>> =>
  Promise.all(
    pairings.map(async (pairing) => {
      const packets = await idle(pairing, 1)
      return ["nothing: packets in a minute", name(pairing), packets, packets, packets, 1]
    })
  )
