/**
 * What typing costs each end in CPU time.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { startServer, type Maker } from "../test/support/peers.ts"
import { ENVIRONMENT, makers, startClient } from "./ends.ts"
import { cpuTime } from "./process.ts"
import { ratio, type Table } from "./table.ts"

const KEYS = 500
const LINE = 40
/** Intervals between keys, ms: uneven, so that keys meet the timers of both ends at different phases. */
const PAUSES = [47, 61, 83, 59, 101, 73, 67]
/** Start-up work and its garbage collection end within this time, ms; so do the last acknowledgements. */
const SETTLE = 3000

interface Cost {
  readonly server: number
  readonly client: number
}

/** The first keys include what V8 compiles for them; it compiles little for further ones. */
interface Costs {
  readonly first: Cost
  readonly further: Cost
}

/** Types lines into `cat`, whose terminal echoes them; predictions are made as they are by default. */
const measure = async (maker: Maker): Promise<Costs> => {
  const server = await startServer(maker, {
    command: ["sh", "-c", "echo READY; exec cat"],
    environment: ENVIRONMENT
  })
  const client = await startClient(maker, server, { environment: { MOSH_PREDICTION_DISPLAY: "adaptive" } })
  const look = (): Cost => ({
    server: cpuTime(server.pid) ?? Number.NaN,
    client: cpuTime(client.pid) ?? Number.NaN
  })
  try {
    await client.until((drawn) => drawn.includes("READY"))
    await sleep(SETTLE)
    const type = async (): Promise<Cost> => {
      const before = look()
      for (let key = 1; key <= KEYS; key++) {
        client.write(key % LINE === 0 ? "\r" : "abcdefghijklmnopqrstuvwxyz".charAt(key % 26))
        await sleep(PAUSES[key % PAUSES.length])
      }
      await sleep(SETTLE)
      const after = look()
      return { server: after.server - before.server, client: after.client - before.client }
    }
    return { first: await type(), further: await type() }
  } finally {
    await client.end()
    server[Symbol.dispose]()
  }
}

/** All makers at once: they share the machine's other load. */
export const typingCpu = async (): Promise<Table> => {
  const costs = new Map(await Promise.all(makers.map(async (maker) => [maker, await measure(maker)] as const)))
  const row = (keys: keyof Costs, end: keyof Cost) => {
    const [ours, stock] = [costs.get("ours")?.[keys][end], costs.get("stock")?.[keys][end]]
    return [
      `CPU of ${keys === "first" ? "the first" : "further"} ${KEYS} keystrokes, ${end}`,
      ours,
      stock,
      ratio(ours, stock)
    ]
  }
  return {
    title: "typing-cpu",
    note: `ms of CPU, ${KEYS} keys at 14 a second on loopback, both at the same time`,
    columns: ["", "ours", "stock", "ratio"],
    rows: [row("first", "server"), row("first", "client"), row("further", "server"), row("further", "client")]
  }
}
