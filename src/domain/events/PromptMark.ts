/**
 * Recognises the marks that shells print around their prompts and commands: OSC 133, "semantic prompts".
 *
 * | text          | mark                                                                    |
 * | ------------- | ----------------------------------------------------------------------- |
 * | `A`, `N`, `P` | a prompt begins; option `k` is its kind                                 |
 * | `B`, `I`      | the prompt ends, and what the user types begins                         |
 * | `C`           | the command line ends, and the output of the command begins             |
 * | `D[;STATUS]`  | the command has ended; without a status, the command line was abandoned |
 *
 * Options follow after semicolons, as `key=value`; unknown ones are ignored, and so is every other text. bash, zsh and fish
 * print these marks in the order A, B, C, D. fish prints no B, and some configurations print B without C.
 *
 * ```ts
 * import { PromptMark } from "effect-mosh"
 *
 * export const prompt = PromptMark.parse("A;k=s") // { _tag: "Prompt", kind: "continuation" }
 * export const failed = PromptMark.parse("D;1") // { _tag: "Ended", status: 1 }
 * ```
 */

export type PromptMark =
  /** A prompt begins at the cursor. `continuation`: of a further line of the same command; `right`: at the right edge. */
  | { readonly _tag: "Prompt"; readonly kind: "initial" | "continuation" | "right" }
  /** The user's input begins at the cursor. */
  | { readonly _tag: "Input" }
  /** The command runs, and its output begins at the cursor. */
  | { readonly _tag: "Output" }
  /** The command has ended, with this exit status; `undefined` if the shell gives none. */
  | { readonly _tag: "Ended"; readonly status: number | undefined }

/** What the shell does according to its last mark; `undefined` before the first. */
export type ShellPhase = "Prompt" | "Input" | "Output" | "Ended" | undefined

/** The exit statuses that shells report: zsh has larger ones than a byte holds. */
const STATUS = /^\d{1,10}$/
/** Characters that are read of a mark: its options are short, but `C` may carry the command line. */
const MOST_READ = 256

/** The mark that the text after `133;` is; `undefined` if it is none. */
export const parse = (text: string): PromptMark | undefined => {
  const [letter, ...options] = text.slice(0, MOST_READ).split(";")
  switch (letter) {
    case "A":
    case "N":
    case "P":
      return { _tag: "Prompt", kind: kindOf(options) }
    case "B":
    case "I":
      return { _tag: "Input" }
    case "C":
      return { _tag: "Output" }
    case "D":
      return { _tag: "Ended", status: statusOf(options[0]) }
    default:
      return undefined
  }
}

/** The text after `133;` of a mark: the shortest that `parse` turns into it. */
export const format = (mark: PromptMark): string => {
  switch (mark._tag) {
    case "Prompt":
      return mark.kind === "initial" ? "A" : mark.kind === "right" ? "P;k=r" : "A;k=s"
    case "Input":
      return "B"
    case "Output":
      return "C"
    case "Ended":
      return mark.status === undefined ? "D" : `D;${mark.status}`
  }
}

/** What a shell has reported by its marks. */
export interface Shell {
  /** Its last mark. */
  readonly phase: ShellPhase
  /** The column, from 0, at which the user's input began last; `undefined` before the first `Input`. */
  readonly inputColumn: number | undefined
  /** The exit status of the last command that ended with one. */
  readonly status: number | undefined
  /** Number of marks so far. */
  readonly marks: number
}

/** A shell that has printed no mark, as most do. */
export const NO_MARKS: Shell = { phase: undefined, inputColumn: undefined, status: undefined, marks: 0 }

/** A shell after a further mark, which it printed at `column`. A prompt at the right edge belongs to the phase that it is in. */
export const after = (shell: Shell, mark: PromptMark, column: number): Shell => ({
  phase: mark._tag === "Prompt" && mark.kind === "right" ? shell.phase : mark._tag,
  inputColumn: mark._tag === "Input" ? column : shell.inputColumn,
  status: mark._tag === "Ended" && mark.status !== undefined ? mark.status : shell.status,
  marks: shell.marks + 1
})

/** The column where the command line begins that the user edits now; `undefined` if the user edits none, by the marks. */
export const lineColumn = ({ inputColumn, phase }: Shell): number | undefined =>
  phase === "Input" ? inputColumn : undefined

const kindOf = (options: ReadonlyArray<string>): "initial" | "continuation" | "right" => {
  const kind = options.find((option) => option.startsWith("k="))
  if (kind === "k=r") return "right"
  return kind === "k=s" || kind === "k=c" ? "continuation" : "initial"
}

const statusOf = (text: string | undefined): number | undefined =>
  text !== undefined && STATUS.test(text) ? Number(text) : undefined
