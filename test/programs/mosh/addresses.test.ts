/**
 * Sessions whose hosts change their addresses, in network namespaces.
 */
import { expect, it } from "vitest"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { NAME, NAT64, Networks, SERVER } from "../../support/networks.ts"
import { program, requirePrograms } from "../../support/peers.ts"
import { quoted } from "../../support/peers-shell.ts"

const command = (...words: ReadonlyArray<string>): string => words.map(quoted).join(" ")

/** A session between the hosts, whose program returns each line. */
const open = (networks: Networks, ...options: ReadonlyArray<string>) => {
  const [file = "", ...words] = [
    ...networks.client,
    ...program("ours", "mosh"),
    `--ssh=${networks.ssh}`,
    "--verbose",
    ...options,
    NAME,
    "--",
    "/bin/sh",
    "-c",
    "while read line; do echo got $line; done"
  ]
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

const OURS = `--server=${command(...program("ours", "mosh-server"))}`
const STOCK = "--server=/usr/bin/mosh-server"
const LOCAL = "--experimental-remote-ip=local"
const REMOTE = "--experimental-remote-ip=remote"

it(
  "sessions follow a server to its new address, and a client from IPv4 to IPv6 and back, also through NAT64",
  { timeout: 300_000 },
  async (context) => {
    requirePrograms(context, "mosh", "unshare", "nsenter", "ip", "python3")
    await using networks = await Networks.start(context)
    // Through ssh, a session may continue before the name is resolved again; it must not stay there.
    const ours = open(networks, OURS, LOCAL)
    // Stock's server has one socket; for any address, it follows its host's addresses of that family.
    const stock = open(networks, STOCK, LOCAL, "--bind-server=any", "--transport=udp")

    await Promise.all([ours.type("over IPv4"), stock.type("over IPv4")])
    networks.take("client", "IPv4")
    await ours.type("over IPv6")
    networks.give("client", "IPv4")
    networks.take("client", "IPv6")
    await Promise.all([ours.type("over IPv4 again"), stock.type("over IPv4 again")])

    // A server with IPv4 only, and a client with IPv6 only.
    networks.take("server", "IPv6")
    networks.take("client", "IPv4")
    networks.give("client", "IPv6")
    networks.resolveTo(NAT64)
    await networks.translate()
    // Servers report the address that only their own network reaches.
    const first = [OURS, STOCK].map((server) => open(networks, server, REMOTE, "--transport=udp"))
    await Promise.all([ours, stock, ...first].map(({ type }) => type("through NAT64")))
    await ours.uses(`[${NAT64}]`)
    for (const session of first) expect(await session.end()).toEqual({ code: 0, used: [`[${NAT64}]`] })

    networks.give("client", "IPv4")
    networks.take("client", "IPv6")
    networks.take("server", "IPv4")
    networks.give("server", "IPv4", "10.9.2.77")
    networks.resolveTo("10.9.2.77")
    await Promise.all([ours.type("at the new address"), stock.type("at the new address")])

    await ours.uses("10.9.2.77")

    expect(await ours.end()).toEqual({ code: 0, used: [`[${SERVER.IPv6}]`, SERVER.IPv4, `[${NAT64}]`, "10.9.2.77"] })
    const { code, used } = await stock.end()
    expect({ code, last: used.at(-1) }).toEqual({ code: 0, last: "10.9.2.77" })
  }
)
