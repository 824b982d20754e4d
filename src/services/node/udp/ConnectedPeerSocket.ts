/**
 * Additional sockets on a session's port, each for the datagrams of one peer address.
 *
 * Each is connected to an address of the peer, so the kernel puts the peer's datagrams into its buffer, and all others into
 * the first socket's. A flood by strangers fills only the first buffer, so the peer's datagrams are neither lost nor delayed.
 * The session does not depend on these sockets: datagrams of all sockets are processed alike, and where the system does not
 * let sockets of one user share a port, only the first one exists.
 *
 * The kernel gives a connected socket the local address that leads to the peer when it connects. When this host's address
 * changes, the peer's datagrams arrive at the first socket: then the connected one is replaced. So is one that could not
 * be connected, because the network was down.
 */
import type * as Dgram from "node:dgram"
import { type Address, sameAddress } from "../../transport/Datagrams.ts"
import { systemError } from "../NodeSystemError.ts"

export interface Guard {
  /** A datagram is being sent to `peer`. Cheap when a socket is connected to it. */
  readonly follow: (peer: Address) => void
  /** The first socket received an authentic datagram from `source`. */
  readonly bypassed: (source: Address) => void
  /** This host's addresses may have changed. */
  readonly disrupted: () => void
  readonly close: () => void
}

export interface GuardOptions {
  /** The first socket, bound with `reusePort`. */
  readonly first: Dgram.Socket
  readonly createSocket: () => Dgram.Socket
  readonly onMessage: (bytes: Buffer, source: Dgram.RemoteInfo) => void
  /** The peer's host refused what was sent. The system reports that to connected sockets only. */
  readonly onRefused: (error: Error, from: Address) => void
  /** A clock in ms; by default, the system's. */
  readonly monotonic?: () => number
}

/**
 * Minimum interval between two sockets for one address, ms, and minimum average interval between any; longer while a new
 * socket has the same local address as the one that it replaces.
 */
export const EVERY = 1000
const EVERY_MOST = 60_000
/** How many peer addresses have a socket: the client's and two that it may have moved to (`PathValidation`). */
const PEERS = 3

interface Link {
  readonly peer: Address
  socket: Dgram.Socket | undefined
  /** The local address, once connected. */
  local: string | undefined
  openedAt: number
  connectedAt: number
  isStale: boolean
  every: number
}

export const make = (options: GuardOptions): Guard => {
  const { monotonic = () => performance.now() } = options
  /** The most recently used last. */
  let links: Array<Link> = []
  /** When the last few sockets were made: a peer that roams gets one at once, and one that roams all the time does not. */
  let opened: ReadonlyArray<number> = []

  const open = (link: Link, now: number): void => {
    opened = [...opened, now].slice(-PEERS)
    link.openedAt = now
    link.isStale = false
    let socket: Dgram.Socket
    try {
      socket = options.createSocket()
    } catch {
      link.isStale = true
      return
    }
    let isConnected = false
    // After it is connected, other errors cost nothing: it still receives, and so does the first socket.
    socket.on("error", (error) => {
      if (systemError(error)?.code === "ECONNREFUSED") {
        // What a former address of the peer refuses is no news.
        if (links[links.length - 1] === link) options.onRefused(error, link.peer)
        return
      }
      if (isConnected) return
      close(socket)
      link.isStale = true
    })
    socket.on("connect", () => {
      isConnected = true
      if (!links.includes(link)) return close(socket)
      const local = localAddress(socket)
      link.every = local === link.local ? Math.min(2 * link.every, EVERY_MOST) : EVERY
      link.local = local
      link.connectedAt = monotonic()
      const former = link.socket
      link.socket = socket
      // What it has received is still read.
      if (former !== undefined) setImmediate(() => setImmediate(() => close(former)))
    })
    socket.on("message", options.onMessage)
    try {
      const { address, port } = options.first.address()
      socket.bind(port, address)
      socket.connect(link.peer.port, link.peer.host)
    } catch {
      close(socket)
      link.isStale = true
    }
  }

  return {
    follow: (peer) => {
      const last = links[links.length - 1]
      let link = last !== undefined && sameAddress(last.peer, peer) ? last : undefined
      if (link === undefined) {
        link = links.find((other) => sameAddress(other.peer, peer)) ?? {
          peer,
          socket: undefined,
          local: undefined,
          openedAt: -Infinity,
          connectedAt: -Infinity,
          isStale: true,
          every: EVERY
        }
        links = [...links.filter((other) => other !== link), link]
        if (links.length > PEERS) closeLink(links.shift())
      }
      if (!link.isStale) return
      const now = monotonic()
      const isBusy = opened.length >= PEERS && now - (opened[0] ?? now) < PEERS * EVERY
      if (!isBusy && now - link.openedAt >= link.every) open(link, now)
    },
    bypassed: (source) => {
      const link = links.find(({ peer }) => sameAddress(peer, source))
      // What arrived before it was connected may still be waiting at the first socket.
      if (link?.socket !== undefined && monotonic() - link.connectedAt >= EVERY) link.isStale = true
    },
    disrupted: () => {
      for (const link of links) {
        link.isStale = true
        link.every = EVERY
      }
    },
    close: () => {
      links.forEach(closeLink)
      links = []
    }
  }
}

const closeLink = (link: Link | undefined): void => {
  if (link?.socket !== undefined) close(link.socket)
}

const localAddress = (socket: Dgram.Socket): string | undefined => {
  try {
    return socket.address().address
  } catch {
    return undefined
  }
}

const close = (socket: Dgram.Socket): void => {
  try {
    socket.close()
  } catch {
    // It was closed already.
  }
}
