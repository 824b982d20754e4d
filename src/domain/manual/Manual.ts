/**
 * The manual of a program, as data: its options and everything about them that users read. The parser's table, `--help`,
 * the man page and the shell completions are generated from it.
 */
import type * as LongOptions from "../arguments/LongOptions.ts"
import type * as PosixOptions from "../arguments/PosixOptions.ts"

/** An option, for the parser and for users. */
export interface Option<Id extends string = string> extends LongOptions.LongOption<Id> {
  /** The name of its value, such as `PORT`. */
  readonly value?: string
  /** What it does, without a full stop at the end. Empty: the option is internal and not documented. */
  readonly meaning: string
  /** The values that it accepts. */
  readonly words?: ReadonlyArray<string>
  /** What a shell offers for its value, if not one of `words`. */
  readonly completes?: "command" | "file"
  /** Users write the negated form, so that is the one documented. */
  readonly denied?: true
}

export interface Group<Id extends string = string> {
  readonly title: string
  readonly options: ReadonlyArray<Option<Id>>
}

/** A term and its explanation. */
export interface Entry {
  readonly term: string
  readonly meaning: string
}

export interface Section {
  readonly title: string
  readonly text?: ReadonlyArray<string>
  readonly entries?: ReadonlyArray<Entry>
  /** Whether `--help` contains it too. The man page contains everything. */
  readonly brief: boolean
}

export interface Manual {
  readonly name: string
  /** What the program does, to be printed after its name. */
  readonly summary: string
  readonly examples: ReadonlyArray<Entry>
  /** Paragraphs. */
  readonly description: ReadonlyArray<string>
  /** Lines, without `usage:`. */
  readonly usage: ReadonlyArray<string>
  readonly groups: ReadonlyArray<Group>
  readonly sections: ReadonlyArray<Section>
  /** The first operand: a host, or nothing that a shell could complete. */
  readonly operand: "host" | "none"
  /** Words that may be the first argument. */
  readonly firstWords?: ReadonlyArray<string>
  /** Other manual pages, such as `ssh(1)`. */
  readonly seeAlso: ReadonlyArray<string>
}

/** The documented options, in order. */
export const documented = (manual: Manual): ReadonlyArray<Option> =>
  manual.groups.flatMap(({ options }) => options).filter(({ meaning }) => meaning !== "")

/** The documented spellings of an option: with dashes, letters first, without its value. */
export const spellings = ({ denied, names }: Option): ReadonlyArray<string> =>
  names
    .toSorted((one, other) => one.length - other.length)
    .map((name) => (name.length === 1 ? `-${name}` : `--${denied === true ? "no-" : ""}${name}`))

/** An option with its value, as in a list of options: `-p, --port=PORT`. */
export const heading = (option: Option): string =>
  spellings(option).join(", ") + before(option) + (option.value ?? "") + after(option)

/** The text between an option's spellings and the name of its value. */
export const before = ({ kind, names, value }: Option): string => {
  if (value === undefined) return ""
  if (kind === "optional") return "[="
  return names.some((name) => name.length > 1) ? "=" : " "
}

/** The text after the name of its value. */
export const after = ({ kind }: Option): string => (kind === "optional" ? "]" : "")

/** The letters of a program in the POSIX manner. */
export const letters = (options: ReadonlyArray<Option>): PosixOptions.Letters => {
  const of = (isValue: boolean) =>
    options
      .filter(({ kind }) => (kind === "value") === isValue)
      .flatMap(({ names }) => names.filter((name) => name.length === 1))
      .join("")
  return { flags: of(false), withValue: of(true) }
}
