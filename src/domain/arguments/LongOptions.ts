/**
 * Parses command lines like Perl's Getopt::Long with its defaults, as stock `mosh` does (spec 1.1).
 *
 * Options and operands may be mixed until `--`. Names begin with one dash or two, and may be abbreviated as long as they
 * are unambiguous. Their case is ignored, unless two names differ only in case. Single letters are not bundled: `-an` is
 * the name `an`.
 */
import * as Result from "effect/Result"

/** An option of a program. Messages call it by the first of `names`. */
export interface LongOption<Id extends string> {
  readonly id: Id
  readonly names: ReadonlyArray<string>
  /** The names of a negatable flag may be preceded by `no` or `no-`. An optional value must follow `=`. */
  readonly kind: "flag" | "negatable" | "value" | "optional"
  /** For programs, which write its whole name: it has no abbreviations, and messages do not list it. */
  readonly internal?: boolean
  /**
   * An abbreviation that also fits an option without this mark means that option, so that abbreviations of stock's options
   * keep their meaning.
   */
  readonly late?: boolean
  /**
   * One capital letter, as ssh's, after one dash: the small letter does not mean it, and a value that does not begin with a
   * letter may be attached (`-D1080`).
   */
  readonly cased?: boolean
}

export type Occurrence<Id extends string> =
  | { readonly _tag: "Flag"; readonly id: Id; readonly on: boolean }
  /** `value` is `undefined` if an optional value was omitted. */
  | { readonly _tag: "Value"; readonly id: Id; readonly value: string | undefined }

export interface CommandLine<Id extends string> {
  /** In the order of the command line. */
  readonly options: ReadonlyArray<Occurrence<Id>>
  readonly operands: ReadonlyArray<string>
  /** Number of operands before `--`; without `--`, of all operands. */
  readonly beforeEnd: number
}

/** Parses a command line. A failure is one sentence for the user. */
export const parse = <Id extends string>(
  known: ReadonlyArray<LongOption<Id>>,
  line: ReadonlyArray<string>
): Result.Result<CommandLine<Id>, string> => {
  const spellings = spell(known)
  const options: Array<Occurrence<Id>> = []
  const operands: Array<string> = []
  for (let at = 0; at < line.length; at++) {
    const argument = line[at] as string
    if (argument === "--") {
      const rest = line.slice(at + 1)
      return Result.succeed({ options, operands: [...operands, ...rest], beforeEnd: operands.length })
    }
    if (argument.length < 2 || argument[0] !== "-") {
      operands.push(argument)
      continue
    }
    const cased = known.find(({ cased, kind, names }) => cased === true && kind === "value" && names[0] === argument[1])
    if (cased !== undefined && /^[^a-z=]/i.test(argument.slice(2))) {
      options.push({ _tag: "Value", id: cased.id, value: argument.slice(2) })
      continue
    }
    const { attached, name } = split(argument)
    const found = find(spellings, name, argument.startsWith("--"))
    if (Result.isFailure(found))
      return Result.fail(operands.length < 2 ? found.failure : `${FOR_A_COMMAND} ${found.failure}`)
    const { id, kind, on } = found.success
    if (kind === "optional") {
      options.push({ _tag: "Value", id, value: attached === "" ? undefined : attached })
    } else if (kind !== "value") {
      if (attached !== undefined) return Result.fail(`The option ${dashed(name)} takes no value.`)
      options.push({ _tag: "Flag", id, on })
    } else if (attached === undefined && at + 1 < line.length) {
      // Even if it looks like an option: `--server -x` names the server `-x`.
      at += 1
      options.push({ _tag: "Value", id, value: line[at] as string })
    } else if (attached !== undefined && attached !== "") {
      options.push({ _tag: "Value", id, value: attached })
    } else {
      return Result.fail(`The option ${dashed(name)} needs a value.`)
    }
  }
  return Result.succeed({ options, operands, beforeEnd: operands.length })
}

/** Whether the next argument is the value of this one, which is an option. */
export const takesNext = <Id extends string>(known: ReadonlyArray<LongOption<Id>>, argument: string): boolean => {
  const { attached, name } = split(argument)
  const found = find(spell(known), name, argument.startsWith("--"))
  return attached === undefined && Result.isSuccess(found) && found.success.kind === "value"
}

const split = (argument: string): { readonly name: string; readonly attached: string | undefined } => {
  const text = argument.slice(argument[1] === "-" ? 2 : 1)
  const equals = text.indexOf("=")
  return equals < 0
    ? { name: text, attached: undefined }
    : { name: text.slice(0, equals), attached: text.slice(equals + 1) }
}

/** The second operand begins a command, and options after it are likely the command's. */
export const FOR_A_COMMAND = "Put -- before a command that has options of its own."

/** One way to write an option. */
interface Spelling<Id extends string> {
  readonly text: string
  readonly id: Id
  readonly kind: LongOption<Id>["kind"]
  readonly late: boolean
  readonly internal: boolean
  readonly cased: boolean
  readonly on: boolean
}

const spell = <Id extends string>(known: ReadonlyArray<LongOption<Id>>): ReadonlyArray<Spelling<Id>> =>
  known.flatMap(({ cased = false, id, internal = false, kind, late = false, names }) =>
    names.flatMap((text) => {
      const plain: Spelling<Id> = { text, id, kind, late, internal, cased, on: true }
      if (kind !== "negatable") return [plain]
      return [plain, { ...plain, text: `no-${text}`, on: false }, { ...plain, text: `no${text}`, on: false }]
    })
  )

const find = <Id extends string>(
  spellings: ReadonlyArray<Spelling<Id>>,
  name: string,
  isLong: boolean
): Result.Result<Spelling<Id>, string> => {
  const lower = name.toLowerCase()
  const exact =
    spellings.find((spelling) => spelling.text === name && !(spelling.cased && isLong)) ??
    spellings.find((spelling) => !spelling.cased && spelling.text.toLowerCase() === lower)
  if (exact !== undefined) return Result.succeed(exact)
  const begun =
    lower === ""
      ? []
      : spellings.filter(
          (spelling) => !spelling.internal && !spelling.cased && spelling.text.toLowerCase().startsWith(lower)
        )
  const older = begun.filter((spelling) => !spelling.late)
  const candidates = older.length > 0 ? older : begun
  const first = candidates[0]
  if (first === undefined) return Result.fail(`There is no option ${dashed(name)}.`)
  if (candidates.every((candidate) => candidate.id === first.id && candidate.on === first.on)) {
    return Result.succeed(first)
  }
  // Only one spelling of each meaning: `--no-init` and `--noinit` are not two choices.
  const choices = candidates.filter(
    (candidate, at) => candidates.findIndex(({ id, on }) => id === candidate.id && on === candidate.on) === at
  )
  const meanings = choices.map((candidate) => dashed(candidate.text)).join(", ")
  return Result.fail(`The option ${dashed(name)} could be any of ${meanings}.`)
}

const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`)
