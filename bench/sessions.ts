/**
 * Many sessions in one process, with one client each in another: memory, CPU, echo, and what a flooding session costs the others.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { summary } from "./measure.ts"
import { type Child, start, type Usage } from "./sessions-process.ts"
import type { TypeOptions } from "./sessions-clients.ts"
import type { OpenOptions } from "./sessions-server.ts"
import type { Table } from "./table.ts"

export const OPTIONS: ReadonlyArray<readonly [string, string]> = [
  ["sessions N", "how many sessions: 100"],
  ["rate N", "keystrokes a second, of all sessions together: 1000"],
  ["seconds N", "how long to type at that rate: 10"],
  ["idle N", "seconds of idleness: 60"],
  ["port KIND", "shared: one UDP port; own: one for each session"],
  ["young MIN-MAX", "sizes of V8's semispaces at both ends, MB: what V8 chooses"],
  ["pretenuring off", "at both ends, V8 allocates every object among the young ones at first"],
  ["profile END", "writes a CPU profile of the server or the clients to bench/profiles"]
]

/** Bursts in which V8 compiles what they run, and further ones, which are measured. */
const WARM_UP = 20
const BURSTS = 20
const SETTLE = 3000

export const sessions = async (options: Readonly<Record<string, string>>): Promise<ReadonlyArray<Table>> => {
  const count = Number(options["sessions"] ?? 100)
  const rate = Number(options["rate"] ?? 1000)
  const seconds = Number(options["seconds"] ?? 10)
  const idle = Number(options["idle"] ?? 60)
  const kind = options["port"] === "own" ? "own" : "shared"
  const profiled = (end: string) =>
    options["profile"] === end ? ["--cpu-prof", "--cpu-prof-dir", `${import.meta.dirname}/profiles`] : []
  const [smallest, largest = smallest] = options["young"]?.split("-") ?? []
  const node = [
    ...(smallest === undefined ? [] : [`--min-semi-space-size=${smallest}`, `--max-semi-space-size=${largest}`]),
    ...(options["pretenuring"] === "off" ? ["--no-allocation-site-pretenuring"] : [])
  ]
  const server = start("sessions-server.ts", [kind], [...node, ...profiled("server")])
  const clients = start("sessions-clients.ts", [], [...node, ...profiled("clients")])
  // Another process: otherwise the other clients would wait for what it sends.
  const flooder = start("sessions-clients.ts", [], node)
  try {
    return await measure({ server, clients }, flooder, { count, rate, seconds, idle, kind })
  } finally {
    server.end()
    clients.end()
    flooder.end()
  }
}

interface Options {
  readonly count: number
  readonly rate: number
  readonly seconds: number
  readonly idle: number
  readonly kind: "own" | "shared"
}

interface Ends<A> {
  readonly server: A
  readonly clients: A
}

const measure = async (ends: Ends<Child>, flooder: Child, options: Options): Promise<ReadonlyArray<Table>> => {
  const { count, idle, kind, rate, seconds } = options
  const { clients, server } = ends
  const empty = await usage(ends, true)
  const started = performance.now()
  const open = (sessions: number, floods: boolean) => server.ask("open", { sessions, floods } satisfies OpenOptions)
  await clients.ask("connect", await open(count, false))
  const connecting = performance.now() - started
  await sleep(SETTLE)
  const connected = await usage(ends, true)

  await clients.ask("burst", WARM_UP)
  await sleep(SETTLE)
  const datagramsBeforeBurst = await datagrams(server)
  const beforeBurst = await usage(ends)
  const keys = Number(await clients.ask("burst", BURSTS))
  await sleep(SETTLE)
  const afterBurst = await usage(ends)
  const burstDatagrams = (await datagrams(server)) - datagramsBeforeBurst

  const type = async () =>
    summary((await clients.ask("type", { rate, seconds } satisfies TypeOptions)) as ReadonlyArray<number>)
  const datagramsBeforeTyping = await datagrams(server)
  const beforeTyping = await usage(ends)
  const calm = await type()
  const afterTyping = await usage(ends)
  const typingDatagrams = (await datagrams(server)) - datagramsBeforeTyping

  await sleep(idle > 0 ? SETTLE : 0)
  const beforeIdle = await usage(ends)
  const datagramsBefore = await datagrams(server)
  await sleep(idle * 1000)
  const afterIdle = await usage(ends)
  const idleDatagrams = (await datagrams(server)) - datagramsBefore

  const used = await usage(ends, true)

  await flooder.ask("connect", await open(1, true))
  await server.ask("flood")
  const printing = await type()
  await server.ask("calm")
  await flooder.ask("flood")
  const pasting = await type()
  await flooder.ask("calm")

  const perSession = (name: string, from: Ends<Usage>, to: Ends<Usage>, what: "rss" | "heap") =>
    row(name, from, to, what, count * 1e6)
  return [
    {
      title: "sessions",
      note: `${count} sessions in one process, a client each in another; ${kind === "own" ? "a port each" : "one port"}`,
      columns: ["", "server", "clients"],
      rows: [
        ["ms until a client is connected and has its first echo", connecting / count, undefined],
        perSession("MB resident of a session, connected", empty, connected, "rss"),
        perSession("MB of heap and buffers of a session, connected", empty, connected, "heap"),
        perSession("MB resident of a session, after typing", empty, used, "rss"),
        perSession("MB of heap and buffers of a session, after typing", empty, used, "heap"),
        row("ms of CPU of a keystroke, all clients at once", beforeBurst, afterBurst, "cpu", keys),
        ["datagrams to the server of a keystroke, all clients at once", burstDatagrams / keys, undefined],
        row(`ms of CPU of a keystroke, ${rate} a second`, beforeTyping, afterTyping, "cpu", rate * seconds),
        [`datagrams to the server of a keystroke, ${rate} a second`, typingDatagrams / (rate * seconds), undefined],
        ["datagrams to the server of a session in an idle minute", (idleDatagrams / count / idle) * 60, undefined],
        row("ms of CPU of a session in an idle minute", beforeIdle, afterIdle, "cpu", (count * idle) / 60)
      ]
    },
    {
      title: "echo",
      note: `ms from key to screen at ${rate} keys a second of all sessions, for ${seconds} s`,
      columns: ["", "p50", "p95", "p99", "max", "keys"],
      rows: [
        ["alone", calm.median, calm.p95, calm.p99, calm.max, calm.count],
        [
          "while another session's program prints without end",
          printing.median,
          printing.p95,
          printing.p99,
          printing.max,
          printing.count
        ],
        [
          "while another session's client pastes without end",
          pasting.median,
          pasting.p95,
          pasting.p99,
          pasting.max,
          pasting.count
        ]
      ]
    }
  ]
}

/** Datagrams that sessions of a shared port received. */
const datagrams = async (server: Child): Promise<number> => {
  const counters = (await server.ask("counters")) as { readonly known: number; readonly found: number } | undefined
  return counters === undefined ? Number.NaN : counters.known + counters.found
}

const usage = async ({ clients, server }: Ends<Child>, collected = false): Promise<Ends<Usage>> => ({
  server: await server.usage(collected),
  clients: await clients.usage(collected)
})

const row = (name: string, from: Ends<Usage>, to: Ends<Usage>, what: keyof Usage, by: number) => [
  name,
  (to.server[what] - from.server[what]) / by,
  (to.clients[what] - from.clients[what]) / by
]
