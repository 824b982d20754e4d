/**
 * Whether sockets of this machine share a UDP port. On Linux those of one user may, if each asks for it; two servers are
 * not to.
 */
import * as Fs from "node:fs"

/** Whether sockets can share a port, so that one of them can be a guard (`NodeDatagramsGuard`). */
export const isPossible = process.platform === "linux"

/** Whether another socket can take datagrams for `port` of `address` from us. */
export const isShared = (address: string, port: number): boolean => {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`
  const locals = (file: string): ReadonlyArray<string> =>
    lines(file)
      .map((line) => line.trim().split(/\s+/)[1] ?? "")
      .filter((local) => local.endsWith(wanted))
      .map((local) => local.slice(0, -wanted.length))
  return (
    locals("/proc/net/udp")
      .concat(locals("/proc/net/udp6"))
      .filter((other) => overlaps(address, other)).length > 1
  )
}

/** `other` as the kernel prints it. */
const overlaps = (own: string, other: string): boolean => {
  if (own === "::") return true
  const isWild = /^0+$/.test(other)
  const family = other.length === 8 ? "IPv4" : "IPv6"
  if (own === "0.0.0.0") return isWild || family === "IPv4"
  if (own.includes(".")) return isWild || other === hexWords(own.split(".").map(Number))
  return family === "IPv6" && (isWild || other === hexWords(bytesOfIPv6(own)))
}

/** Words of 32 bits in hexadecimal, each as a machine of the usual byte order reads it. */
const hexWords = (bytes: ReadonlyArray<number>): string => {
  const hex = bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0"))
  const text: Array<string> = []
  for (let at = 0; at < hex.length; at += 4) text.push(...hex.slice(at, at + 4).toReversed())
  return text.join("")
}

const bytesOfIPv6 = (address: string): ReadonlyArray<number> => {
  const [head = "", tail = ""] = address.replace(/%.*$/, "").split("::")
  const [before, after] = [head, tail].map((part) => part.split(":").filter(Boolean)) as [Array<string>, Array<string>]
  const missing = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0")
  return [...before, ...missing, ...after]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 0xff])
}

const lines = (file: string): ReadonlyArray<string> => {
  try {
    return Fs.readFileSync(file, "latin1").split("\n").slice(1)
  } catch {
    return []
  }
}
