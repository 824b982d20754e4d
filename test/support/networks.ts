/**
 * Three networks of this machine, made for a test: a client's host, a router and a server's host, in network namespaces that
 * only this process and its children see. The router can drop UDP, stop forwarding, and translate IPv6 to IPv4 (NAT64). The
 * hosts know the server by a name, whose addresses can be changed.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import type { TestContext } from "vitest"
import { endWithUs } from "./leftovers.ts"

/** The name of the server's host. */
export const NAME = "server.test"

export type Host = "client" | "server"
export type Family = "IPv4" | "IPv6"

/** The addresses of the hosts at the start, and of the router on their sides. */
const ADDRESSES = {
  client: { IPv4: "10.9.1.1", IPv6: "fd09:1::1" },
  server: { IPv4: "10.9.2.2", IPv6: "fd09:2::2" }
}
const GATEWAYS = {
  client: { IPv4: "10.9.1.254", IPv6: "fd09:1::fe" },
  server: { IPv4: "10.9.2.254", IPv6: "fd09:2::fe" }
}
export const SERVER = ADDRESSES.server
export const ROUTER = GATEWAYS.client

/** The server's IPv4 address in a network with IPv6 only, as that network's resolver gives it (RFC 6052). */
export const NAT64 = "64:ff9b::a09:202"
/** Where the router translates IPv6 hosts to. */
const POOL = "10.9.64"

/** Prints the processes that hold the networks of client, router and server, and ends with its input. */
const SCRIPT = `
set -e
mount --bind "$1/hosts" /etc/hosts
own=$(readlink /proc/self/ns/net)
hold() {
  unshare -n sleep 1000000 &
  while [ "$(readlink /proc/$!/ns/net)" = "$own" ]; do sleep 0.01; done
}
hold; router=$!
hold; server=$!
ip link add link0 type veth peer name client0 netns $router
nsenter -t $server -n ip link add link0 type veth peer name server0 netns $router
ip link set lo up
nsenter -t $server -n ip link set lo up
nsenter -t $router -n sh -ec "
  ip link set client0 up
  ip link set server0 up
  ip addr add ${GATEWAYS.client.IPv4}/24 dev client0
  ip addr add ${GATEWAYS.server.IPv4}/24 dev server0
  ip addr add ${GATEWAYS.client.IPv6}/64 dev client0 nodad
  ip addr add ${GATEWAYS.server.IPv6}/64 dev server0 nodad"
echo "ready $$ $router $server"
cat
kill $router $server
`

/** An ssh that runs its command on the server's host. The word before \`--\` is the server's name or address. */
const SSH = `#!/bin/sh
while [ "$2" != -- ]; do shift; done
case $1 in [0-9]*.*) at=$1;; *) at=${SERVER.IPv4};; esac
export SSH_CONNECTION="${ADDRESSES.client.IPv4} 1 $at 22"
shift 2
exec $(cat "$(dirname "$0")/within-server") sh -c "$*"
`

/** Only root runs an sshd that others may log in to, and root needs no user namespace. */
const isRoot = Os.userInfo().uid === 0

export class Networks implements AsyncDisposable {
  readonly #directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-networks-"))
  readonly #holder: ChildProcess
  #translator: ChildProcess | undefined
  /** The words that run a program in a network; the program follows. */
  client: ReadonlyArray<string> = []
  router: ReadonlyArray<string> = []
  server: ReadonlyArray<string> = []

  private constructor() {
    this.resolveTo(SERVER.IPv4, SERVER.IPv6)
    const options = ["--mount", "--net", "--kill-child", "--fork", ...(isRoot ? [] : ["--map-root-user"])]
    this.#holder = spawn("unshare", [...options, "sh", "-c", SCRIPT, "sh", this.#directory], { stdio: "pipe" })
    endWithUs(this.#holder.pid ?? 0)
  }

  /** Skips the test, with the reason, where this process may not make networks. In CI that fails it. */
  static async start(context: TestContext): Promise<Networks> {
    const networks = new Networks()
    try {
      await networks.#open()
      return networks
    } catch (error) {
      await networks[Symbol.asyncDispose]()
      const reason = `no networks can be made here: ${error instanceof Error ? error.message.trim() : String(error)}`
      if (process.env["CI"]) throw new Error(reason, { cause: error })
      return context.skip(reason)
    }
  }

  async #open(): Promise<void> {
    const pids = /ready (\d+) (\d+) (\d+)/.exec(await printed(this.#holder))?.slice(1) ?? []
    for (const pid of pids) endWithUs(Number(pid))
    const user = isRoot ? [] : ["--user", "--preserve-credentials"]
    const words = ["nsenter", ...user, "--mount", "-t", pids[0] ?? ""]
    const [client, router, server] = pids.map((pid) => [...words, `--net=/proc/${pid}/ns/net`])
    Object.assign(this, { client, router, server })
    // Its caller is in the user namespace already.
    Fs.writeFileSync(Path.join(this.#directory, "within-server"), `nsenter --net=/proc/${pids[2]}/ns/net`)
    Fs.writeFileSync(this.ssh, SSH, { mode: 0o755 })
    this.forward(true)
    for (const host of ["client", "server"] as const) {
      run(this[host], "ip link set link0 up")
      for (const family of ["IPv4", "IPv6"] as const) this.give(host, family)
    }
  }

  /** A program that replaces ssh. */
  get ssh(): string {
    return Path.join(this.#directory, "ssh-to-server")
  }

  /** Changes the addresses of the server's name. */
  resolveTo(...addresses: ReadonlyArray<string>): void {
    const lines = ["127.0.0.1 localhost", ...addresses.map((address) => `${address} ${NAME}`)]
    Fs.writeFileSync(Path.join(this.#directory, "hosts"), lines.join("\n") + "\n")
  }

  /** Gives a host an address, by default that of the start, and a route. */
  give(host: Host, family: Family, address: string = ADDRESSES[host][family]): void {
    const words = family === "IPv4" ? [`${address}/24`, "-4"] : [`${address}/64`, "-6"]
    const [subnet, version] = words
    const nodad = family === "IPv6" ? "nodad" : ""
    run(
      this[host],
      `ip addr add ${subnet} dev link0 ${nodad}; ip ${version} route add default via ${GATEWAYS[host][family]}`
    )
  }

  /** Takes a host's addresses of a family, and with them its routes. */
  take(host: Host, family: Family): void {
    const version = family === "IPv4" ? "-4" : "-6"
    run(this[host], `ip ${version} route flush default; ip ${version} addr flush dev link0 scope global`)
  }

  /** Whether the router drops UDP. */
  dropUdp(dropped: boolean): void {
    run(this.router, `ip rule ${dropped ? "add" : "del"} pref 10 ipproto udp blackhole`)
  }

  /** Whether the router forwards anything. */
  forward(forwards: boolean): void {
    const value = forwards ? 1 : 0
    run(this.router, `cd /proc/sys/net; echo ${value} > ipv4/ip_forward; echo ${value} > ipv6/conf/all/forwarding`)
  }

  /** The router translates what is sent to `NAT64`. Needs python3. */
  async translate(): Promise<void> {
    const [file = "", ...words] = [...this.router, "python3", Path.join(import.meta.dirname, "nat64.py"), POOL]
    this.#translator = spawn(file, words, { stdio: "pipe" })
    endWithUs(this.#translator.pid ?? 0)
    await printed(this.#translator)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of [this.#translator, this.#holder])
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "close")
        child.stdin?.end()
        await ended
      }
    Fs.rmSync(this.#directory, { recursive: true, force: true })
  }
}

const run = (within: ReadonlyArray<string>, command: string): void => {
  const [file = "", ...words] = [...within, "sh", "-ec", command]
  execFileSync(file, words, { stdio: "pipe" })
}

/** What a program prints first. Rejects if it ends before. */
const printed = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let errors = ""
    child.on("error", reject)
    child.stdin?.on("error", () => undefined)
    child.stderr?.on("data", (bytes: Buffer) => (errors += bytes.toString()))
    child.on("close", () => reject(new Error(errors === "" ? "the program ended" : errors)))
    child.stdout?.once("data", (bytes: Buffer) => resolve(bytes.toString()))
  })
