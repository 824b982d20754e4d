/**
 * Detects that the host slept, or that its addresses changed, so that a client probes its server at once rather than at
 * the next heartbeat.
 *
 * While datagrams are answered, this needs no timer. Sleep is detected when a datagram is sent: the wall clock advanced
 * further than the monotonic clock. Addresses are compared once a second, and only while no datagrams are answered.
 */
import * as Os from "node:os"

export interface NetworkWatch {
  /** A datagram is being sent. */
  readonly sent: () => void
  /** A new packet of the peer arrived; not called for strangers' datagrams. */
  readonly received: () => void
  readonly close: () => void
}

export interface NetworkWatchOptions {
  readonly onDisrupted: () => void
  /** Clocks, ms, and the host's addresses as one text. Default: the system's. */
  readonly wall?: () => number
  readonly monotonic?: () => number
  readonly addresses?: () => string
}

/** If the wall clock advances this much further than the monotonic clock, ms, the host has slept. */
const SLEPT = 2000
/** Silence after which addresses are compared, and the interval of that, ms. */
const UNANSWERED = 3500
const EVERY = 1000

export const make = (options: NetworkWatchOptions): NetworkWatch => {
  const { addresses = ownAddresses, monotonic = () => performance.now(), onDisrupted, wall = Date.now } = options
  let ahead = wall() - monotonic()
  let receivedAt = monotonic()
  let known = addresses()
  let timer: NodeJS.Timeout | undefined

  const look = (): void => {
    const present = addresses()
    if (present === known) return
    known = present
    onDisrupted()
  }
  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
  }

  return {
    sent: () => {
      const before = ahead
      ahead = wall() - monotonic()
      if (ahead - before >= SLEPT) onDisrupted()
      if (timer !== undefined || monotonic() - receivedAt < UNANSWERED) return
      timer = setInterval(look, EVERY)
      timer.unref()
      look()
    },
    received: () => {
      receivedAt = monotonic()
      if (timer === undefined) return
      stop()
      known = addresses()
    },
    close: stop
  }
}

const ownAddresses = (): string => {
  try {
    return Object.values(Os.networkInterfaces())
      .flatMap((infos) => infos ?? [])
      .filter(({ internal }) => !internal)
      .map(({ cidr }) => cidr)
      .sort()
      .join()
  } catch {
    // Without a list, no change can be detected.
    return ""
  }
}
