/**
 * What the two processes of `mosh-server` say to each other.
 *
 * The one that a person or ssh starts settles everything that can be refused, starts the one that keeps the session, gives
 * it a `Request`, prints what it reports, and is gone. They share one socket, file descriptor `DESCRIPTOR` of the session
 * process; each message is a line of JSON. The session's key passes here and nowhere else.
 */
import type { Size } from "../domain/terminal/Frame.ts"

export const DESCRIPTOR = 3

/** Everything the session process needs to know besides its environment. */
export interface Request {
  /** The address to bind; `null` for any. */
  readonly address: string | null
  readonly ports: { readonly low: number; readonly high: number }
  readonly colors: number
  /** The program and its arguments; empty for a login shell. */
  readonly command: ReadonlyArray<string>
  readonly size: Size
  /** Milliseconds; `null` where there is none. */
  readonly networkTimeout: number | null
  readonly signalTimeout: number | null
  readonly verbosity: number
  /** The core limit that the program is to have, as `ulimit` takes it; `null` where nobody knows it. */
  readonly coreLimit: string | null
  /** Variables that the starter added to the environment for the session process alone; no program is to have them. */
  readonly own: ReadonlyArray<string>
}

export type Report =
  | { readonly _tag: "Warning"; readonly text: string }
  /** The last one: the session is open, and the starter may go. */
  | { readonly _tag: "Listening"; readonly port: number; readonly key: string }
  /** The last one: there will be no session. */
  | { readonly _tag: "Failed"; readonly text: string }

export const encode = (message: Request | Report): string => JSON.stringify(message) + "\n"

/** Reads one line that the session process wrote; `undefined` for anything else. */
export const decodeReport = (line: string): Report | undefined => {
  const value = parse(line)
  if (typeof value !== "object" || value === null || !("_tag" in value)) return undefined
  if (value._tag === "Listening") {
    return "port" in value && typeof value.port === "number" && "key" in value && typeof value.key === "string"
      ? { _tag: "Listening", port: value.port, key: value.key }
      : undefined
  }
  if (value._tag !== "Warning" && value._tag !== "Failed") return undefined
  return "text" in value && typeof value.text === "string" ? { _tag: value._tag, text: value.text } : undefined
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
