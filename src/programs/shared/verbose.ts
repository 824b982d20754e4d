/**
 * The output of `--verbose`: standard error or a file.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Tty from "node:tty"
import * as HeldLines from "../../domain/client/HeldLines.ts"
import * as BoundedFile from "../../services/node/files/BoundedFile.ts"

export interface Verbose {
  /** Writes a line with the time. Lines that cannot be written are lost. */
  readonly print: (line: string) => void
  /** The session fills the terminal from now on: lines that would go there are kept until `release`. */
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

/** Appends to `file`, which only its owner can read; standard error without a file. */
export const open = (file: string | undefined): Effect.Effect<Verbose, VerboseError> =>
  Effect.suspend(() => {
    if (file === undefined) return Effect.sync(toStderr)
    const reason = BoundedFile.append(file, "", LONGEST_FILE)
    return reason === undefined ? Effect.succeed(toFile(file)) : Effect.fail(new VerboseError({ file, reason }))
  })

/** When a file has grown to this, it becomes FILE.old, and a new one begins: bytes. */
export const LONGEST_FILE = 4 * 1_048_576

const toFile = (file: string): Verbose => ({
  // A full disk must not end the session.
  print: (line) => void BoundedFile.append(file, `${date(new Date())} ${line}\n`, LONGEST_FILE),
  hold: () => undefined,
  release: () => undefined
})

const toStderr = (): Verbose => {
  let held: HeldLines.HeldLines | undefined
  const write = (line: string): void => void process.stderr.write(`${line}\n`)
  return {
    print: (line) => {
      const stamped = `${time(new Date())} ${line}`
      if (held === undefined) write(stamped)
      else held = HeldLines.add(held, stamped)
    },
    hold: () => {
      if (isOnScreen()) held ??= HeldLines.NONE
    },
    release: () => {
      if (held !== undefined) HeldLines.toPrint(held).forEach(write)
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
