/**
 * A stock server whose program prints what is already on the screen, and our client.
 * (`test/domain/ssp/stock-server.test.ts` contains a model of this server.)
 */
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { ENVIRONMENT, startClient } from "../../bench/ends.ts"
import { requirePrograms, startServer } from "../support/peers.ts"
import { Relay } from "../support/relay.ts"

/** A datagram that the server sends after this much silence is a heartbeat; there is one every 3 s. */
const HEARTBEAT = 2000
/**
 * The maximum number of polls between two heartbeats. While its state was not acknowledged, the server made more than
 * 2000.
 */
const POLLS = 300

test("a stock server does not poll without a pause when its heartbeat crosses ours", async (context) => {
  requirePrograms(context, "mosh", "strace")
  const directory = mkdtempSync(join(tmpdir(), "stock-polls-"))
  const print = join(directory, "print")
  execFileSync("mkfifo", [print])
  // The second `x` replaces the first: a new screen for the server, with nothing to send.
  // Open for writing too: else a read meets the end of the file while the writer has not closed it yet.
  const script = `exec 3<>${print}; printf 'x\\b'; while read -r line <&3; do printf 'x\\b'; done`
  using server = await startServer("stock", { command: ["sh", "-c", script], environment: ENVIRONMENT })
  await using relay = await Relay.start(() => server.port)
  relay.shape("both", { delay: 20 })

  const trace = spawn("strace", ["-p", `${server.pid}`, "-e", "trace=pselect6,sendto"], {
    stdio: ["ignore", "ignore", "pipe"]
  })
  const lines = createInterface({ input: trace.stderr })
  const [line] = (await once(lines, "line")) as [string]
  if (!line.includes("attached")) context.skip(`strace may not trace: ${line}`)
  const isAnswered = async (): Promise<void> => {
    const { datagrams } = relay.traffic.toServer
    while (relay.traffic.toServer.datagrams === datagrams) await sleep(10)
  }
  // The next heartbeat takes longer than the first: our client's own is on its way by then.
  const cross = (): void => {
    relay.shape("toClient", { delay: 60 })
    writeFileSync(print, "\n")
  }
  let polls = 0
  let sentAt = Infinity
  let heartbeats = 0
  const done = new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      // A timeout below 2 ms counts as no pause.
      if (/^pselect6.*\{tv_sec=0, tv_nsec=(0|1000000)\}/.test(line)) polls++
      if (!line.startsWith("sendto")) return
      const isHeartbeat = performance.now() - sentAt > HEARTBEAT
      sentAt = performance.now()
      if (!isHeartbeat) return
      heartbeats++
      if (heartbeats === 1) void isAnswered().then(cross, reject)
      if (heartbeats === 2) polls = 0
      if (heartbeats === 3) resolve()
    })
    lines.on("close", () => reject(new Error("the server is no longer traced")))
  })
  const client = await startClient("ours", { port: relay.port, key: server.key })
  await done
  await client.end()
  trace.kill("SIGINT")
  rmSync(directory, { recursive: true })
  expect(polls).toBeLessThan(POLLS)
})
