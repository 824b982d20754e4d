/**
 * `npm run attack [-- COUNT]`: 1,000,000 hostile datagrams at each end of a session, as fast as loopback carries them.
 * Exits with 0 if what `docs/limits.md` promises was kept.
 */
import { argv, stdout } from "node:process"
import * as Attack from "./attack.ts"

const MILLION = 1_000_000
const ECHO_LIMIT = 100
const GROWTH_LIMIT = 10_000_000

const at = (times: ReadonlyArray<number>, share: number): string =>
  (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN).toFixed(1)

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)

const count = Number(argv[2] ?? MILLION)
for (const target of ["server", "client"] as const) {
  const outcome = await Attack.run({ target, count, seconds: 5, warming: 150 })
  const { alive, cost, flooded, grown, grownInAll, overflowed, quiet, rate, took } = outcome
  const p99 = Number(at(flooded, 0.99))
  const kept = alive && p99 <= ECHO_LIMIT && Math.max(grown.server, grown.client) <= GROWTH_LIMIT
  if (!kept) process.exitCode = 1
  stdout.write(
    [
      `${count} hostile datagrams to the ${target}, ${Math.round(rate)} a second for ${took.toFixed(1)} s:`,
      `  refused by the kernel, for want of room  ${overflowed}`,
      `  CPU                                      ${cost.toFixed(1)} µs each`,
      `  echo before, ms   p50 ${at(quiet, 0.5)}, p99 ${at(quiet, 0.99)}, of ${quiet.length} keys`,
      `  echo during, ms   p50 ${at(flooded, 0.5)}, p99 ${at(flooded, 0.99)}, most ${at(flooded, 1)}, of ${flooded.length} keys`,
      `  memory, MB more   server ${megabytes(grown.server)}, client ${megabytes(grown.client)}`,
      `  and since before  server ${megabytes(grownInAll.server)}, client ${megabytes(grownInAll.client)}`,
      `  the session       ${alive ? "lives" : "is dead"}`,
      kept ? "  kept" : "  NOT KEPT: see docs/limits.md",
      ""
    ].join("\n")
  )
}
process.exit()
