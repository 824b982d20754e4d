/**
 * Sessions whose hosts change their addresses, in network namespaces.
 */
import { expect, it } from "vitest"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { program, requirePrograms } from "../../support/peers.ts"
import { quoted } from "../../support/peers-shell.ts"
import { CLIENT, NAME, requireNamespaces, SERVER, TwoHosts } from "../../support/two-hosts.ts"

const command = (...words: ReadonlyArray<string>): string => words.map(quoted).join(" ")

/** A session between the hosts, whose program returns each line. */
const open = (hosts: TwoHosts, ...options: ReadonlyArray<string>) => {
  const [file = "", ...words] = hosts.onClient(
    ...program("ours", "mosh"),
    `--ssh=${hosts.ssh}`,
    "--experimental-remote-ip=local",
    "--verbose",
    ...options,
    NAME,
    "--",
    "/bin/sh",
    "-c",
    "while read line; do echo got $line; done"
  )
  const mosh = spawn(file, words, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, LANG: "C.UTF-8" } })
  let output = ""
  let log = ""
  mosh.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()))
  mosh.stderr.on("data", (bytes: Buffer) => (log += bytes.toString()))
  return {
    /** Types a line, and waits for the answer. */
    type: async (text: string): Promise<void> => {
      mosh.stdin.write(`${text}\n`)
      while (!output.includes(`got ${text}`)) await once(mosh.stdout, "data")
    },
    /** Waits until the session uses an address. */
    uses: async (address: string): Promise<void> => {
      while (!log.includes(`the session uses ${address}:`)) await once(mosh.stderr, "data")
    },
    /** Ends the program. Returns the exit status, and the addresses that the session used after the first. */
    end: async () => {
      mosh.stdin.end()
      const [code] = await once(mosh, "exit")
      return { code, used: Array.from(log.matchAll(/the session uses (\S+):\d+ now/g), ([, address]) => address) }
    }
  }
}

/** The server's IPv4 address in a network with IPv6 only, as that network's resolver gives it (RFC 6052). */
const NAT64 = "64:ff9b::a09:2"

it(
  "sessions follow a server to its new address, and a client from IPv4 to IPv6 and back, also through NAT64",
  { timeout: 120_000 },
  async (context) => {
    requirePrograms(context, "mosh", "unshare", "nsenter", "ip")
    requireNamespaces(context)
    await using hosts = await TwoHosts.start()
    // Through ssh, a session may continue before the name is resolved again; it must not stay there.
    const ours = open(hosts, `--server=${command(...program("ours", "mosh-server"))}`)
    // Stock's server has one socket; for any address, it follows its host's addresses of that family.
    const stock = open(hosts, "--server=/usr/bin/mosh-server", "--bind-server=any", "--transport=udp")

    await Promise.all([ours.type("over IPv4"), stock.type("over IPv4")])
    await hosts.run("client", "ip -4 addr flush dev link0")
    await ours.type("over IPv6")
    await hosts.run("client", `ip addr add ${CLIENT.IPv4}/24 dev link0; ip -6 addr flush dev link0`)
    await Promise.all([ours.type("over IPv4 again"), stock.type("over IPv4 again")])

    // The gateway of that network, in place of which the server's host has the address.
    await hosts.run(
      "server",
      `ip -6 addr flush dev link0; ip addr add ${NAT64}/128 dev link0 nodad; ip route add fd64::/64 dev link0`
    )
    hosts.resolveTo(SERVER.IPv4, NAT64)
    await hosts.run(
      "client",
      "ip -4 addr flush dev link0; ip addr add fd64::1/64 dev link0 nodad; ip route add 64:ff9b::/96 dev link0"
    )
    await ours.type("through NAT64")

    await hosts.run("client", `ip addr add ${CLIENT.IPv4}/24 dev link0; ip -6 addr flush dev link0`)
    await hosts.run("server", "ip -4 addr flush dev link0; ip addr add 10.9.0.77/24 dev link0")
    hosts.resolveTo("10.9.0.77")
    await Promise.all([ours.type("at the new address"), stock.type("at the new address")])

    await ours.uses("10.9.0.77")

    expect(await ours.end()).toEqual({ code: 0, used: [`[${SERVER.IPv6}]`, SERVER.IPv4, `[${NAT64}]`, "10.9.0.77"] })
    const { code, used } = await stock.end()
    expect({ code, last: used.at(-1) }).toEqual({ code: 0, last: "10.9.0.77" })
  }
)
