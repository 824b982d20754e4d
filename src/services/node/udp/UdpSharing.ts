/**
 * Detects whether sockets of this machine share a UDP port. On Linux, sockets of one user can share one if each requests it;
 * two servers must not.
 */
import * as Fs from "node:fs"
import type { Family } from "../../transport/Datagrams.ts"

/** Whether sockets can share a port, so that one of them can be connected to the peer (`ConnectedPeerSocket`). */
export const isPossible = process.platform === "linux"

/** Whether another socket can receive datagrams for `port` of `address`. */
export const isShared = (address: string, port: number): boolean =>
  localsOn("/proc/net/udp", port)
    .concat(localsOn("/proc/net/udp6", port))
    .filter((other) => overlaps(address, other)).length > 1

/** The column of a socket's inode in the kernel's table. */
const INODE = 9

/**
 * The local addresses of the sockets that have a port, as the kernel prints them. The kernel prints its table in parts, and
 * may repeat a socket if others are opened or closed between two parts. A socket's inode is its own.
 */
const localsOn = (file: string, port: number): ReadonlyArray<string> => {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`
  const locals = new Map<string, string>()
  for (const line of lines(file)) {
    const columns = line.trim().split(/\s+/)
    const local = columns[1] ?? ""
    if (!local.endsWith(wanted)) continue
    const inode = columns[INODE] ?? "0"
    // Where the kernel names no inode, each line counts.
    locals.set(inode === "0" ? `line ${locals.size}` : inode, local.slice(0, -wanted.length))
  }
  return [...locals.values()]
}

/** How many sockets of a family, on any address, have a port. */
export const holders = (family: Family, port: number): number =>
  localsOn(family === "IPv4" ? "/proc/net/udp" : "/proc/net/udp6", port).length

/** `other` as the kernel prints it. An IPv4 address inside IPv6 is that address. */
const overlaps = (own: string, other: string): boolean => {
  const ours = unmapped(bytesOf(own))
  const theirs = unmapped(bytesOfKernel(other))
  if (isAny(ours) && ours.length === 16) return true
  if (isAny(theirs) && (theirs.length === 16 || ours.length === 4)) return true
  return ours.length === theirs.length && (isAny(ours) || ours.every((byte, i) => byte === theirs[i]))
}

type Bytes = ReadonlyArray<number>

const isAny = (bytes: Bytes): boolean => bytes.every((byte) => byte === 0)

const MAPPED: Bytes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

const unmapped = (bytes: Bytes): Bytes =>
  bytes.length === 16 && MAPPED.every((byte, i) => byte === bytes[i]) ? bytes.slice(12) : bytes

/** 32-bit words in hexadecimal, each in little-endian order. */
const bytesOfKernel = (hex: string): Bytes =>
  (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16))
  )

const bytesOf = (address: string): Bytes => (address.includes(":") ? bytesOfIPv6(address) : bytesOfIPv4(address))

const bytesOfIPv4 = (address: string): Bytes => address.split(".").map(Number)

const bytesOfIPv6 = (address: string): Bytes => {
  const [head = "", tail] = address.replace(/%.*$/, "").split("::")
  const before = bytesOfGroups(head)
  const after = bytesOfGroups(tail ?? "")
  return [...before, ...Array.from({ length: Math.max(0, 16 - before.length - after.length) }, () => 0), ...after]
}

/** The last group may be an IPv4 address. */
const bytesOfGroups = (groups: string): Bytes =>
  groups
    .split(":")
    .filter(Boolean)
    .flatMap((group) => {
      if (group.includes(".")) return bytesOfIPv4(group)
      const word = Number.parseInt(group, 16)
      return [word >> 8, word & 0xff]
    })

const lines = (file: string): ReadonlyArray<string> => {
  try {
    return Fs.readFileSync(file, "latin1").split("\n").slice(1)
  } catch {
    return []
  }
}
