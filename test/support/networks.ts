/**
 * Three networks of this machine, made for a test: a client's, a router's and a server's, in namespaces of their own. The
 * router can drop UDP, and stop forwarding.
 */
import { execFileSync, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import type { TestContext } from "vitest"
import { endWithUs } from "./leftovers.ts"

export interface Networks extends Disposable {
  /** The words that run a program in a network; the program follows. */
  readonly client: ReadonlyArray<string>
  readonly router: ReadonlyArray<string>
  readonly server: ReadonlyArray<string>
  /** Whether the router drops UDP. */
  readonly dropUdp: (dropped: boolean) => void
  /** Whether the router forwards anything. */
  readonly forward: (forwards: boolean) => void
}

/** The addresses of the router, on the client's side, and of the server. */
export const ROUTER = "10.253.1.1"
export const SERVER = "10.253.2.2"

const SETUP = `
ip link add c0 netns $1 type veth peer name r0 netns $2
ip link add s0 netns $3 type veth peer name r1 netns $2
on() { nsenter -t $1 -n ip $2; }
on $1 "addr add 10.253.1.2/24 dev c0"
on $2 "addr add ${ROUTER}/24 dev r0"
on $2 "addr add 10.253.2.1/24 dev r1"
on $3 "addr add ${SERVER}/24 dev s0"
for one in $1 $2 $3; do on $one "link set lo up"; done
on $1 "link set c0 up"
on $2 "link set r0 up"
on $2 "link set r1 up"
on $3 "link set s0 up"
on $1 "route add default via ${ROUTER}"
on $3 "route add default via 10.253.2.1"
`

/** Skips the test, with the reason, where this process may not make networks. In CI that fails it. */
export const makeNetworks = async (context: TestContext): Promise<Networks> => {
  const holders: Array<number> = []
  const dispose = (): void => {
    for (const pid of holders.splice(0)) {
      try {
        process.kill(pid, "SIGKILL")
      } catch {
        // It has ended already.
      }
    }
  }
  try {
    for (let i = 0; i < 3; i++) holders.push(await startHolder())
    execFileSync("/bin/sh", ["-ec", SETUP, "sh", ...holders.map(String)], { stdio: "pipe" })
  } catch (error) {
    dispose()
    const reason = `no networks can be made here: ${error instanceof Error ? error.message.trim() : String(error)}`
    if (process.env["CI"]) throw new Error(reason, { cause: error })
    return context.skip(reason)
  }
  const [client = 0, router = 0, server = 0] = holders
  const within = (pid: number): ReadonlyArray<string> => ["nsenter", "-t", String(pid), "-n"]
  const onRouter = (...words: ReadonlyArray<string>): void => {
    execFileSync("nsenter", ["-t", String(router), "-n", ...words], { stdio: "pipe" })
  }
  const networks: Networks = {
    client: within(client),
    router: within(router),
    server: within(server),
    dropUdp: (dropped) => onRouter("ip", "rule", dropped ? "add" : "del", "pref", "10", "ipproto", "udp", "blackhole"),
    forward: (forwards) => onRouter("/bin/sh", "-c", `echo ${forwards ? 1 : 0} > /proc/sys/net/ipv4/ip_forward`),
    [Symbol.dispose]: dispose
  }
  networks.forward(true)
  return networks
}

/** Starts a process in a network of its own, which lives as long as it. */
const startHolder = (): Promise<number> =>
  new Promise((resolve, reject) => {
    if (!existsSync("/proc/self/ns/net")) return reject(new Error("the system has no network namespaces"))
    const child = spawn("unshare", ["-n", "/bin/sh", "-c", "echo ready; exec sleep 600"], {
      stdio: ["ignore", "pipe", "pipe"]
    })
    let said = ""
    child.on("error", reject)
    child.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()))
    child.on("close", () => reject(new Error(said === "" ? "unshare ended" : said)))
    child.stdout.once("data", () => {
      const { pid } = child
      if (pid === undefined) return reject(new Error("unshare has no process"))
      endWithUs(pid)
      resolve(pid)
    })
  })
