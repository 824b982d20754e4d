/**
 * Forwardings and commands without a terminal, beside ssh's through the same sshd: on loopback, and on narrow links between two
 * network namespaces.
 */
import { statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { isPossible, link, loopback, type Network, type Shape } from "./forwarding-link.ts"
import {
  type By,
  ending,
  fetch,
  freePort,
  measured,
  service,
  speed,
  type Stage,
  stage,
  terminal,
  without
} from "./forwarding-session.ts"
import { summary } from "./measure.ts"
import { cpuTime, footprint } from "./process.ts"
import { ratio, type Table, type Value } from "./table.ts"

const PARTS = ["loopback", "link", "loss", "keys", "memory", "idle"] as const

export const OPTIONS: ReadonlyArray<readonly [string, string]> = [["only PART,…", `only these of ${PARTS.join(", ")}`]]

const NARROW: Shape = { rate: 10_000_000, delay: 25, loss: 0 }
const WAYS = ["-L", "-R", "-D", "-T", "scp"] as const
type Way = (typeof WAYS)[number]

interface Case {
  readonly part: (typeof PARTS)[number]
  readonly what: string
  readonly network: () => Network | Promise<Network>
  readonly bytes: number
  readonly runs: number
  readonly ways: ReadonlyArray<Way>
}

const CASES: ReadonlyArray<Case> = [
  { part: "loopback", what: "loopback", network: () => loopback, bytes: 16_000_000, runs: 2, ways: WAYS },
  {
    part: "link",
    what: "10 Mbit/s, 50 ms",
    network: () => link(NARROW),
    bytes: 8_000_000,
    runs: 1,
    ways: ["-L", "-R", "-T", "scp"]
  },
  {
    part: "loss",
    what: "the same, 2 % lost each way",
    network: () => link({ ...NARROW, loss: 0.02 }),
    bytes: 4_000_000,
    runs: 1,
    ways: ["-L", "-T", "scp"]
  }
]

const BOTH: ReadonlyArray<By> = ["ours", "ssh"]

/** Prints what is being measured. */
const progress = (what: string): void => void (process.stderr.isTTY && process.stderr.write(`${what}\n`))

export const forwarding = async (options: Readonly<Record<string, string>>): Promise<ReadonlyArray<Table>> => {
  const chosen = options["only"]?.split(",") ?? PARTS
  const canLink = isPossible()
  const isChosen = (part: (typeof PARTS)[number]): boolean =>
    chosen.includes(part) && (canLink || part === "loopback" || part === "memory")
  const tables: Array<Table> = []
  const speeds: Array<ReadonlyArray<Value>> = []
  for (const one of CASES) if (isChosen(one.part)) speeds.push(...(await throughput(one)))
  if (speeds.length > 0)
    tables.push({
      title: "forwarding: throughput",
      note: "MB/s from the first byte to the last; of scp, with the login; TCP on the links by cubic",
      columns: ["network", "", "ours", "ssh", "ours ÷ ssh"],
      rows: speeds
    })
  if (isChosen("keys")) tables.push(await keys())
  if (isChosen("memory")) tables.push(await memory())
  if (isChosen("idle")) tables.push(await idle())
  return tables
}

const throughput = async ({ bytes, network, runs, ways, what }: Case): Promise<ReadonlyArray<ReadonlyArray<Value>>> => {
  await using here = await stage(await network())
  const { server } = here.network
  const file = join(here.sshd.directory, "file")
  writeFileSync(file, Buffer.alloc(bytes, 120))
  const target = await freePort()
  using _source = await service(ending(server, "source", target, bytes))
  const rows = []
  for (const way of ways) {
    const taken: Record<By, Array<number>> = { ours: [], ssh: [] }
    for (let run = 0; run < runs; run++)
      for (const by of BOTH) {
        progress(`${what} ${way} ${by}`)
        taken[by].push(await transfer(here, by, way, { bytes, file, target }))
      }
    const [ours, ssh] = [summary(taken.ours).median, summary(taken.ssh).median]
    rows.push([what, way, ours, ssh, ratio(ours, ssh)])
  }
  return rows
}

interface What {
  readonly file: string
  readonly bytes: number
  /** The port of a source at the server. */
  readonly target: number
}

/** MB/s. */
const transfer = async (here: Stage, by: By, way: Way, { bytes, file, target }: What): Promise<number> => {
  const { mosh, network, sshd } = here
  if (way === "-T") return speed((await measured(without(here, by, sshd.host, `cat ${file}`))).rate)
  if (way === "scp") {
    const copy = join(sshd.directory, "copy")
    const program = by === "ssh" ? [] : ["-S", mosh]
    const words = ["scp", "-q", "-F", sshd.clientConfig, ...program, `${sshd.host}:${file}`, copy]
    const { milliseconds } = await measured([...network.client, ...words])
    if (statSync(copy).size !== bytes) throw new Error("scp copied something else")
    return speed({ bytes, milliseconds })
  }
  const port = await freePort()
  if (way === "-R") {
    // From the client to the server: the service is at the client.
    const own = await freePort()
    using _source = await service(ending(network.client, "source", own, bytes))
    using _session = await session(here, by, "-R", `${port}:127.0.0.1:${own}`)
    return speed(await fetch(network.server, port))
  }
  using _session = await session(here, by, way, way === "-D" ? String(port) : `${port}:127.0.0.1:${target}`)
  return speed(await fetch(network.client, port, ...(way === "-D" ? [target] : [])))
}

/** A session that forwards, until it is disposed of. */
const session = (here: Stage, by: By, ...options: ReadonlyArray<string>) =>
  service(without(here, by, ...options, here.sshd.host, "echo ready; exec cat"))

const IDLE_KEYS = 40
const BUSY_KEYS = 250
/** Between keys, ms. */
const PAUSE = 50

const keys = async (): Promise<Table> => {
  const rows = []
  for (const by of BOTH) {
    progress(`keys ${by}`)
    await using here = await stage(await link(NARROW))
    const [port, target] = [await freePort(), await freePort()]
    using _source = await service(ending(here.network.server, "source", target, 1e9))
    await using session = await terminal(here, by, "-L", `${port}:127.0.0.1:${target}`)
    const type = async (count: number): Promise<ReadonlyArray<number>> => {
      const samples = []
      for (let i = 0; i < count; i++) {
        samples.push(await session.key("xz".charAt(i % 2)))
        await sleep(PAUSE)
      }
      return samples
    }
    const idle = summary(await type(IDLE_KEYS))
    using _transfer = await service(ending(here.network.client, "drain", port))
    await sleep(2000)
    const busy = summary(await type(BUSY_KEYS))
    rows.push([by, idle.median, busy.median, busy.p95, busy.p99, busy.p99 - idle.median])
  }
  return {
    title: "forwarding: keystrokes during a transfer",
    note: `ms from key to screen, 10 Mbit/s and 50 ms; a transfer through -L of the same session fills the link`,
    columns: ["", "median, idle", "median, busy", "p95", "p99", "p99 − idle median"],
    rows
  }
}

const CONNECTIONS = 60
const LOAD = 16_000_000

const memory = async (): Promise<Table> => {
  const rows: Array<ReadonlyArray<Value>> = []
  await using here = await stage(loopback)
  const [port, target] = [await freePort(), await freePort()]
  using _source = await service(ending([], "source", target, LOAD))
  await using session = await terminal(here, "ours", "-L", `${port}:127.0.0.1:${target}`)
  await sleep(2000)
  const ends = { client: session.pid, server: session.serverPid }
  const look = (pid: number): number => footprint(pid)?.rss ?? Number.NaN
  const before = { client: look(ends.client), server: look(ends.server) }
  const most = { ...before }
  const watch = setInterval(() => {
    for (const end of ["client", "server"] as const) most[end] = Math.max(most[end], look(ends[end]))
  }, 100)
  const add = (what: string): void => {
    for (const end of ["client", "server"] as const)
      rows.push([what, end, before[end], most[end], most[end] - before[end]])
  }
  progress("memory: transfers")
  await Promise.all(Array.from({ length: 8 }, () => fetch([], port)))
  add("8 transfers of 16 MB at once")
  {
    progress("memory: stalled connections")
    using held = await service(ending([], "hold", port, CONNECTIONS))
    await fetch([], port)
    await sleep(3000)
    held.stdin?.end()
  }
  add(`${CONNECTIONS} connections that are not read, beside another transfer`)
  clearInterval(watch)
  return {
    title: "forwarding: memory",
    note: "MB of RSS: of an idle session, and the largest since",
    columns: ["load", "end", "before", "largest", "growth"],
    rows
  }
}

const MINUTE = 60_000

const idle = async (): Promise<Table> => {
  progress("idle")
  const port = () => freePort()
  const measure = async (what: string, options: ReadonlyArray<string>): Promise<ReadonlyArray<Value>> => {
    await using here = await stage(await link({ rate: 0, delay: 0.5, loss: 0 }))
    await using session = await terminal(here, "ours", ...options)
    await sleep(5000)
    const look = () => ({
      client: cpuTime(session.pid) ?? Number.NaN,
      server: cpuTime(session.serverPid) ?? Number.NaN,
      packets: here.network.packets() ?? Number.NaN
    })
    const before = look()
    await sleep(MINUTE)
    const after = look()
    return [what, after.client - before.client, after.server - before.server, after.packets - before.packets]
  }
  const forwards = ["-L", `${await port()}:127.0.0.1:9`, "-D", `${await port()}`, "-R", `${await port()}:127.0.0.1:9`]
  return {
    title: "forwarding: idle",
    note: "of a session in which nothing happens, in one minute",
    columns: ["", "client, ms of CPU", "server, ms of CPU", "packets both ways"],
    rows: await Promise.all([measure("without forwardings", []), measure("with -L, -D and -R", forwards)])
  }
}
