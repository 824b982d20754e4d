import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { startServer, type Maker } from "../test/support/peers.ts"
import { ENVIRONMENT, makers, startClient } from "./ends.ts"
import { type Footprint, footprint } from "./process.ts"
import { ratio, type Table } from "./table.ts"

const OUTPUT = 100_000_000
/** Time after a change until memory is measured: both ends are silent by then. */
const SETTLE = 3000

type Footprints = Readonly<Record<"idle" | "after", { readonly server?: Footprint; readonly client?: Footprint }>>

const measure = async (maker: Maker): Promise<Footprints> => {
  const directory = mkdtempSync(join(tmpdir(), "effect-mosh-bench-"))
  const script = `read go; yes 'some output that goes on and on' | head -c ${OUTPUT}; touch ${directory}/done; exec cat`
  const server = await startServer(maker, { command: ["sh", "-c", script], environment: ENVIRONMENT })
  const client = await startClient(maker, server)
  const look = () => {
    const [ofServer, ofClient] = [footprint(server.pid), footprint(client.pid)]
    return { ...(ofServer && { server: ofServer }), ...(ofClient && { client: ofClient }) }
  }
  try {
    await sleep(SETTLE)
    const idle = look()
    client.write("go\r")
    while (!existsSync(join(directory, "done"))) await sleep(100)
    await sleep(SETTLE)
    return { idle, after: look() }
  } finally {
    await client.end()
    server[Symbol.dispose]()
    rmSync(directory, { recursive: true })
  }
}

export const memory = async (): Promise<Table> => {
  const taken = new Map<Maker, Footprints>()
  for (const maker of makers) taken.set(maker, await measure(maker))
  const row = (end: "server" | "client", when: "idle" | "after") => {
    const ours = taken.get("ours")?.[when][end]
    const stock = taken.get("stock")?.[when][end]
    const moment = when === "idle" ? "idle" : `after ${OUTPUT / 1e6} MB of output`
    return [`${end}, ${moment}`, ours?.rss, ours?.own, stock?.rss, stock?.own, ratio(ours?.rss, stock?.rss)]
  }
  return {
    title: "memory",
    note: "MB, one session of 80×24",
    columns: ["", "ours RSS", "private", "stock RSS", "private", "ratio of RSS"],
    rows: [row("server", "idle"), row("server", "after"), row("client", "idle"), row("client", "after")]
  }
}
