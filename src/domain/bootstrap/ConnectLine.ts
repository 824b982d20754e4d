/**
 * The lines by which a wrapper learns where its server is, among whatever else ssh lets through (spec 1.2 step 7, 1.6).
 */

export type BootstrapLine =
  /** The server listens on UDP `port` and wants packets sealed with `key`: 22 characters, spec 2.1. */
  | { readonly _tag: "Connect"; readonly port: number; readonly key: string }
  /** The address that ssh reached, told by the proxy command. */
  | { readonly _tag: "Address"; readonly address: string }
  /** sshd's view of the connection; `address` is the server's end of it. */
  | { readonly _tag: "SshConnection"; readonly address: string }
  /** It begins as one of the above and goes on as none. */
  | { readonly _tag: "Malformed"; readonly text: string }
  /** Not for us: banners, warnings, errors of the shell. */
  | { readonly _tag: "Other"; readonly text: string }

/** Reads one line, without its line feed. Total. A carriage return at the end, and blanks, do not matter. */
export const parse = (line: string): BootstrapLine => {
  if (line.startsWith(CONNECT)) {
    const [, digits, key] = /^MOSH CONNECT (\d{1,5}) ([A-Za-z0-9/+]{22})\s*$/.exec(line) ?? []
    const port = Number(digits)
    return key !== undefined && port > 0 && port <= 65535
      ? { _tag: "Connect", port, key }
      : { _tag: "Malformed", text: line }
  }
  if (line.startsWith(ADDRESS)) {
    const address = /^MOSH IP (\S+)\s*$/.exec(line)?.[1]
    return address !== undefined && isNumeric(address)
      ? { _tag: "Address", address }
      : { _tag: "Malformed", text: line }
  }
  if (line.startsWith(SSH_CONNECTION)) {
    const words = line.trimEnd().split(/\s+/)
    const address = words[4]
    return words.length === 6 && address !== undefined && isNumeric(address)
      ? { _tag: "SshConnection", address }
      : { _tag: "Malformed", text: line }
  }
  return { _tag: "Other", text: line.endsWith("\r") ? line.slice(0, -1) : line }
}

export const formatConnect = (port: number, key: string): string => `${CONNECT}${port} ${key}`

export const formatAddress = (address: string): string => `${ADDRESS}${address}`

/** Whether a stranger's word can be an IP address: only such may go into messages and command lines. */
const isNumeric = (address: string): boolean => address.length <= LONGEST && /^[\da-fA-F:.]+(%[\w.-]+)?$/.test(address)

/** Longer than any address with the name of an interface. */
const LONGEST = 64

const CONNECT = "MOSH CONNECT "
const ADDRESS = "MOSH IP "
const SSH_CONNECTION = "MOSH SSH_CONNECTION "
