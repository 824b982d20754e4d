/**
 * Networks whose datagrams belonged to no session. Their further datagrams are dropped without trials for a while, which
 * doubles with each failure, so that one flooding host cannot use up the trials of others.
 *
 * Functions change the table in place. Its size is bounded: a new network takes the place of the oldest.
 */
import type { Millis } from "../Machine.ts"

interface Suspension {
  readonly until: Millis
  readonly length: Millis
}

/** By network, the oldest first. */
export type Strangers = Map<string, Suspension>

/** How many networks are remembered. */
export const MAX_NETWORKS = 1024
/** How long a network is suspended after its first failure, and at most, ms. */
export const SUSPENSION_MIN = 50
export const SUSPENSION_MAX = 10_000

/** Whether datagrams of `network` are to be dropped without trials. */
export const isSuspended = (strangers: Strangers, network: string, now: Millis): boolean =>
  now < (strangers.get(network)?.until ?? -Infinity)

/** A datagram of `network` belonged to no session. */
export const failed = (strangers: Strangers, network: string, now: Millis): void => {
  const before = strangers.get(network)
  // After as long a time without failures, it starts again with the shortest suspension.
  const isRecent = before !== undefined && now < before.until + before.length
  const length = isRecent ? Math.min(2 * before.length, SUSPENSION_MAX) : SUSPENSION_MIN
  strangers.delete(network)
  strangers.set(network, { until: now + length, length })
  if (strangers.size <= MAX_NETWORKS) return
  const [oldest] = strangers.keys()
  if (oldest !== undefined) strangers.delete(oldest)
}

/** A datagram of `network` belonged to a session. */
export const cleared = (strangers: Strangers, network: string): void => {
  if (strangers.size > 0) strangers.delete(network)
}

const GROUPS = 8
const PREFIX_GROUPS = 4

/** The network of a numeric address: the address itself for IPv4, the first 64 bits for IPv6, which one host may have. */
export const networkOf = (host: string): string => {
  if (!host.includes(":")) return host
  const [head = "", tail = ""] = host.split("::")
  const before = head === "" ? [] : head.split(":")
  if (before.length >= PREFIX_GROUPS) return before.slice(0, PREFIX_GROUPS).join(":")
  const after = tail === "" ? [] : tail.split(":")
  const zeros = Array.from({ length: Math.max(0, GROUPS - before.length - after.length) }, () => "0")
  return [...before, ...zeros, ...after].slice(0, PREFIX_GROUPS).join(":")
}
