/**
 * `mosh-server relay`: carries the datagrams of one session through its standard input and output, for a client that
 * started it by ssh (docs/spec/relay.md).
 *
 * It knows no key, and reads no datagram. It exchanges datagrams with one socket of this host only: the port that it was
 * started for, of a process of this user. It ends with its ssh.
 */
import * as Result from "effect/Result"
import * as Dgram from "node:dgram"
import * as Net from "node:net"
import * as ServerArguments from "../../domain/arguments/ServerArguments.ts"
import * as RelayEnd from "../../domain/relay/RelayEnd.ts"
import * as RelayFailure from "../../domain/relay/RelayFailure.ts"
import * as RelayFrame from "../../domain/relay/RelayFrame.ts"
import * as SessionAddress from "../../services/node/udp/SessionAddress.ts"
import { complain } from "./complain.ts"

/** Silence of the client, ms, after which a relay ends: ssh may take hours to notice that its connection is lost. */
const ABANDONED = 300_000

/** Bytes in Node's own buffer above which datagrams are dropped: standard output is blocked. */
const MAX_BUFFERED = 262_144

export const relay = (port: number, sshConnection: string | undefined): void => {
  const reached = ServerArguments.sshAddress(sshConnection)
  const addresses = SessionAddress.candidates(port, Result.isSuccess(reached) ? reached.success : undefined)
  connect(port, addresses, (socket) => carry(socket, port))
}

const end = (status: number, ...lines: ReadonlyArray<string>): void => {
  complain(...lines)
  process.exit(status)
}

const noSession = (port: number): void =>
  end(RelayFailure.NO_SESSION, `mosh-server: no session of yours has UDP port ${port} here: it has ended.`)

/** Connects to the first address that is one of this host. The socket is bound to it, which no other host's can be. */
const connect = (port: number, addresses: ReadonlyArray<string>, use: (socket: Dgram.Socket) => void): void => {
  const [address, ...others] = addresses
  if (address === undefined) return noSession(port)
  const socket = Dgram.createSocket(Net.isIPv6(address) ? "udp6" : "udp4")
  const onError = (): void => {
    socket.removeAllListeners()
    socket.on("error", () => undefined)
    socket.close()
    connect(port, others, use)
  }
  socket.once("error", onError)
  socket.bind(0, address, () =>
    socket.connect(port, address, (error?: Error) => {
      if (error !== undefined) return onError()
      socket.removeListener("error", onError)
      use(socket)
    })
  )
}

const carry = (socket: Dgram.Socket, port: number): void => {
  let channel = RelayEnd.init("Relay", performance.now())
  const output = new Net.Socket({ fd: 1, readable: false, writable: true })
  const leave = (): void => process.exit(0)
  const step = (given: RelayEnd.Input): void => {
    const [next, outputs] = RelayEnd.machine.step(channel, given, performance.now())
    channel = next
    outputs.forEach(perform)
  }
  const perform = (done: RelayEnd.Output): void => {
    switch (done._tag) {
      case "Write":
        return void output.write(done.bytes)
      case "Datagram":
        return socket.send(done.datagram)
      case "Malformed":
        return end(1, "mosh-server: relay: malformed input.")
      case "Greeted":
        return
    }
  }
  let heardAt = performance.now()
  setInterval(() => {
    if (performance.now() - heardAt > ABANDONED) leave()
  }, ABANDONED).unref()
  // sshd ends its command by closing the pipes.
  for (const signal of ["SIGHUP", "SIGTERM", "SIGINT"] as const) process.on(signal, leave)
  output.on("error", leave)
  output.on("close", leave)
  socket.on("error", (error) => {
    if ("code" in error && error.code === "ECONNREFUSED") noSession(port)
  })
  socket.on("message", (datagram) => {
    if (output.writableLength < MAX_BUFFERED) step({ _tag: "Send", datagram })
  })
  const input = process.stdin
  input.on("error", leave)
  input.on("end", leave)
  input.on("close", leave)
  output.write(RelayFrame.GREETING)
  input.on("data", (bytes: Buffer) => {
    heardAt = performance.now()
    step({ _tag: "Receive", bytes })
  })
}
