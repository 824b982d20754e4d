/**
 * What a program can be asked for, and all that a person may want to know of it: said once, as data. The parser's table,
 * `--help`, the man page and the completions of the shells are made from it.
 */
import type * as LongOptions from "../arguments/LongOptions.ts"
import type * as PosixOptions from "../arguments/PosixOptions.ts"

/** An option as the parser knows it, and as a person does. */
export interface Option<Id extends string = string> extends LongOptions.LongOption<Id> {
  /** What its value is called, such as `PORT`. */
  readonly value?: string
  /** What it does, without a full stop at the end. Empty: nobody needs to know it. */
  readonly meaning: string
  /** The values it knows. */
  readonly words?: ReadonlyArray<string>
  /** What a shell offers for its value, where that is not a word. */
  readonly completes?: "command" | "file"
  /** It is the denial that people want to say. */
  readonly denied?: true
}

export interface Group<Id extends string = string> {
  readonly title: string
  readonly options: ReadonlyArray<Option<Id>>
}

/** Something that has a name, and what there is to say of it. */
export interface Entry {
  readonly term: string
  readonly meaning: string
}

export interface Section {
  readonly title: string
  readonly text?: ReadonlyArray<string>
  readonly entries?: ReadonlyArray<Entry>
  /** Whether `--help` tells it too; the man page tells everything. */
  readonly brief: boolean
}

export interface Manual {
  readonly name: string
  /** What the program is, without an article's fuss: it stands after the name. */
  readonly summary: string
  readonly examples: ReadonlyArray<Entry>
  /** Paragraphs. */
  readonly description: ReadonlyArray<string>
  /** Lines, without `usage:`. */
  readonly usage: ReadonlyArray<string>
  readonly groups: ReadonlyArray<Group>
  readonly sections: ReadonlyArray<Section>
  /** What stands after an option: a place to go to, or nothing that a shell could guess. */
  readonly operand: "host" | "none"
  /** The words that may stand first. */
  readonly firstWords?: ReadonlyArray<string>
  /** Other manual pages, such as `ssh(1)`. */
  readonly seeAlso: ReadonlyArray<string>
}

/** The options that people are told of, in order. */
export const told = (manual: Manual): ReadonlyArray<Option> =>
  manual.groups.flatMap(({ options }) => options).filter(({ meaning }) => meaning !== "")

/** The ways to write an option as people are told: with dashes, letters first, without its value. */
export const spellings = ({ denied, names }: Option): ReadonlyArray<string> =>
  names
    .toSorted((one, other) => one.length - other.length)
    .map((name) => (name.length === 1 ? `-${name}` : `--${denied === true ? "no-" : ""}${name}`))

/** An option with its value, as it stands in a list of options: `-p, --port=PORT`. */
export const heading = (option: Option): string =>
  spellings(option).join(", ") + before(option) + (option.value ?? "") + after(option)

/** What stands between an option's spellings and what its value is called. */
export const before = ({ kind, names, value }: Option): string => {
  if (value === undefined) return ""
  if (kind === "optional") return "[="
  return names.some((name) => name.length > 1) ? "=" : " "
}

/** And what stands after that. */
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
