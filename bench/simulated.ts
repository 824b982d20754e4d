/**
 * Typing in virtual time over the same networks: the delay of the protocol alone, independent of the machine.
 */
import { type Typed, typing } from "../test/simulation/TypingSession.ts"
import { summary } from "./measure.ts"
import { SCENARIOS } from "./network-links.ts"
import type { Table, Value } from "./table.ts"

const KEYS = 2000

export const simulated = async (options: Readonly<Record<string, string>>): Promise<Table> => {
  const keys = Number(options["keys"] ?? KEYS)
  const rows: Array<ReadonlyArray<Value>> = []
  for (const { name, path, toClient = {}, toServer = {}, what } of SCENARIOS) {
    if (!(options["scenario"]?.split(",").includes(name) ?? true)) continue
    const { bytes, datagrams, samples } = await typing({ path, toServer, toClient, keys, seed: 1 })
    const { max, mean, median, min, p95, p99 } = summary(samples)
    const perKey = ({ toClient, toServer }: Typed["bytes"]) => [toServer / keys, toClient / keys]
    rows.push([what, min, median, mean, p95, p99, max, ...perKey(datagrams), ...perKey(bytes), samples.length])
  }
  return {
    title: "simulated: typing in virtual time",
    note: "ms from key to screen, a key every 150 ms, ours at both ends: what the protocol takes, whatever the machine",
    columns: [
      "network",
      "min",
      "median",
      "mean",
      "p95",
      "p99",
      "max",
      "packets a key up",
      "down",
      "bytes a key up",
      "down",
      "keys"
    ],
    rows
  }
}
