import { setTimeout as sleep } from "node:timers/promises"
import { startServer, type Maker } from "../test/support/peers.ts"
import { ENVIRONMENT, makers, startClient } from "./ends.ts"
import { summary } from "./measure.ts"
import { ratio, type Table } from "./table.ts"

const ROUNDS = 3
const KEYS = 80
/** Letters that occur in no escape sequence of a client, so that a drawn one is the echo of its key. */
const LETTERS = "qwzxvy"
/** Intervals between keys, ms: uneven, so that keys meet the timers of both ends at different phases. */
const PAUSES = [47, 61, 83, 59, 101, 73, 67]

/** Time from each key's write to the first output that shows it, ms. The kernel echoes, as with `cat`. */
const typing = async (clientMaker: Maker, serverMaker: Maker): Promise<ReadonlyArray<number>> => {
  const server = await startServer(serverMaker, {
    command: ["sh", "-c", "echo READY; exec cat"],
    environment: ENVIRONMENT
  })
  const client = await startClient(clientMaker, server)
  const samples: Array<number> = []
  try {
    await client.until((drawn) => drawn.includes("READY"))
    await sleep(500)
    for (let key = 0; key < KEYS; key++) {
      const letter = LETTERS[key % LETTERS.length] ?? "q"
      const start = performance.now()
      const shown = client.until((drawn) => drawn.includes(letter))
      client.write(letter)
      await shown
      samples.push(performance.now() - start)
      await sleep(PAUSES[key % PAUSES.length])
    }
  } finally {
    await client.end()
    server[Symbol.dispose]()
  }
  return samples
}

export const keystroke = async (): Promise<Table> => {
  const pairings = makers.flatMap((client) =>
    makers.map((server) => ({ client, server, samples: new Array<number>() }))
  )
  for (let round = 0; round < ROUNDS; round++)
    for (const { client, server, samples } of pairings) samples.push(...(await typing(client, server)))
  const stock = pairings.find(({ client, server }) => client === "stock" && server === "stock")
  const reference = stock === undefined ? undefined : summary(stock.samples).median
  return {
    title: "keystroke",
    note: "ms from key to screen on loopback, without prediction, pairings taking turns",
    columns: ["client → server", "median", "p95", "over stock", "ratio", "keys"],
    rows: pairings.map(({ client, server, samples }) => {
      const { median, p95, count } = summary(samples)
      const over = reference === undefined ? undefined : (median - reference).toFixed(1)
      return [`${client} → ${server}`, median, p95, over, ratio(median, reference), count]
    })
  }
}
