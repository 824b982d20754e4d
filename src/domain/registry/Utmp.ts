/**
 * Reads Linux's login records, `/run/utmp`, and finds stock's detached mosh sessions in them (spec 1.8).
 */

/** One `USER_PROCESS` record. */
export interface Login {
  readonly user: string
  /** The terminal device, without `/dev/`. */
  readonly line: string
  readonly host: string
}

/** Size of glibc's `struct utmp`, bytes, for an architecture in Node's naming; `undefined` if unknown. */
export const recordSize = (architecture: string): number | undefined =>
  architecture === "x64" ? 384 : architecture === "arm64" ? 400 : undefined

const USER_PROCESS = 7
const LINE = { at: 8, length: 32 }
const USER = { at: 44, length: 32 }
const HOST = { at: 76, length: 256 }

/** Parses complete `USER_PROCESS` records of `size` bytes; a partial record at the end is ignored. */
export const parse = (file: Uint8Array, size: number): ReadonlyArray<Login> => {
  const logins: Array<Login> = []
  for (let at = 0; at + size <= file.length; at += size) {
    const record = file.subarray(at, at + size)
    // The low byte of a little-endian short. All type numbers fit in it.
    if (record[0] !== USER_PROCESS) continue
    logins.push({ user: text(record, USER), line: text(record, LINE), host: text(record, HOST) })
  }
  return logins
}

const decoder = new TextDecoder()

const text = (record: Uint8Array, { at, length }: { readonly at: number; readonly length: number }): string => {
  const field = record.subarray(at, at + length)
  const end = field.indexOf(0)
  return decoder.decode(end < 0 ? field : field.subarray(0, end))
}

/**
 * The names, `mosh [pid]`, of a user's stock sessions without a client. `hasTerminal`: whether the terminal device
 * still exists.
 */
export const detachedSessions = (
  logins: ReadonlyArray<Login>,
  user: string,
  hasTerminal: (line: string) => boolean
): ReadonlyArray<string> =>
  logins
    .filter((login) => login.user === user && /^mosh \[\d+\]$/.test(login.host) && hasTerminal(login.line))
    .map((login) => login.host)
