/**
 * Sessions where UDP is blocked, the path carries small packets only, or the server moves: a link between two network
 * namespaces, and a real sshd.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type Client, children, inSession, startClient } from "./connectivity-client.ts"
import { isPossible, link, type Link, SERVER_NAME, type Shape } from "./forwarding-link.ts"
import { type Stage, stage } from "./forwarding-session.ts"
import { summary } from "./measure.ts"
import type { Table, Value } from "./table.ts"

const PARTS = ["start", "session", "killed", "keys", "flood", "mtu", "address"] as const
type Part = (typeof PARTS)[number]

export const OPTIONS: ReadonlyArray<readonly [string, string]> = [
  ["only PART,…", `only these of ${PARTS.join(", ")}`],
  ["rounds N", "how often each is measured (5)"]
]

const NEAR: Shape = { rate: 0, delay: 0, loss: 0 }
const FAR: Shape = { rate: 0, delay: 50, loss: 0 }
const NARROW: Shape = { rate: 10_000_000, delay: 25, loss: 0 }
/** The round trip of `FAR`, ms. */
const ROUND_TRIP = 2 * FAR.delay

/** A link with an sshd. */
interface Place extends AsyncDisposable {
  readonly link: Link
  readonly stage: Stage
}

const place = async (shape: Shape): Promise<Place> => {
  const made = await link(shape)
  const here = await stage(made)
  return { link: made, stage: here, [Symbol.asyncDispose]: () => here[Symbol.asyncDispose]() }
}

const ssh = ({ network, sshd }: Stage, command: string) =>
  startClient([...network.client, "ssh", "-F", sshd.clientConfig, "-tt", sshd.host, command])

const mosh = ({ mosh, network, sshd }: Stage, command: string, ...options: ReadonlyArray<string>) =>
  startClient([...network.client, mosh, ...options, sshd.host, ...inSession(command)])

/** Prints the count of tenths of a second. */
const TICKS = "i=0; while :; do i=$((i+1)); echo tick$i; sleep 0.1; done"

/** Prints what is being measured. */
const progress = (...what: ReadonlyArray<Value>): void => void process.stderr.write(`${what.join(" ")}\n`)

/** Samples, by what was measured. */
class Samples {
  readonly #taken = new Map<string, Array<number>>()

  add(what: string, milliseconds: number): void {
    progress("  ", what, milliseconds.toFixed(0))
    this.#taken.set(what, [...(this.#taken.get(what) ?? []), milliseconds])
  }

  median(what: string): number {
    return summary(this.#taken.get(what) ?? []).median
  }

  rows(target: Readonly<Record<string, string>>): ReadonlyArray<ReadonlyArray<Value>> {
    return [...this.#taken].map(([what, taken]) => {
      const { max, median, min } = summary(taken)
      return [what, median, min, max, target[what], taken.length]
    })
  }
}

const COLUMNS = ["", "median", "least", "most", "target", "rounds"]

const table = (title: string, note: string, samples: Samples, target: Readonly<Record<string, string>>): Table => ({
  title: `connectivity: ${title}`,
  note,
  columns: COLUMNS,
  rows: samples.rows(target)
})

const start = async (rounds: number): Promise<ReadonlyArray<Table>> => {
  const tables = []
  for (const [shape, name] of [
    [NEAR, "no delay"],
    [FAR, `round trip ${ROUND_TRIP} ms`]
  ] as const) {
    await using here = await place(shape)
    const samples = new Samples()
    const timed = async (what: string, open: () => Promise<Client>): Promise<void> => {
      const begun = performance.now()
      await using client = await open()
      samples.add(what, (await client.until(/ready/)) - begun)
    }
    const command = "echo ready; exec cat"
    const blocked = async (run: () => Promise<void>): Promise<void> => {
      here.link.change("udp 0")
      await run()
      here.link.change("udp 1")
    }
    for (let round = 0; round < rounds; round++) {
      await timed("ssh", () => ssh(here.stage, command))
      await timed("mosh by UDP", () => mosh(here.stage, command))
      await blocked(() => timed("mosh, UDP dropped", () => mosh(here.stage, command)))
      await blocked(() => timed("mosh --transport=ssh", () => mosh(here.stage, command, "--transport=ssh")))
    }
    tables.push(
      table(`start, ${name}`, "ms from the start of the program to the prompt", samples, {
        "mosh, UDP dropped": (samples.median("ssh") + 3000).toFixed(0)
      })
    )
  }
  return tables
}

const session = async (rounds: number): Promise<ReadonlyArray<Table>> => {
  await using here = await place(NEAR)
  const samples = new Samples()
  for (let round = 0; round < rounds; round++) {
    await using client = await mosh(here.stage, TICKS)
    await client.until(/tick10/)
    here.link.change("udp 0")
    const dropped = performance.now()
    // What arrived before is drawn.
    await sleep(1000)
    client.forget()
    samples.add("usable after UDP is dropped", (await client.until(/tick/)) - dropped)
    await sleep(2000)
    here.link.change("udp 1")
    const restored = performance.now()
    samples.add("back on UDP after its return", (await client.until(/UDP works/)) - restored)
  }
  return [
    table("UDP dropped during a session", "ms, without a key press", samples, {
      "usable after UDP is dropped": "15000",
      "back on UDP after its return": "60000"
    })
  ]
}

const killed = async (rounds: number): Promise<ReadonlyArray<Table>> => {
  await using here = await place(NEAR)
  here.link.change("udp 0")
  const samples = new Samples()
  for (let round = 0; round < rounds; round++) {
    await using client = await mosh(here.stage, TICKS)
    await client.until(/tick20/)
    for (const what of ["usable after the first ssh is killed", "usable after the second is killed"]) {
      children(client).forEach((pid) => process.kill(pid, "SIGKILL"))
      const ended = performance.now()
      await sleep(50)
      client.forget()
      samples.add(what, (await client.until(/tick/)) - ended)
      // A relay that ends sooner counts as a failure, and the next one waits.
      await sleep(12_000)
    }
    const begun = performance.now()
    await using login = await ssh(here.stage, TICKS)
    samples.add("a login by plain ssh", (await login.until(/tick/)) - begun)
  }
  const target = "3000"
  return [
    table("ssh killed under the relay", "ms; the first ssh used the connection of the login", samples, {
      "usable after the first ssh is killed": target,
      "usable after the second is killed": target
    })
  ]
}

const KEYS = 40

const keys = async (rounds: number): Promise<ReadonlyArray<Table>> => {
  await using here = await place(FAR)
  const samples = new Samples()
  const ways: ReadonlyArray<readonly [string, () => Promise<Client>]> = [
    ["ssh", () => ssh(here.stage, "stty -echo; echo ready; exec cat")],
    ["mosh by UDP", () => mosh(here.stage, "stty raw -echo; echo ready; exec cat")],
    ["mosh through the relay", () => mosh(here.stage, "stty raw -echo; echo ready; exec cat", "--transport=ssh")]
  ]
  for (let round = 0; round < rounds; round++)
    for (const [what, open] of ways) {
      await using client = await open()
      await client.until(/ready/)
      await sleep(1000)
      const taken = []
      for (let key = 0; key < KEYS; key++) {
        client.forget()
        const letter = String.fromCodePoint(97 + (key % 26))
        const typed = performance.now()
        client.type(what === "ssh" ? `${letter}\n` : letter)
        taken.push((await client.until(new RegExp(letter))) - typed)
        await sleep(150)
      }
      samples.add(what, summary(taken).median)
    }
  return [
    table("keys", `ms from key to screen, medians of ${KEYS}, round trip ${ROUND_TRIP} ms`, samples, {
      "mosh through the relay": String(ROUND_TRIP + 25)
    })
  ]
}

const flood = async (rounds: number): Promise<ReadonlyArray<Table>> => {
  await using here = await place(NARROW)
  const samples = new Samples()
  const command = "PS1='$ ' exec sh"
  for (let round = 0; round < rounds; round++)
    for (const [what, open] of [
      ["ssh", () => ssh(here.stage, command)],
      ["mosh by UDP", () => mosh(here.stage, command, "--transport=udp")],
      ["mosh through the relay", () => mosh(here.stage, command, "--transport=ssh")]
    ] as const) {
      await using client = await open()
      await client.until(/\$ /)
      for (let again = 0; again < 3; again++) {
        client.type("while :; do seq 1000000; done\r")
        await sleep(4000)
        client.forget()
        const typed = performance.now()
        client.type(`\x03echo stop-$((${again}+10))\r`)
        samples.add(what, (await client.until(new RegExp(`stop-${again + 10}`))) - typed)
        await sleep(500)
      }
    }
  const target = (1.5 * samples.median("mosh by UDP")).toFixed(0)
  return [
    table("flood", "ms from Ctrl-C to the next command's output; 10 Mbit/s, round trip 50 ms", samples, {
      "mosh through the relay": target
    })
  ]
}

/** Prints full screens that do not compress, one for each line typed. */
const NOISE = `stty -echo; echo ready; n=0; while read line; do n=$((n+1)); clear; \
awk -v seed="$line" 'BEGIN { srand(seed); for (i = 0; i < 11600; i++) printf "%c", 48 + int(rand() * 74) }'; \
echo; echo "end-$n"; done`

const mtu = async (rounds: number): Promise<ReadonlyArray<Table>> => {
  await using here = await place(FAR)
  const samples = new Samples()
  const redraw = async (client: Client, number: number): Promise<number> => {
    client.forget()
    const typed = performance.now()
    client.type(`${number}\r`)
    const took = (await client.until(new RegExp(`end-${number}`))) - typed
    await sleep(1000)
    return took
  }
  for (let round = 0; round < rounds; round++) {
    here.link.change("mtu 65536")
    const words = [here.stage.mosh, "--transport=udp", here.stage.sshd.host, ...inSession(NOISE)]
    await using client = await startClient([...here.link.client, ...words], { columns: 200, rows: 60 })
    await client.until(/ready/)
    await sleep(1000)
    for (let i = 1; i <= 3; i++) samples.add("redraw before", await redraw(client, i))
    here.link.change("mtu 1168")
    samples.add("first redraw with an MTU of 1168", await redraw(client, 4))
    for (let i = 5; i <= 9; i++) samples.add("later redraw", await redraw(client, i))
  }
  // The first loss is noticed no sooner than the redraw before took.
  const target = (samples.median("redraw before") + 4 * ROUND_TRIP).toFixed(0)
  return [
    table("small MTU", `ms to redraw 200×60, whose datagrams are dropped; round trip ${ROUND_TRIP} ms`, samples, {
      "first redraw with an MTU of 1168": target
    })
  ]
}

const address = async (rounds: number): Promise<ReadonlyArray<Table>> => {
  const network = await link(NEAR)
  // The server's sshd must answer at the new address, too.
  await using here = await stage({ ...network, address: "0.0.0.0" })
  const config = join(here.sshd.directory, "named_config")
  const own = readFileSync(here.sshd.clientConfig, "utf8")
  writeFileSync(config, own.replace(`Host ${here.sshd.host}`, `Host ${SERVER_NAME}`).replace(/HostName .*\n/, ""))
  const samples = new Samples()
  const initial = network.address
  const moved = `${initial.slice(0, initial.lastIndexOf("."))}.77`
  const move = (from: string, to: string): void => {
    // In this order: further addresses of a subnet vanish with its first.
    network.run("server", "ip", "address", "del", `${from}/24`, "dev", "tun0")
    network.run("server", "ip", "address", "add", `${to}/24`, "dev", "tun0")
    network.resolveTo(to)
  }
  for (const [what, options] of [
    ["usable", []],
    ["usable, with --transport=udp", ["--transport=udp"]]
  ] as const)
    for (let round = 0; round < rounds; round++) {
      const words = [`--ssh=ssh -F ${config}`, ...options, SERVER_NAME, ...inSession(TICKS)]
      await using client = await startClient([...network.client, here.mosh, ...words])
      await client.until(/tick10/)
      move(initial, moved)
      const begun = performance.now()
      await sleep(1000)
      client.forget()
      samples.add(what, (await client.until(/tick/)) - begun)
      move(moved, initial)
    }
  return [
    table("server's address changed, and its name follows", "ms, without a key press", samples, {
      usable: "15000",
      "usable, with --transport=udp": "15000"
    })
  ]
}

const RUN: Readonly<Record<Part, (rounds: number) => Promise<ReadonlyArray<Table>>>> = {
  start,
  session,
  killed,
  keys,
  flood,
  mtu,
  address
}

export const connectivity = async (options: Readonly<Record<string, string>>): Promise<ReadonlyArray<Table>> => {
  if (!isPossible()) throw new Error("connectivity needs root, Linux and /dev/net/tun")
  const chosen = options["only"]?.split(",") ?? PARTS
  const tables: Array<Table> = []
  for (const part of PARTS)
    if (chosen.includes(part)) {
      progress(part)
      tables.push(...(await RUN[part](Number(options["rounds"] ?? 5))))
    }
  return tables
}
