/**
 * A server that ssh reaches and UDP does not. It takes as long as people have to wait, hence a file of its own.
 */
import { createSocket } from "node:dgram"
import { once } from "node:events"
import { expect, it } from "vitest"
import { KEY, mosh, Workshop } from "./workshop.ts"

it("says which port of which address does not answer", async () => {
  using workshop = new Workshop()
  const silent = createSocket("udp4")
  silent.bind(0, "127.0.0.1")
  await once(silent, "listening")
  const { port } = silent.address()
  const ran = await mosh([`--ssh=${workshop.ssh(["MOSH IP 127.0.0.1", `MOSH CONNECT ${port} ${KEY}`])}`, "host"])
  silent.close()
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain(`the server at 127.0.0.1 never answered on UDP port ${port}`)
  expect(ran.stderr).toMatch(/firewall.*UDP/)
}, 60_000)
