/**
 * Where `--verbose` tells: on standard error, or in a file.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Tty from "node:tty"
import * as HeldLines from "../domain/client/HeldLines.ts"

export interface Verbose {
  /** Tells a line, with the time. What cannot be written any more is lost. */
  readonly say: (line: string) => void
  /** A picture fills the terminal from now on: lines that would fall into it are kept until `release`. */
  readonly hold: () => void
  readonly release: () => void
}

/** The file cannot be written to. */
export class VerboseError extends Data.TaggedError("VerboseError")<{
  readonly file: string
  readonly reason: string
}> {
  override get message() {
    return `cannot write to ${this.file}: ${this.reason}.`
  }
}

/** Opens `file` to append to it; a new one is for its owner alone. Standard error without a file. */
export const open = (file: string | undefined): Effect.Effect<Verbose, VerboseError> =>
  file === undefined
    ? Effect.sync(toStderr)
    : Effect.try({
        try: () => toFile(file),
        catch: (error) => new VerboseError({ file, reason: reason(error) })
      })

/** Without what Node puts around it: the code, and the call. */
const reason = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).replace(/^\w+: (.*), open .*$/s, "$1")

/** When a file has grown to this, it becomes FILE.old, and a new one begins: bytes. */
export const LONGEST_FILE = 4 * 1_048_576

const toFile = (file: string): Verbose => {
  const open = (): number => Fs.openSync(file, "a", 0o600)
  let fd = open()
  return {
    say: (line) => {
      try {
        Fs.writeSync(fd, `${date(new Date())} ${line}\n`)
        const found = Fs.fstatSync(fd)
        if (!found.isFile() || found.size <= LONGEST_FILE) return
        Fs.renameSync(file, `${file}.old`)
        const next = open()
        Fs.closeSync(fd)
        fd = next
      } catch {
        // The disk is full, say: no reason to end a session.
      }
    },
    hold: () => undefined,
    release: () => undefined
  }
}

const toStderr = (): Verbose => {
  let held: HeldLines.HeldLines | undefined
  const write = (line: string): void => void process.stderr.write(`${line}\n`)
  return {
    say: (line) => {
      const stamped = `${time(new Date())} ${line}`
      if (held === undefined) write(stamped)
      else held = HeldLines.add(held, stamped)
    },
    hold: () => {
      if (isOnScreen()) held ??= HeldLines.NONE
    },
    release: () => {
      if (held !== undefined) HeldLines.told(held).forEach(write)
      held = undefined
    }
  }
}

const STDOUT = 1
const STDERR = 2

/** Whether standard error is the terminal that standard output is. */
const isOnScreen = (): boolean => {
  try {
    return Tty.isatty(STDERR) && Fs.fstatSync(STDERR).rdev === Fs.fstatSync(STDOUT).rdev
  } catch {
    return false
  }
}

/** Local time, to the millisecond. */
const time = (at: Date): string =>
  `${digits(at.getHours(), 2)}:${digits(at.getMinutes(), 2)}:${digits(at.getSeconds(), 2)}.${digits(at.getMilliseconds(), 3)}`

const date = (at: Date): string =>
  `${at.getFullYear()}-${digits(at.getMonth() + 1, 2)}-${digits(at.getDate(), 2)} ${time(at)}`

const digits = (number: number, count: number): string => String(number).padStart(count, "0")
