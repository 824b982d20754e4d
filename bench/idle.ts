/**
 * The cost of an idle session.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { startServer, type Maker } from "../test/support/peers.ts"
import { Relay } from "../test/support/relay.ts"
import { ENVIRONMENT, makers, startClient } from "./ends.ts"
import { threadTime } from "./process.ts"
import { ratio, type Table } from "./table.ts"

const MINUTES = 3
const SETTLE = 10_000

interface Cost {
  readonly server: number
  readonly client: number
  readonly packets: number
}

/** All sessions at once, because they are idle. */
const measure = async (maker: Maker): Promise<Cost> => {
  const server = await startServer(maker, { command: ["sh"], environment: ENVIRONMENT })
  const relay = await Relay.start(() => server.port)
  const client = await startClient(maker, { port: relay.port, key: server.key })
  const look = (): Cost => ({
    server: threadTime(server.pid) ?? Number.NaN,
    client: threadTime(client.pid) ?? Number.NaN,
    packets: relay.seen.client + relay.seen.server
  })
  await sleep(SETTLE)
  const before = look()
  await sleep(MINUTES * 60_000)
  const after = look()
  await client.end()
  await relay[Symbol.asyncDispose]()
  server[Symbol.dispose]()
  return {
    server: (after.server - before.server) / MINUTES,
    client: (after.client - before.client) / MINUTES,
    packets: (after.packets - before.packets) / MINUTES
  }
}

export const idle = async (): Promise<Table> => {
  const taken = new Map(await Promise.all(makers.map(async (maker) => [maker, await measure(maker)] as const)))
  const row = (name: string, what: keyof Cost) => {
    const [ours, stock] = [taken.get("ours")?.[what], taken.get("stock")?.[what]]
    return [name, ours, stock, ratio(ours, stock)]
  }
  return {
    title: "idle",
    note: `per minute, over ${MINUTES} minutes`,
    columns: ["", "ours", "stock", "ratio"],
    rows: [row("ms of CPU, server", "server"), row("ms of CPU, client", "client"), row("packets both ways", "packets")]
  }
}
