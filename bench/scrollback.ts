/**
 * What native scrollback costs programs that print 20 MB: with it, without it at the client, and with a server that keeps no rows.
 * Every run is a new session on loopback; the ways take turns.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { startServer } from "../test/support/peers.ts"
import { prepare, type Work } from "./bulk-works.ts"
import { ENVIRONMENT, startClient } from "./ends.ts"
import { summary } from "./measure.ts"
import { cpuTime } from "./process.ts"
import { ratio, type Table, type Value } from "./table.ts"

const RUNS = 10
const SIZE = { columns: 80, rows: 24 }
/** How long after the prompt the last rows of a full ring arrive, ms: half a second of calm, and the drawing. */
const LAST_ROWS = 2500

/** Whether rows are kept, and whether the client draws them. */
export type Way = "on" | "off" | "not kept"

export interface Cost {
  readonly wall: number
  readonly server: number
  readonly client: number
}

/** Runs a command until `=END=` is drawn, which the typed text does not contain, and until its rows have arrived. */
export const run = async (way: Way, command: string): Promise<Cost> => {
  const kept = way === "not kept" ? { MOSH_SERVER_SCROLLBACK: "0" } : {}
  const server = await startServer("ours", { command: ["sh"], environment: { ...ENVIRONMENT, PS1: "$ ", ...kept } })
  const client = await startClient("ours", server, {
    size: SIZE,
    environment: { MOSH_SCROLLBACK: way === "off" ? "off" : "auto" }
  })
  try {
    await client.until((drawn) => drawn.includes("$"))
    await sleep(1000)
    const cpu = () => ({ server: cpuTime(server.pid) ?? Number.NaN, client: cpuTime(client.pid) ?? Number.NaN })
    const [before, start] = [cpu(), performance.now()]
    const over = client.until((drawn) => drawn.includes("=END="), 120_000)
    client.write(`${command}; echo =EN''D=\r`)
    await over
    const wall = performance.now() - start
    await sleep(LAST_ROWS)
    const after = cpu()
    return { wall, server: after.server - before.server, client: after.client - before.client }
  } finally {
    await client.end()
    server[Symbol.dispose]()
  }
}

const LABELS: Readonly<Record<keyof Cost, string>> = {
  wall: "ms until the prompt",
  server: "ms of CPU, server",
  client: "ms of CPU, client"
}

const WAYS: ReadonlyArray<Way> = ["on", "off", "not kept"]

const rowsOf = async ({ command, name }: Work): Promise<ReadonlyArray<ReadonlyArray<Value>>> => {
  const taken = new Map(WAYS.map((way) => [way, new Array<Cost>()]))
  for (let round = 0; round < RUNS; round++) for (const [way, costs] of taken) costs.push(await run(way, command))
  return (["wall", "server", "client"] as const).map((what) => {
    const [on, off, none] = WAYS.map((way) => summary((taken.get(way) ?? []).map((cost) => cost[what])).median)
    return [`${name}: ${LABELS[what]}`, on, off, ratio(on, off), none, ratio(on, none)]
  })
}

export const scrollback = async (): Promise<Table> => {
  using works = prepare()
  const rows: Array<ReadonlyArray<Value>> = []
  for (const work of works.scrollback) rows.push(...(await rowsOf(work)))
  return {
    title: "scrollback",
    note: `80×24 on loopback, medians of ${RUNS} runs; "off": at the client; "not kept": MOSH_SERVER_SCROLLBACK=0`,
    columns: ["", "on", "off", "ratio", "not kept", "ratio"],
    rows
  }
}
