/**
 * Tells when the host slept or has other addresses: what a client learns from nobody else, and what makes it look for
 * its server at once rather than at the next heartbeat.
 *
 * It costs no timer while datagrams are answered. Sleep shows when something is sent: the clock on the wall went on,
 * the monotonic one did not. Addresses are looked at once a second, and only while nobody answers.
 */
import * as Os from "node:os"

export interface NetworkWatch {
  /** A datagram is being sent. */
  readonly sent: () => void
  /** The peer was heard. Strangers are to change nothing. */
  readonly received: () => void
  readonly close: () => void
}

export interface NetworkWatchOptions {
  readonly onDisrupted: () => void
  /** Clocks, in ms, and the host's addresses as one text; by default, the system's. */
  readonly wall?: () => number
  readonly monotonic?: () => number
  readonly addresses?: () => string
}

/** By how much the clock on the wall must get ahead of the monotonic one for the host to have slept, ms. */
const SLEPT = 2000
/** How long nothing must have come for the addresses to be looked at, and how often that is done, ms. */
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
    // A host that does not tell has none that change.
    return ""
  }
}
