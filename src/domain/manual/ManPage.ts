/**
 * A manual as a man page, in the macros of man(7), which every formatter knows.
 */
import * as Manual from "./Manual.ts"

/** The page's source, for section 1. `version` is that of the package. */
export const render = (manual: Manual.Manual, version: string): string =>
  [
    `.TH ${manual.name.toUpperCase()} 1 "" "effect\\-mosh ${escape(version)}" "User Commands"`,
    // No hyphenation and no justification: users copy commands from here.
    ".nh",
    ".ad l",
    ".SH NAME",
    `${escape(manual.name)} \\- ${escape(manual.summary)}`,
    ".SH SYNOPSIS",
    ...manual.usage.flatMap((line, at) => [...(at === 0 ? [] : [".br"]), `.B ${escape(line)}`]),
    ".SH DESCRIPTION",
    ...paragraphs(manual.description),
    ".SH OPTIONS",
    ...manual.groups.flatMap(({ options, title }) => [
      ...(manual.groups.length === 1 ? [] : [`.SS ${escape(title)}`]),
      ...options.filter(({ meaning }) => meaning !== "").flatMap((option) => item(bold(option), `${option.meaning}.`))
    ]),
    ...manual.sections.flatMap(({ entries = [], text = [], title }) => [
      `.SH ${escape(title.toUpperCase())}`,
      ...paragraphs(text),
      ...entries.flatMap(({ meaning, term }) => item(`.B ${escape(term)}`, `${meaning}.`))
    ]),
    ".SH EXAMPLES",
    ...manual.examples.flatMap(({ meaning, term }) => item(`.B ${escape(term)}`, `${meaning}.`)),
    ".SH SEE ALSO",
    manual.seeAlso.map(reference).join(",\n"),
    ""
  ].join("\n")

const paragraphs = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  texts.flatMap((text, at) => [...(at === 0 ? [] : [".PP"]), escape(text)])

const item = (term: string, meaning: string): ReadonlyArray<string> => [".TP", term, escape(meaning)]

/** An option's spellings in bold, and the name of its value in italics. */
const bold = (option: Manual.Option): string => {
  const spelt = Manual.spellings(option).map((spelling) => `\\fB${escape(spelling)}\\fR`)
  const value = option.value === undefined ? "" : `\\fI${escape(option.value)}\\fR`
  return spelt.join(", ") + Manual.before(option) + value + Manual.after(option)
}

const reference = (page: string): string => {
  const [, name = page, section = "1"] = /^(.*)\((\w+)\)$/.exec(page) ?? []
  return `\\fB${escape(name)}\\fR(${section})`
}

/** Escapes what roff would read as a command or print as another character. */
const escape = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll('"', "\\(dq")
    .replace(/^\./, "\\&.")
