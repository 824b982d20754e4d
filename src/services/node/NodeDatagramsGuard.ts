/**
 * A second socket on a session's port, for what comes from the peer alone.
 *
 * It is connected to the peer, so the kernel puts the peer's datagrams into its buffer, and those of all others into the
 * first socket's: a flood of strangers fills that one only, and what the peer sends is neither lost nor late. It is an
 * improvement and no condition: whatever comes to either socket is looked at in the same way, and where the system does
 * not let sockets of one user share a port, there is no second one.
 */
import type * as Dgram from "node:dgram"
import { type Address, sameAddress } from "../Datagrams.ts"
import { systemError } from "./NodeSystemError.ts"

export interface Guard {
  /** The peer is at `peer` now. Cheap when it was there before. */
  readonly follow: (peer: Address) => void
  readonly close: () => void
}

export interface GuardOptions {
  /** The first socket, bound with `reusePort`. */
  readonly first: Dgram.Socket
  readonly createSocket: () => Dgram.Socket
  readonly onMessage: (bytes: Buffer, source: Dgram.RemoteInfo) => void
  /** The peer's host refused what was sent. The system reports that to connected sockets only. */
  readonly onRefused: (error: Error) => void
}

export const make = (options: GuardOptions): Guard => {
  let present: { readonly peer: Address; readonly socket: Dgram.Socket } | undefined
  const close = (): void => {
    const socket = present?.socket
    present = undefined
    try {
      socket?.close()
    } catch {
      // It closed itself already.
    }
  }
  return {
    follow: (peer) => {
      if (present !== undefined && sameAddress(present.peer, peer)) return
      close()
      try {
        const { address, port } = options.first.address()
        const socket = options.createSocket()
        present = { peer, socket }
        socket.on("message", options.onMessage)
        // Other errors cost nothing: the first socket still receives everything.
        socket.on("error", (error) => {
          if (systemError(error)?.code === "ECONNREFUSED") options.onRefused(error)
        })
        socket.bind(port, address)
        socket.connect(peer.port, peer.host)
      } catch {
        // Then there is none.
      }
    },
    close
  }
}
