/**
 * `mosh --fake-proxy` as ssh uses it: bytes both ways, each direction ending by itself.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { once } from "node:events"
import * as Net from "node:net"
import { mosh } from "./workshop.ts"

describe("mosh --fake-proxy", () => {
  // Says nothing until it has heard everything: what it says then shows that its side is still open.
  const server = Net.createServer({ allowHalfOpen: true }, (socket) => {
    const heard: Array<string> = []
    socket.setEncoding("latin1")
    socket.on("data", (text) => heard.push(String(text)))
    socket.on("end", () => socket.end(heard.join(""), "latin1"))
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

  it.each([["127.0.0.1"], ["localhost"]])("connects to %s, tells the address, and carries every byte", async (host) => {
    expect(await proxy(host, port)).toEqual({ code: 0, stdout: sent, stderr: "MOSH IP 127.0.0.1\n" })
  })

  it("says why it cannot", async () => {
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
