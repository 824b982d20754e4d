/**
 * The programs at the two ends of a forwarding, in processes of their own:
 *
 *     source PORT BYTES             sends so many bytes to each connection, and ends it
 *     fetch PORT [TARGET]           reads a connection to its end, through SOCKS if there is a target; prints a `Rate`
 *     drain PORT                    reads a connection, and prints nothing but that it is open
 *     hold PORT COUNT               opens so many connections, and reads nothing from them, until its input ends
 */
import * as Net from "node:net"

/** Bytes of a transfer after its first piece, and the ms in which they arrived. */
export interface Rate {
  readonly bytes: number
  readonly milliseconds: number
}

/** Measures from the first piece to the last: without logging in, and without connecting. */
export const meter = () => {
  let [begun, last, bytes] = [0, 0, -1]
  return {
    add: (length: number): void => {
      last = performance.now()
      if (bytes < 0) [begun, bytes] = [last, 0]
      else bytes += length
    },
    rate: (): Rate => ({ bytes: Math.max(0, bytes), milliseconds: last - begun })
  }
}

const HOST = "127.0.0.1"
const CHUNK = Buffer.alloc(262_144, 120)

const source = (port: number, size: number): void => {
  const server = Net.createServer((socket) => {
    let rest = size
    const send = (): void => {
      while (rest > 0 && !socket.destroyed) {
        const chunk = CHUNK.subarray(0, rest)
        rest -= chunk.length
        if (!socket.write(chunk)) return
      }
      socket.end()
    }
    socket.on("drain", send)
    socket.on("error", () => undefined)
    socket.resume()
    send()
  })
  server.listen(port, HOST, () => process.stdout.write("ready\n"))
}

/** What a proxy of SOCKS 5 sends before the bytes of the connection. */
const SOCKS_ANSWER = 12

const fetch = (port: number, target: number | undefined): void => {
  const { add, rate } = meter()
  let skip = target === undefined ? 0 : SOCKS_ANSWER
  const socket = Net.connect({ host: HOST, port })
  if (target !== undefined) socket.write(Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, target >> 8, target & 0xff))
  socket.on("data", ({ length }) => {
    const answer = Math.min(skip, length)
    skip -= answer
    if (length > answer) add(length - answer)
  })
  socket.on("error", (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  })
  socket.on("end", () => process.stdout.write(`${JSON.stringify(rate())}\n`))
}

const drain = (port: number): void => {
  const socket = Net.connect({ host: HOST, port }, () => process.stdout.write("ready\n"))
  socket.on("error", () => undefined)
  socket.resume()
}

const hold = async (port: number, count: number): Promise<void> => {
  const sockets = Array.from({ length: count }, () => Net.connect({ host: HOST, port }).pause())
  await Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.on("connect", resolve).on("error", () => undefined)))
  )
  process.stdout.write("ready\n")
  process.stdin.on("end", () => process.exit()).resume()
}

if (import.meta.main) {
  const [what, port = "", other] = process.argv.slice(2)
  if (what === "source") source(Number(port), Number(other))
  else if (what === "drain") drain(Number(port))
  else if (what === "hold") void hold(Number(port), Number(other))
  else fetch(Number(port), other === undefined ? undefined : Number(other))
}
