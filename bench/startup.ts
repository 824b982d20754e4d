import { spawn } from "node:child_process"
import { program, startServer, end, type Maker } from "../test/support/peers.ts"
import { ENVIRONMENT, makers, startClient } from "./ends.ts"
import { summary } from "./measure.ts"
import { ratio, type Table } from "./table.ts"

const ROUNDS = 15

/** Time from the start of `mosh-server new` to its CONNECT line, ms. */
const serverStart = async (maker: Maker): Promise<number> => {
  const [file = "", ...first] = program(maker, "mosh-server")
  const start = performance.now()
  const child = spawn(file, [...first, "new", "-i", "127.0.0.1", "-p", "0", "--", "cat"], {
    env: { ...ENVIRONMENT },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let connected = Number.NaN
  let stderr = ""
  child.stdout.on("data", (bytes: Buffer) => {
    if (bytes.includes("MOSH CONNECT")) connected = performance.now() - start
  })
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()))
  await new Promise((resolve) => child.on("close", resolve))
  end(Number(/pid = (\d+)/.exec(stderr)?.[1] ?? Number.NaN))
  return connected
}

interface ClientStart {
  readonly first: number
  readonly content: number
}

/** Times from the start of the client to its first output, and to the first word of a server of the same implementation, ms. */
const clientStart = async (maker: Maker): Promise<ClientStart> => {
  const server = await startServer(maker, { command: ["sh", "-c", "echo ready; exec cat"], environment: ENVIRONMENT })
  const start = performance.now()
  const client = await startClient(maker, server)
  let first = Number.NaN
  await client.until((drawn) => {
    if (Number.isNaN(first)) first = performance.now() - start
    return drawn.includes("ready")
  })
  const content = performance.now() - start
  await client.end()
  server[Symbol.dispose]()
  return { first, content }
}

export const startup = async (): Promise<Table> => {
  const samples = new Map(
    makers.map((maker) => [
      maker,
      { connect: new Array<number>(), first: new Array<number>(), content: new Array<number>() }
    ])
  )
  for (let round = 0; round < ROUNDS; round++)
    for (const [maker, { connect, first, content }] of samples) {
      connect.push(await serverStart(maker))
      const drawn = await clientStart(maker)
      first.push(drawn.first)
      content.push(drawn.content)
    }
  const median = (maker: Maker, what: "connect" | "first" | "content") => {
    const taken = samples.get(maker)?.[what]
    return taken === undefined ? undefined : summary(taken).median
  }
  const row = (name: string, what: "connect" | "first" | "content") => {
    const [ours, stock] = [median("ours", what), median("stock", what)]
    return [name, ours, stock, ratio(ours, stock), ROUNDS]
  }
  return {
    title: "startup",
    note: "ms from starting the process, medians, the makers taking turns",
    columns: ["", "ours", "stock", "ratio", "rounds"],
    rows: [
      row("mosh-server new to its CONNECT line", "connect"),
      row("mosh-client to the first thing drawn", "first"),
      row("mosh-client to its server's first screen", "content")
    ]
  }
}
