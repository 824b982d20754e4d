/**
 * Who is logged in, as Linux records it in `/run/utmp`, and the mosh sessions among it that nobody is looking at
 * (spec 1.8).
 */

/** One `USER_PROCESS` record. */
export interface Login {
  readonly user: string
  /** The terminal, without `/dev/`. */
  readonly line: string
  readonly host: string
}

/** Bytes per record of glibc's `struct utmp` on a machine, by Node's name for it; `undefined` where we do not know. */
export const recordSize = (architecture: string): number | undefined =>
  architecture === "x64" ? 384 : architecture === "arm64" ? 400 : undefined

const USER_PROCESS = 7
const LINE = { at: 8, length: 32 }
const USER = { at: 44, length: 32 }
const HOST = { at: 76, length: 256 }

/** Reads whole records; what is left over is ignored. */
export const parse = (file: Uint8Array, size: number): ReadonlyArray<Login> => {
  const logins: Array<Login> = []
  for (let at = 0; at + size <= file.length; at += size) {
    const record = file.subarray(at, at + size)
    // The low byte of a little-endian short; no type needs more.
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

/** The names of a user's mosh sessions that no client is attached to: `mosh [pid]`. */
export const detachedSessions = (
  logins: ReadonlyArray<Login>,
  user: string,
  hasTerminal: (line: string) => boolean
): ReadonlyArray<string> =>
  logins
    .filter((login) => login.user === user && /^mosh \[\d+\]$/.test(login.host) && hasTerminal(login.line))
    .map((login) => login.host)
