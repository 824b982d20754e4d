/**
 * The handover from the process that ssh starts to the process of the session: what if the second starts slowly?
 */
import { expect, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { createSocket, type RemoteInfo } from "node:dgram"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { end, program } from "../../support/peers.ts"
import { openClient } from "../../security/terminal.ts"

const SLOW = `
if (process.argv[1]?.includes("mosh-server-session"))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
`

it("a client's first datagram is received, though the session's process starts long after it", async () => {
  await using scratch = new AsyncDisposableStack()
  const home = mkdtempSync(join(tmpdir(), "effect-mosh-handover-"))
  scratch.defer(() => rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  writeFileSync(join(home, "slow.mjs"), SLOW)
  const environment = { HOME: home, PATH: process.env["PATH"] ?? "/usr/bin:/bin", LANG: "C.UTF-8" }

  const [file = "", ...words] = program("ours", "mosh-server")
  const server = spawn(file, [...words, "new", "-i", "127.0.0.1", "-p", "0", "--", "cat"], {
    env: { ...environment, NODE_OPTIONS: `--import ${join(home, "slow.mjs")}` },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let told = ""
  server.stdout.on("data", (bytes: Buffer) => (told += bytes.toString()))
  server.stderr.on("data", (bytes: Buffer) => (told += bytes.toString()))
  expect(await new Promise((resolve) => server.on("close", resolve))).toBe(0)
  const started = performance.now()
  const [, port, key = ""] = /^MOSH CONNECT (\d+) (\S+)$/m.exec(told) ?? []
  const [, pid] = /pid = (\d+)/.exec(told) ?? []
  scratch.defer(() => end(Number(pid)))

  // Of all that the client sends, one datagram arrives.
  const relay = scratch.adopt(createSocket("udp4"), (socket) => void socket.close())
  await new Promise<void>((resolve) => relay.bind(0, "127.0.0.1", resolve))
  let sent = 0
  const answered = new Promise<number>((resolve) => {
    relay.on("message", (bytes: Buffer, from: RemoteInfo) => {
      if (from.port === Number(port)) resolve(performance.now() - started)
      else if (sent++ === 0) relay.send(bytes, Number(port), "127.0.0.1")
    })
  })
  scratch.use(await openClient(relay.address().port, { ...environment, MOSH_KEY: key, MOSH_LOG: "" }))
  expect(await answered).toBeGreaterThan(1000)
})

it("a malformed handover is reported by its fields, without the key", async () => {
  await using scratch = new AsyncDisposableStack()
  const home = mkdtempSync(join(tmpdir(), "effect-mosh-handover-"))
  scratch.defer(() => rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  const socket = scratch.adopt(createSocket("udp4"), (socket) => void socket.close())
  await new Promise<void>((done) => socket.bind(0, "127.0.0.1", done))
  const child = spawn(process.execPath, [resolve(import.meta.dirname, "../../../dist/mosh-server-session.js")], {
    env: { HOME: home, PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    stdio: ["ignore", "ignore", "pipe", "ipc"]
  })
  let stderr = ""
  child.stderr?.on("data", (bytes: Buffer) => (stderr += bytes.toString()))
  const key = "AAAAAAAAAAAAAAAAAAAAAA"
  const handover = {
    key,
    colors: "many",
    command: [],
    withoutTerminal: false,
    agent: false,
    size: { columns: 80 },
    networkTimeout: null,
    scrollback: 10_000,
    forwarding: { connects: true, listens: true },
    signalTimeout: null,
    name: null,
    everywhere: false,
    persistent: false,
    verbosity: 0,
    coreLimit: null,
    own: []
  }
  child.send(handover, socket)
  expect(await new Promise((done) => child.on("close", done))).toBe(1)
  expect(stderr).toBe(
    "mosh-server-session: mosh-server's handover is malformed at colors, size.rows. mosh-server starts this program; please run that.\n"
  )
})
