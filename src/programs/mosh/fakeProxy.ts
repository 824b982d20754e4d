/**
 * `mosh --fake-proxy`: ssh's proxy command. It makes the connection that ssh would have made, and reports the
 * address, so that the session goes to the same machine (spec 1.3).
 */
import * as Result from "effect/Result"
import * as Net from "node:net"
import * as ConnectLine from "../../domain/bootstrap/ConnectLine.ts"
import * as RemoteAddress from "../../domain/bootstrap/RemoteAddress.ts"
import type { WrapperArguments } from "../../domain/arguments/WrapperArguments.ts"
import { lookup } from "../../services/node/udp/HostAddresses.ts"
import { words } from "../../services/node/NodeSystemError.ts"

/** Prints the address on stderr, which ssh passes through, and copies bytes between ssh and sshd. */
export const run = async ({ family, host, port }: Extract<WrapperArguments, { _tag: "FakeProxy" }>): Promise<void> => {
  const addresses = await lookup(host)
  const selected = Result.flatMap(addresses, (found) => RemoteAddress.select(family, found))
  if (Result.isFailure(selected)) return complain(`no address of ${host}: ${selected.failure.reason}`)
  for (const { address } of selected.success) {
    const socket = await connect(address, port)
    if (socket instanceof Net.Socket) {
      process.stderr.write(ConnectLine.formatAddress(address) + "\n")
      return carry(socket)
    }
    complain(`no connection to ${host} (${address}) port ${port}: ${words(socket)}`)
  }
}

const connect = (host: string, port: number): Promise<Net.Socket | Error> =>
  new Promise((settle) => {
    const socket = Net.connect({ host, port, allowHalfOpen: true })
    socket.once("connect", () => {
      socket.removeListener("error", settle)
      settle(socket)
    })
    socket.once("error", settle)
  })

/**
 * After ssh closes its end, sshd can still answer. When sshd closes the connection, this process exits: only that closes
 * ssh's input, and ssh may keep our own input open.
 */
const carry = (socket: Net.Socket): void => {
  // ssh ends its proxy by closing the pipes; SIGHUP would lose data in transit.
  process.on("SIGHUP", () => undefined)
  socket.setNoDelay()
  socket.on("error", (error) => complain(words(error)))
  const leave = () => process.stdout.write("", () => process.exit())
  socket.on("end", leave)
  socket.on("close", leave)
  process.stdin.on("error", () => socket.destroy())
  process.stdout.on("error", () => process.exit())
  process.stdin.pipe(socket)
  socket.pipe(process.stdout)
}

const complain = (text: string): void => {
  process.stderr.write(`mosh: ${text}\n`)
  process.exitCode = 1
}
