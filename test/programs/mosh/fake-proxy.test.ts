/**
 * `mosh --fake-proxy` as ssh uses it: bytes in both directions, each of which ends independently.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { spawn } from "node:child_process"
import { once } from "node:events"
import * as Net from "node:net"
import { program } from "../../support/peers.ts"
import { mosh } from "./workshop.ts"

describe("mosh --fake-proxy", () => {
  // Sends nothing until it has received everything: what it sends then shows that its direction is still open.
  const server = Net.createServer({ allowHalfOpen: true }, (socket) => {
    const received: Array<string> = []
    socket.setEncoding("latin1")
    socket.on("data", (text) => received.push(String(text)))
    socket.on("end", () => socket.end(received.join(""), "latin1"))
  })
  let port = 0
  beforeAll(async () => {
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const address = server.address()
    if (address !== null && typeof address === "object") port = address.port
  })
  afterAll(() => {
    server.close()
  })

  const proxy = (host: string, to: number, ...options: ReadonlyArray<string>) =>
    mosh([...options, "--fake-proxy", "--", host, String(to)], { stdin: sent })
  const sent = "SSH-2.0-é\r\n".repeat(50_000)

  it.each([["127.0.0.1"], ["localhost"]])(
    "connects to %s, reports the address, and carries every byte",
    async (host) => {
      expect(await proxy(host, port)).toEqual({ code: 0, stdout: sent, stderr: "MOSH IP 127.0.0.1\n" })
    }
  )

  it.each<[string, (socket: Net.Socket) => unknown]>([
    ["ends", (socket) => socket.end("bye\r\n")],
    ["resets", (socket) => socket.write("bye\r\n", () => setTimeout(() => socket.resetAndDestroy(), 200))]
  ])("leaves when the server %s the connection, though ssh does not", { timeout: 15_000 }, async (_how, close) => {
    const closing = Net.createServer(close)
    await once(closing.listen(0, "127.0.0.1"), "listening")
    const address = closing.address()
    const to = address !== null && typeof address === "object" ? address.port : 0
    const [file = "", ...line] = [...program("ours", "mosh"), "--fake-proxy", "--", "127.0.0.1", String(to)]
    const child = spawn(file, line, { stdio: ["pipe", "pipe", "ignore"] })
    let stdout = ""
    child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()))
    await once(child, "close")
    expect(stdout).toBe("bye\r\n")
    closing.close()
  })

  it("reports why it cannot connect", async () => {
    const refused = await proxy("127.0.0.1", 1)
    expect(refused).toMatchObject({ code: 1, stdout: "" })
    expect(refused.stderr).toMatch(/^mosh: no connection to 127\.0\.0\.1 \(127\.0\.0\.1\) port 1: .*connection refused/)
    expect(await proxy("127.0.0.1", port, "-6")).toEqual({
      code: 1,
      stdout: "",
      stderr: "mosh: no address of 127.0.0.1: there is no IPv6 address\n"
    })
    expect((await proxy("name.invalid", 1)).stderr).toMatch(/^mosh: no address of name.invalid: /)
  })
})
