/**
 * A link between two network namespaces of this machine, which TCP and UDP pass alike. Needs root, Linux, and python3.
 */
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { userInfo } from "node:os"
import { join } from "node:path"

export interface Shape {
  /** Bits per second, each way; 0: as fast as the machine. */
  readonly rate: number
  /** One-way delay, ms. */
  readonly delay: number
  /** Share of lost packets each way, 0 to 1. */
  readonly loss: number
}

/** The two ends of a network. `client` and `server` are the words before a command line that start it at that end. */
export interface Network extends Disposable {
  readonly client: ReadonlyArray<string>
  readonly server: ReadonlyArray<string>
  /** The server's address. */
  readonly address: string
  /** Packets that the client's end has sent and received so far; `undefined` where other programs' packets also count. */
  readonly packets: () => number | undefined
}

export interface Link extends Network {
  /** Runs a program at one end, to its end. */
  readonly run: (end: "client" | "server", ...words: ReadonlyArray<string>) => void
  /** Changes the link: a command of `forwarding-link.py`. */
  readonly change: (command: string) => void
  /** Replaces the addresses that the client knows for `SERVER_NAME`. */
  readonly resolveTo: (address: string) => void
}

/** The server's name at the client's end. */
export const SERVER_NAME = "server.test"

export const loopback: Network = {
  client: [],
  server: [],
  address: "127.0.0.1",
  packets: () => undefined,
  [Symbol.dispose]: () => undefined
}

/** Whether links are possible here. */
export const isPossible = (): boolean => userInfo().uid === 0 && existsSync("/dev/net/tun")

/** Bytes that wait before the link: 200 ms at 10 Mbit/s. */
const QUEUE = 250_000

let count = 0

export const link = async ({ delay, loss, rate }: Shape): Promise<Link> => {
  const name = `effect-mosh-${process.pid}-${count++}`
  const [client, server] = [`${name}-client`, `${name}-server`]
  const subnet = `10.213.${count}`
  const within = (end: string) => ["ip", "netns", "exec", end]
  // ip binds the file over /etc/hosts.
  const files = `/etc/netns/${client}`
  const resolveTo = (address: string): void =>
    writeFileSync(join(files, "hosts"), `127.0.0.1 localhost\n${address} ${SERVER_NAME}\n`)
  mkdirSync(files, { recursive: true })
  resolveTo(`${subnet}.2`)
  for (const namespace of [client, server]) run("ip", "netns", "add", namespace)
  const words = [client, server, String(rate), String(delay), String(loss), String(QUEUE)]
  const carrier = spawn("python3", [join(import.meta.dirname, "forwarding-link.py"), ...words], {
    stdio: ["pipe", "pipe", "inherit"]
  })
  const dispose = (): void => {
    carrier.stdin.end()
    for (const namespace of [client, server]) run("ip", "netns", "del", namespace)
    rmSync(files, { recursive: true })
  }
  await Promise.race([once(carrier.stdout, "data"), once(carrier, "close")])
  for (const [namespace, address] of [
    [client, `${subnet}.1/24`],
    [server, `${subnet}.2/24`]
  ] as const) {
    run(...within(namespace), "ip", "link", "set", "lo", "up")
    run(...within(namespace), "ip", "address", "add", address, "dev", "tun0")
    run(...within(namespace), "ip", "link", "set", "tun0", "up")
    // cubic is the default of Linux, whatever this machine uses.
    run(...within(namespace), "ip", "route", "replace", `${subnet}.0/24`, "dev", "tun0", "congctl", "cubic")
  }
  const statistics = (name: string): number =>
    Number(execFileSync("ip", ["netns", "exec", client, "cat", `/sys/class/net/tun0/statistics/${name}`]))
  return {
    client: within(client),
    server: within(server),
    address: `${subnet}.2`,
    packets: () => statistics("tx_packets") + statistics("rx_packets"),
    run: (end, ...words) => run(...within(end === "client" ? client : server), ...words),
    change: (command) => void carrier.stdin.write(`${command}\n`),
    resolveTo,
    [Symbol.dispose]: dispose
  }
}

const run = (...[file = "", ...words]: ReadonlyArray<string>): void =>
  void execFileSync(file, words, { stdio: ["ignore", "ignore", "pipe"] })
