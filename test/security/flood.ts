/**
 * A process that sends hostile datagrams as fast as it can: `flood.ts PORT COUNT SENDER KEY`. It prints its duration in
 * milliseconds.
 */
import { createSocket } from "node:dgram"
import { argv, exit, stdout } from "node:process"
import type { Role } from "../../src/domain/ssp/Role.ts"
import { random } from "../support/seed.ts"
import * as Hostile from "./hostile.ts"

const [port = 0, count = 0] = argv.slice(2, 4).map(Number)
const sender: Role = argv[4] === "Server" ? "Server" : "Client"
const datagrams = Hostile.assortment(Hostile.recorded(sender, argv[5] ?? ""), 1 << 12, random(7))

/** The number of datagrams that wait for the kernel at once. More would only fill memory. */
const FLIGHT = 64

const socket = createSocket("udp4")
socket.on("error", () => undefined)
socket.connect(port, "127.0.0.1", () => {
  const started = performance.now()
  let sent = 0
  let done = 0
  const next = (): void => {
    const datagram = datagrams[sent % datagrams.length]
    if (sent >= count || datagram === undefined) return
    sent++
    socket.send(datagram, settled)
  }
  const settled = (): void => {
    if (++done < count) return next()
    stdout.write(`${Math.round(performance.now() - started)}\n`, () => exit(0))
  }
  for (let i = 0; i < FLIGHT; i++) next()
})
