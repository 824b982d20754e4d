/**
 * What a client asks a server to run: the first bytes of its half of a command's main stream (docs/spec/command.md).
 *
 * ```
 * length     varint, at most MAX_BODY
 * body:
 *   what     1 byte: 0 login shell, 1 command, 2 subsystem
 *   text     varint length, UTF-8: the command for the user's shell, or the subsystem's name
 *   count    varint, at most MAX_VARIABLES
 *   count ×  name, value: each a varint length and UTF-8
 * ```
 *
 * Bytes after the body are the command's input.
 */
import * as Result from "effect/Result"
import * as Varint from "../wire/streams/Varint.ts"

/** What to run, and with which variables beside the server's own. */
export interface CommandRequest {
  /**
   * - `shell`: the user's login shell, which reads commands from its input.
   * - `command`: `text` as a command for the user's shell.
   * - `subsystem`: the subsystem called `text`, such as `sftp`.
   */
  readonly what: "shell" | "command" | "subsystem"
  /** The command, or the name of the subsystem; empty for a shell. */
  readonly text: string
  /** Names and values, such as those of ssh's `SendEnv`. */
  readonly variables: ReadonlyArray<readonly [name: string, value: string]>
}

/** The value of `mosh-server`'s option `-@` for a session that runs commands without a terminal. */
export const WITHOUT_TERMINAL = "commands"

/** In the order of their numbers on the wire. */
const WHAT = ["shell", "command", "subsystem"] as const

/** The longest text, bytes: Linux passes no longer argument to a program. */
export const MAX_TEXT = 131_071

export const MAX_VARIABLES = 64

/** The longest name and value of a variable together, bytes. */
export const MAX_VARIABLE = 8192

/** The longest body, bytes. */
export const MAX_BODY = 1 + 4 + MAX_TEXT + 2 + 131_072

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Encodes a request. Fails with a phrase for the user if it is too long, or if a text contains a NUL. */
export const encode = ({ text, variables, what }: CommandRequest): Result.Result<Uint8Array, string> => {
  const command = encoder.encode(text)
  if (command.length > MAX_TEXT) return Result.fail(`the command has more than ${MAX_TEXT} bytes`)
  if (variables.length > MAX_VARIABLES) return Result.fail(`more than ${MAX_VARIABLES} variables are to be sent`)
  const texts = [command]
  for (const [name, value] of variables) {
    const pair = [encoder.encode(name), encoder.encode(value)]
    if (!isVariableName(name)) return Result.fail(`a variable cannot be called ${JSON.stringify(name)}`)
    if (length(pair) > MAX_VARIABLE) return Result.fail(`the variable ${name} is too long`)
    texts.push(...pair)
  }
  if (texts.some((bytes) => bytes.includes(0))) return Result.fail("the command contains a NUL")
  const body =
    1 + Varint.size(variables.length) + texts.reduce((sum, { length }) => sum + Varint.size(length) + length, 0)
  if (body > MAX_BODY) return Result.fail("the variables to be sent are too long")
  const cursor = { bytes: new Uint8Array(Varint.size(body) + body), at: 0 }
  Varint.write(cursor, body)
  cursor.bytes[cursor.at++] = WHAT.indexOf(what)
  writeText(cursor, command)
  Varint.write(cursor, variables.length)
  for (const bytes of texts.slice(1)) writeText(cursor, bytes)
  return Result.succeed(cursor.bytes)
}

const length = (texts: ReadonlyArray<Uint8Array>): number => texts.reduce((sum, bytes) => sum + bytes.length, 0)

const writeText = (cursor: Varint.Cursor, text: Uint8Array): void => {
  Varint.write(cursor, text.length)
  cursor.bytes.set(text, cursor.at)
  cursor.at += text.length
}

/** A name that every shell accepts. */
const isVariableName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)

/** Reads a request from the pieces of a stream. It belongs to `read`, which changes it in place. */
export interface Reader {
  /** What arrived of the request. */
  pieces: Array<Uint8Array>
  length: number
  /** Bytes of the request with its length; `undefined` while that is not known. */
  size: number | undefined
}

export const reader = (): Reader => ({ pieces: [], length: 0, size: undefined })

/** A request, and the first bytes of the command's input, which arrived with it. */
export interface Read {
  readonly request: CommandRequest
  readonly input: Uint8Array
}

/** Reads the next piece. `incomplete` until the whole request has arrived; the reader is used up by any other result. */
export const read = (self: Reader, piece: Uint8Array): Read | "incomplete" | "malformed" => {
  self.pieces.push(piece)
  self.length += piece.length
  if (self.size === undefined) {
    const head = { bytes: joined(self.pieces, Math.min(self.length, 8)), at: 0 }
    const body = Varint.read(head)
    // A varint has at most 8 bytes: with so many there, it is out of range.
    if (body === undefined) return self.length >= 8 ? "malformed" : "incomplete"
    if (body > MAX_BODY) return "malformed"
    self.size = head.at + body
  }
  if (self.length < self.size) return "incomplete"
  const all = joined(self.pieces, self.length)
  const cursor = { bytes: all.subarray(0, self.size), at: 0 }
  Varint.read(cursor)
  const request = readBody(cursor)
  return request === undefined ? "malformed" : { request, input: all.subarray(self.size) }
}

const joined = (pieces: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  const [first] = pieces
  if (first !== undefined && first.length >= length) return first.subarray(0, length)
  const bytes = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    const part = piece.subarray(0, length - at)
    bytes.set(part, at)
    at += part.length
    if (at === length) break
  }
  return bytes
}

const readBody = (cursor: Varint.Cursor): CommandRequest | undefined => {
  const what = WHAT[cursor.bytes[cursor.at++] ?? WHAT.length]
  const text = readText(cursor, MAX_TEXT)
  const count = Varint.read(cursor)
  if (what === undefined || text === undefined || count === undefined || count > MAX_VARIABLES) return undefined
  const variables: Array<readonly [string, string]> = []
  for (let i = 0; i < count; i++) {
    const name = readText(cursor, MAX_VARIABLE)
    const value = readText(cursor, MAX_VARIABLE)
    if (name === undefined || value === undefined || !isVariableName(name)) return undefined
    variables.push([name, value])
  }
  return cursor.at === cursor.bytes.length ? { what, text, variables } : undefined
}

const readText = (cursor: Varint.Cursor, longest: number): string | undefined => {
  const length = Varint.read(cursor)
  if (length === undefined || length > longest || cursor.at + length > cursor.bytes.length) return undefined
  const bytes = cursor.bytes.subarray(cursor.at, cursor.at + length)
  cursor.at += length
  if (bytes.includes(0)) return undefined
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
