/**
 * A manual as `--help` prints it: plain text that fits a terminal of 80 columns.
 */
import * as Manual from "./Manual.ts"

/** Ends in a line feed. */
export const render = (manual: Manual.Manual): string => {
  const [first = "", ...paragraphs] = manual.description
  const blocks = [
    manual.usage.flatMap((line, at) => wrap((at === 0 ? "Usage: " : "       ") + line, " ".repeat(11))),
    [`${manual.name}: ${manual.summary}.`].flatMap((line) => wrap(line, "")),
    manual.examples.flatMap(({ meaning, term }) => item(term, meaning, EXAMPLE)),
    wrap(first, ""),
    ...manual.groups.map(({ options, title }) => [
      title,
      ...options
        .filter(({ meaning }) => meaning !== "")
        .flatMap((option) => item(aligned(option), option.meaning, OPTION))
    ]),
    ...manual.sections.filter(({ brief }) => brief).map(section),
    ...(manual.name === "mosh" ? [] : paragraphs.map((text) => wrap(text, ""))),
    wrap(`See also: man ${manual.name}`, "")
  ]
  return `${blocks.map((block) => block.join("\n")).join("\n\n")}\n`
}

const WIDTH = 80
/** Where meanings begin. */
const OPTION = 27
const EXAMPLE = 37

const section = ({ entries = [], text = [], title }: Manual.Section): ReadonlyArray<string> => [
  title,
  ...text.flatMap((paragraph) => wrap(`  ${paragraph}`, "  ")),
  ...entries.flatMap(({ meaning, term }) => item(term, meaning, OPTION))
]

/** Aligns long names in one column. */
const aligned = (option: Manual.Option): string => {
  const heading = Manual.heading(option)
  return heading.startsWith("--") ? `    ${heading}` : heading
}

const item = (term: string, meaning: string, column: number): ReadonlyArray<string> => {
  const head = `  ${term}`
  const lines = wrap(" ".repeat(column) + meaning, " ".repeat(column))
  const [first = "", ...others] = lines
  return head.length + 2 <= column ? [head + first.slice(head.length), ...others] : [head, ...lines]
}

/** Lines of at most `WIDTH` characters; those after the first begin with `indent`. A longer word has a line of its own. */
const wrap = (text: string, indent: string): ReadonlyArray<string> => {
  const start = /^ */.exec(text)?.[0] ?? ""
  const lines: Array<string> = []
  let line = start
  let empty = true
  for (const word of text.trim().split(/ +/)) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = indent
      empty = true
    }
    line += empty ? word : ` ${word}`
    empty = false
  }
  return [...lines, line]
}
