/**
 * A session of real programs under a flood of hostile datagrams, while a user types.
 *
 * Measures the effect on the user and the machine: the time of an echo, and the memory and CPU of the attacked end.
 */
import { execFile } from "node:child_process"
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { startServer } from "../support/peers.ts"
import { openClient } from "./terminal.ts"

export type Target = "server" | "client"

export interface Attack {
  readonly target: Target
  /** Number of datagrams. */
  readonly count: number
  /** Keys typed before the measurement, after which both ends have compiled and allocated what typing needs. */
  readonly warming: number
  /** Seconds of typing before the flood, for comparison, and the minimum during it. */
  readonly seconds: number
}

export interface Outcome {
  /** How long the flood took, s, and its rate, datagrams a second. */
  readonly took: number
  readonly rate: number
  /** Datagrams for which the kernel had no room left in the socket's buffer. */
  readonly overflowed: number
  /** Echo times before and during the flood, ms, ascending. A key that was never echoed is `Infinity`. */
  readonly quiet: ReadonlyArray<number>
  readonly flooded: ReadonlyArray<number>
  /** How much larger each process was at its largest in the flood than after its first twentieth, bytes. */
  readonly grown: Readonly<Record<Target, number>>
  /** The same compared with the time before the flood, including code that was compiled for the first time. */
  readonly grownInAll: Readonly<Record<Target, number>>
  /** CPU of the attacked process, µs for each datagram. */
  readonly cost: number
  /** Whether a line that was typed after the flood was echoed. */
  readonly alive: boolean
}

/** Cyrillic а to я. */
const FIRST_LETTER = 0x430
const LETTERS = 32
/** Between an echo and the next key, ms. */
const PAUSE = 15

const environment = { HOME: "/nonexistent", LANG: "C.UTF-8", PATH: process.env["PATH"] ?? "/usr/bin:/bin" }

export const run = async ({ count, seconds, target, warming }: Attack): Promise<Outcome> => {
  using server = await startServer("ours", { environment, command: ["cat"] })
  await using client = await openClient(server.port, {
    ...environment,
    MOSH_KEY: server.key,
    MOSH_PREDICTION_DISPLAY: "never"
  })

  let keys = 0
  const echo = async (): Promise<number> => {
    if (keys % 60 === 59) {
      // Ctrl-U of the terminal's line discipline empties the line before it is full.
      client.type("\u0015")
      await sleep(200)
    }
    // A letter that occurs in no message.
    const key = String.fromCharCode(FIRST_LETTER + (keys++ % LETTERS))
    client.forget()
    const typed = performance.now()
    client.type(key)
    return (await client.shows(key)) ? performance.now() - typed : Infinity
  }
  const typing = async (goesOn: () => boolean): Promise<Array<number>> => {
    const times: Array<number> = []
    while (goesOn()) {
      times.push(await echo())
      await sleep(PAUSE)
    }
    return times.sort((a, b) => a - b)
  }

  // The client has drawn something, so both ends run.
  await client.shows("\u001b[")
  await sleep(500)
  // Below the row of the client's notification bar.
  client.type("\r\r")
  for (let key = 0; key < warming; key++) await echo()
  const quietUntil = performance.now() + seconds * 1000
  const quiet = await typing(() => performance.now() < quietUntil)

  const pids = { server: server.pid, client: client.pid }
  const attacked = pids[target]
  const port = target === "server" ? server.port : portOf(client.pid)
  const look = () => ({ server: memory(pids.server), client: memory(pids.client) })
  const send = (datagrams: number) =>
    promisify(execFile)(process.execPath, [
      resolve(import.meta.dirname, "flood.ts"),
      `${port}`,
      `${datagrams}`,
      target === "server" ? "Client" : "Server",
      server.key
    ])
  const idle = look()
  await send(Math.floor(count / 20))
  await sleep(500)
  const before = look()
  const largest = { ...before }
  const cpu = cpuOf(attacked)
  const overflowed = overflowsOf(port)

  let flooding = true
  const flood = send(count).finally(() => (flooding = false))
  const watching = setInterval(() => {
    for (const end of ["server", "client"] as const) largest[end] = Math.max(largest[end], memory(pids[end]))
  }, 100)
  const floodedUntil = performance.now() + seconds * 1000
  const flooded = await typing(() => flooding || performance.now() < floodedUntil)
  const { stdout } = await flood
  clearInterval(watching)
  const took = Number(stdout) / 1000

  client.type("\u0015")
  await sleep(300)
  client.forget()
  client.type("the end\r")
  return {
    took,
    rate: count / took,
    overflowed: overflowsOf(port) - overflowed,
    quiet,
    flooded,
    grown: { server: largest.server - before.server, client: largest.client - before.client },
    grownInAll: { server: largest.server - idle.server, client: largest.client - idle.client },
    cost: ((cpuOf(attacked) - cpu) * 1e6) / count,
    alive: await client.shows("the end")
  }
}

/** Resident bytes. */
const memory = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) * 1024

/** Seconds of CPU; the kernel counts in hundredths. */
const cpuOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** One line of /proc/net/udp for each socket: port, inode, datagrams dropped for lack of room. */
const sockets = () =>
  ["udp", "udp6"].flatMap((family) =>
    readFileSync(`/proc/net/${family}`, "latin1")
      .split("\n")
      .slice(1)
      .filter((line) => line !== "")
      .map((line) => line.trim().split(/\s+/))
      .map((fields) => ({
        port: Number.parseInt(fields[1]?.split(":")[1] ?? "", 16),
        inode: fields[9] ?? "",
        overflows: Number(fields[12])
      }))
  )

const overflowsOf = (port: number): number =>
  sockets()
    .filter((socket) => socket.port === port)
    .reduce((sum, { overflows }) => sum + overflows, 0)

/** The UDP port that a process has open. */
const portOf = (pid: number): number => {
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return ""
    }
  })
  const found = sockets().find(({ inode }) => open.includes(`socket:[${inode}]`))
  if (found === undefined) throw new Error("the client has no UDP socket")
  return found.port
}
