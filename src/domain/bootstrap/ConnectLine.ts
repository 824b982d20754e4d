/**
 * Parses the lines that tell the client its server's endpoint, among other output of the login (spec 1.2 step 7, 1.6).
 */

export type BootstrapLine =
  /** The server listens on UDP `port`; `key` is the session key, 22 characters (spec 2.1). */
  | { readonly _tag: "Connect"; readonly port: number; readonly key: string }
  /** The address that ssh reached, reported by the proxy command. */
  | { readonly _tag: "Address"; readonly address: string }
  /** sshd's view of the connection; `address` is the server's end of it. */
  | { readonly _tag: "SshConnection"; readonly address: string }
  /** It begins like one of the above, but is malformed. */
  | { readonly _tag: "Malformed"; readonly text: string }
  /** Any other line: banners, warnings, errors of the shell. */
  | { readonly _tag: "Other"; readonly text: string }

/** Parses one line, without its line feed. Total. Blanks and a final carriage return are ignored. */
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

/** Whether an untrusted word looks like an IP address: only such words may enter messages and command lines. */
const isNumeric = (address: string): boolean => address.length <= LONGEST && /^[\da-fA-F:.]+(%[\w.-]+)?$/.test(address)

/** Maximum length: longer than any address with an interface name. */
const LONGEST = 64

const CONNECT = "MOSH CONNECT "
const ADDRESS = "MOSH IP "
const SSH_CONNECTION = "MOSH SSH_CONNECTION "
