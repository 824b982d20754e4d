/**
 * Reads the kernel's table of UDP sockets (Linux: `/proc/net/udp`, `/proc/net/udp6`).
 */

/** The numeric addresses on which sockets of the user `uid` are bound to `port`, as `table` lists them, without duplicates. */
export const boundAddresses = (table: string, port: number, uid: number): ReadonlyArray<string> => {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0")
  const found = new Set<string>()
  for (const line of table.split("\n").slice(1)) {
    const words = line.trim().split(/\s+/)
    const [host = "", localPort] = (words[1] ?? "").split(":")
    if (localPort !== wanted || words[UID_COLUMN] !== String(uid)) continue
    const address = formatAddress(host)
    if (address !== undefined) found.add(address)
  }
  return [...found]
}

const UID_COLUMN = 7

/** 32-bit words in hexadecimal, each in little-endian order, as a numeric address. */
const formatAddress = (hex: string): string | undefined => {
  if (!/^([\dA-F]{8}|[\dA-F]{32})$/i.test(hex)) return undefined
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16))
  )
  if (bytes.length === 4) return bytes.join(".")
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16)
  )
  return groups.join(":")
}
