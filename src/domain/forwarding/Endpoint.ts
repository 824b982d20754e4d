/**
 * Where a forwarding listens, and where its connections go: TCP ports and unix sockets, as text.
 *
 * The syntax is OpenSSH's. A text with a slash is the path of a unix socket. `*`, or an empty address, means all interfaces. A
 * backslash takes away the meaning of the next character, and an IPv6 address is put in brackets.
 */
import * as Result from "effect/Result"

/** Where connections go. */
export type Endpoint =
  | { readonly _tag: "Tcp"; readonly host: string; readonly port: number }
  | { readonly _tag: "Unix"; readonly path: string }

/** Where a listener waits for connections. Without a host, the listening end decides; `*` is all interfaces. Port 0: any free one. */
export type ListenEndpoint =
  | { readonly _tag: "Tcp"; readonly host: string | undefined; readonly port: number }
  | { readonly _tag: "Unix"; readonly path: string }

/** Bytes of the longest path of a unix socket on Linux, without the final NUL. */
export const MAX_PATH = 107

/** Bytes of the longest host name (RFC 1035). */
export const MAX_HOST = 255

/** All interfaces. */
export const ANY = "*"

/**
 * Splits at the colons outside of brackets, and removes brackets and backslashes. `isPath`: the part had a slash.
 * `undefined`: a bracket is not closed, or a colon is missing after it.
 */
export const split = (text: string): ReadonlyArray<Part> | undefined => {
  const parts: Array<Part> = []
  let at = 0
  for (;;) {
    let part = ""
    const isBracketed = text[at] === "["
    if (isBracketed) {
      const end = text.indexOf("]", at)
      if (end < 0 || (end + 1 < text.length && text[end + 1] !== ":")) return undefined
      part = text.slice(at + 1, end)
      at = end + 1
    } else {
      while (at < text.length && text[at] !== ":") {
        if (text[at] === "\\" && at + 1 < text.length) at++
        part += text[at++]
      }
    }
    parts.push({ text: part, isPath: part.includes("/") })
    if (at >= text.length) return parts
    at++
  }
}

export interface Part {
  readonly text: string
  readonly isPath: boolean
}

/** Reads the parts of a listening place: `[port]`, `[address, port]` or `[path]`. A failure is a phrase. */
export const listenOf = (parts: ReadonlyArray<Part>): Result.Result<ListenEndpoint, string> => {
  const [first, second] = parts
  if (first === undefined || parts.length > 2) return Result.fail("it has too many parts")
  if (second === undefined) {
    return first.isPath
      ? pathOf(first.text)
      : Result.map(portOf(first.text, 0), (port) => ({ _tag: "Tcp", host: undefined, port }))
  }
  if (first.isPath || second.isPath) return Result.fail("a path stands alone, without an address or a port")
  return Result.flatMap(hostOf(first.text === "" ? ANY : first.text), (host) =>
    Result.map(portOf(second.text, 0), (port) => ({ _tag: "Tcp", host, port }))
  )
}

/** Reads the parts of a destination: `[host, port]` or `[path]`. A failure is a phrase. */
export const endpointOf = (parts: ReadonlyArray<Part>): Result.Result<Endpoint, string> => {
  const [first, second] = parts
  if (first?.isPath === true && second === undefined) return pathOf(first.text)
  if (first === undefined || second === undefined || parts.length > 2 || first.isPath || second.isPath)
    return Result.fail("its destination is neither HOST:PORT nor a path")
  return Result.flatMap(hostOf(first.text), (host) =>
    Result.map(portOf(second.text, 1), (port) => ({ _tag: "Tcp", host, port }))
  )
}

const pathOf = (path: string): Result.Result<{ readonly _tag: "Unix"; readonly path: string }, string> =>
  isPath(path)
    ? Result.succeed({ _tag: "Unix", path })
    : Result.fail(`the path of a unix socket has at most ${MAX_PATH} bytes, and no control characters`)

/** Whether a text can be the path of a unix socket. */
export const isPath = (path: string): boolean => path.includes("/") && byteLength(path) <= MAX_PATH && !hasControl(path)

const hostOf = (host: string): Result.Result<string, string> =>
  isHost(host) ? Result.succeed(host) : Result.fail("a host is missing, too long, or has characters that no name has")

/** Whether a text can be the name or the address of a host. */
export const isHost = (host: string): boolean =>
  host !== "" && byteLength(host) <= MAX_HOST && !hasControl(host) && !/[\s[\]/\\]/.test(host)

const portOf = (text: string, lowest: number): Result.Result<number, string> =>
  /^\d{1,5}$/.test(text) && Number(text) >= lowest && Number(text) <= 65_535
    ? Result.succeed(Number(text))
    : Result.fail(`a port is a number from ${lowest} to 65535`)

const encoder = new TextEncoder()
const byteLength = (text: string): number => encoder.encode(text).length

/** Whether a text has control characters, or surrogates that are not pairs. */
const hasControl = (text: string): boolean => /[\p{Cc}\p{Cs}]/u.test(text)

/** The endpoint as text; the inverse of `endpointOf` and `split`. */
export const format = (endpoint: Endpoint | ListenEndpoint): string => {
  if (endpoint._tag === "Unix") return endpoint.path.replaceAll(/[\\:]|^\[/g, (character) => `\\${character}`)
  if (endpoint.host === undefined) return String(endpoint.port)
  return `${endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`
}
