/**
 * Programs that print much, on screens of 200×60: the time until the prompt, the cost for both ends and the network, and how
 * fast Ctrl-C stops a flood.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { startServer, type Maker } from "../test/support/peers.ts"
import { Relay } from "../test/support/relay.ts"
import { prepare, type Works } from "./bulk-works.ts"
import { type Client, ENVIRONMENT, makers, startClient } from "./ends.ts"
import { summary } from "./measure.ts"
import { cpuTime } from "./process.ts"
import { ratio, type Table, type Value } from "./table.ts"

const RUNS = 5
/** How long a flood lasts, ms. */
const FLOOD = 10_000
const SIZE = { columns: 200, rows: 60 }
const SLOW = { delay: 50, bandwidth: 1e6, queue: 1e6 / 8 }

interface Ends extends AsyncDisposable {
  readonly client: Client
  readonly relay: Relay
  readonly cpu: () => { readonly server: number; readonly client: number }
  readonly bytes: () => number
}

const open = async (maker: Maker): Promise<Ends> => {
  const server = await startServer(maker, { command: ["sh"], environment: { ...ENVIRONMENT, PS1: "$ " } })
  const relay = await Relay.start(() => server.port)
  const client = await startClient(maker, { port: relay.port, key: server.key }, { size: SIZE })
  await client.until((drawn) => drawn.includes("$"))
  await sleep(1000)
  return {
    client,
    relay,
    cpu: () => ({ server: cpuTime(server.pid) ?? Number.NaN, client: cpuTime(client.pid) ?? Number.NaN }),
    bytes: () => relay.traffic.toServer.bytes + relay.traffic.toClient.bytes,
    [Symbol.asyncDispose]: async () => {
      await client.end()
      await relay[Symbol.asyncDispose]()
      server[Symbol.dispose]()
    }
  }
}

interface Cost {
  readonly wall: number
  readonly server: number
  readonly client: number
  readonly kilobytes: number
}

/** Runs a command until `=END=` is drawn, which the typed text does not contain. */
const run = async (maker: Maker, command: string): Promise<Cost> => {
  await using ends = await open(maker)
  const [before, bytes, start] = [ends.cpu(), ends.bytes(), performance.now()]
  const over = ends.client.until((drawn) => drawn.includes("=END="), 120_000)
  ends.client.write(`${command}; echo =EN''D=\r`)
  await over
  const wall = performance.now() - start
  await sleep(500)
  const after = ends.cpu()
  return {
    wall,
    server: after.server - before.server,
    client: after.client - before.client,
    kilobytes: (ends.bytes() - bytes) / 1000
  }
}

interface Stop {
  readonly wall: number
  readonly kilobytes: number
}

/** Starts a flood over a slow network, and stops it. Returns the time from Ctrl-C to the prompt, ms, and the flood's cost. */
const stop = async (maker: Maker, flood: string): Promise<Stop> => {
  await using ends = await open(maker)
  ends.relay.shape("both", SLOW)
  await sleep(3000)
  ends.client.write(`${flood}\r`)
  await sleep(1000)
  const bytes = ends.bytes()
  await sleep(FLOOD)
  const kilobytes = (ends.bytes() - bytes) / 1000
  const start = performance.now()
  const prompt = ends.client.until((drawn) => drawn.includes("$"), 60_000)
  ends.client.write("\x03")
  await prompt
  return { wall: performance.now() - start, kilobytes }
}

const medians = <Sample extends object>(samples: ReadonlyArray<Sample>, what: keyof Sample): number =>
  summary(samples.map((sample) => Number(sample[what]))).median

const turns = async <Sample>(runs: number, take: (maker: Maker) => Promise<Sample>) => {
  const taken = new Map(makers.map((maker) => [maker, new Array<Sample>()]))
  for (let round = 0; round < runs; round++) for (const [maker, samples] of taken) samples.push(await take(maker))
  return taken
}

const printing = async ({ works }: Works): Promise<Table> => {
  const rows: Array<ReadonlyArray<Value>> = []
  for (const { command, name } of works) {
    const taken = await turns(RUNS, (maker) => run(maker, command))
    const of = (maker: Maker, what: keyof Cost) => {
      const samples = taken.get(maker)
      return samples === undefined ? undefined : medians(samples, what)
    }
    for (const what of ["wall", "server", "client", "kilobytes"] as const) {
      const [ours, stock] = [of("ours", what), of("stock", what)]
      rows.push([`${name}: ${LABELS[what]}`, ours, stock, ratio(ours, stock)])
    }
  }
  return {
    title: "bulk",
    note: `200×60 on loopback, the same program at both ends, medians of ${RUNS} runs, the makers taking turns`,
    columns: ["", "ours", "stock", "ratio"],
    rows
  }
}

const LABELS: Readonly<Record<keyof Cost, string>> = {
  wall: "ms until the prompt",
  server: "ms of CPU, server",
  client: "ms of CPU, client",
  kilobytes: "kB on the wire"
}

const flooding = async ({ flood }: Works): Promise<Table> => {
  const taken = await turns(RUNS, (maker) => stop(maker, flood))
  const row = (name: string, what: keyof Stop) => {
    const [ours, stock] = (["ours", "stock"] as const).map((maker) => {
      const samples = taken.get(maker)
      return samples === undefined ? undefined : medians(samples, what)
    })
    return [name, ours, stock, ratio(ours, stock)]
  }
  return {
    title: "flood",
    note: `yes, at 100 ms and 1 Mbit/s with a queue of 1 s; medians of ${RUNS} runs`,
    columns: ["", "ours", "stock", "ratio"],
    rows: [row("ms from Ctrl-C to the prompt", "wall"), row("kB on the wire in 10 s", "kilobytes")]
  }
}

export const bulk = async (): Promise<ReadonlyArray<Table>> => {
  using works = prepare()
  return [await printing(works), await flooding(works)]
}
