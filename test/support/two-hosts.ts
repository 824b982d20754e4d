/**
 * Two hosts on one link: network namespaces that only this process and its children see. The client's host knows the server's
 * by a name, which can be changed.
 */
import { spawn, type ChildProcess, spawnSync } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import type { TestContext } from "vitest"
import { endWithUs } from "./leftovers.ts"

/** The name of the server's host. */
export const NAME = "server.test"

/** The addresses of both hosts at the start. */
export const CLIENT = { IPv4: "10.9.0.1", IPv6: "fd09::1" }
export const SERVER = { IPv4: "10.9.0.2", IPv6: "fd09::2" }

const SCRIPT = `
set -e
here=$1
mount --bind "$here/hosts" /etc/hosts
ip link set lo up
unshare -n sleep 1000000 &
server=$!
own=$(readlink /proc/self/ns/net)
while [ "$(readlink /proc/$server/ns/net)" = "$own" ]; do sleep 0.01; done
echo "$server" > "$here/server"
ip link add link0 type veth peer name link0 netns $server
ip addr add ${CLIENT.IPv4}/24 dev link0
ip addr add ${CLIENT.IPv6}/64 dev link0 nodad
ip link set link0 up
nsenter -t $server -n sh -ec "
  ip link set lo up
  ip addr add ${SERVER.IPv4}/24 dev link0
  ip addr add ${SERVER.IPv6}/64 dev link0 nodad
  ip link set link0 up"
echo ready
while read -r line; do sh -c "$line" </dev/null || echo "failed: $line"; echo done; done
kill $server
`

/** An ssh that runs its command on the server's host. The word before \`--\` is the server's address. */
const SSH = `#!/bin/sh
while [ "$2" != -- ]; do shift; done
export SSH_CONNECTION="${CLIENT.IPv4} 1 $1 22"
shift 2
exec nsenter -t "$(cat "$(dirname "$0")/server")" -n sh -c "$*"
`

const NAMESPACES = ["-rnm", "--kill-child", "--fork"]

/** Skips the test where namespaces are not available; in CI that fails it. */
export const requireNamespaces = (context: TestContext): void => {
  const tried = spawnSync("unshare", [...NAMESPACES, "sh", "-ec", "ip link add link0 type veth peer name link1"])
  if (tried.status === 0) return
  const reason = "network namespaces are not available here"
  if (process.env["CI"]) throw new Error(reason)
  context.skip(reason)
}

export class TwoHosts implements AsyncDisposable {
  readonly directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-hosts-"))
  readonly #shell: ChildProcess
  #output = ""

  private constructor() {
    this.resolveTo(SERVER.IPv4, SERVER.IPv6)
    Fs.writeFileSync(this.ssh, SSH, { mode: 0o755 })
    this.#shell = spawn("unshare", [...NAMESPACES, "sh", "-c", SCRIPT, "sh", this.directory], {
      stdio: ["pipe", "pipe", "inherit"]
    })
    endWithUs(this.#shell.pid ?? 0)
    this.#shell.stdout?.on("data", (bytes: Buffer) => (this.#output += bytes.toString()))
  }

  static async start(): Promise<TwoHosts> {
    const hosts = new TwoHosts()
    await hosts.#until(/ready\n/)
    return hosts
  }

  /** A program that replaces ssh. */
  get ssh(): string {
    return Path.join(this.directory, "ssh-to-server")
  }

  /** Changes the addresses of the server's name. */
  resolveTo(...addresses: ReadonlyArray<string>): void {
    const lines = ["127.0.0.1 localhost", ...addresses.map((address) => `${address} ${NAME}`)]
    Fs.writeFileSync(Path.join(this.directory, "hosts"), lines.join("\n") + "\n")
  }

  /** The words that run a command on the client's host. */
  onClient(...words: ReadonlyArray<string>): ReadonlyArray<string> {
    return ["nsenter", "-t", String(this.#inner()), "-U", "-n", "-m", "--preserve-credentials", ...words]
  }

  /** Runs a shell command on the client's host, or on the server's. */
  async run(where: "client" | "server", command: string): Promise<void> {
    const prefix = where === "client" ? "" : `nsenter -t $(cat ${this.directory}/server) -n `
    this.#output = ""
    this.#shell.stdin?.write(`${prefix}sh -ec '${command}'\n`)
    await this.#until(/done\n/)
    if (this.#output.includes("failed")) throw new Error(this.#output)
  }

  /** The shell in the namespaces, which unshare started. */
  #inner(): number {
    const pid = this.#shell.pid ?? 0
    return Number(Fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0])
  }

  async #until(wanted: RegExp): Promise<void> {
    while (!wanted.test(this.#output)) await once(this.#shell.stdout ?? process, "data")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#shell, "exit")
    this.#shell.stdin?.end()
    await ended
    Fs.rmSync(this.directory, { recursive: true, force: true })
  }
}
