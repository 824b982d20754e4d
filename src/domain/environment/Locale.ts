/**
 * Chooses an environment in which the programs of a session use UTF-8 (spec 1.7).
 *
 * If the machine's own locale uses UTF-8, it is kept. Otherwise the client's variables replace it. If these do not name a
 * UTF-8 locale that is installed here, only the character set of the machine's locale is replaced.
 */
export type Environment = Readonly<Record<string, string | undefined>>

/** The variables of a locale, in the order in which clients send them. */
export const VARIABLES: ReadonlyArray<string> = [
  "LANG",
  "LANGUAGE",
  "LC_CTYPE",
  "LC_NUMERIC",
  "LC_TIME",
  "LC_COLLATE",
  "LC_MONETARY",
  "LC_MESSAGES",
  "LC_PAPER",
  "LC_NAME",
  "LC_ADDRESS",
  "LC_TELEPHONE",
  "LC_MEASUREMENT",
  "LC_IDENTIFICATION",
  "LC_ALL"
]

/** Returns an environment's character set, as `locale charmap` does. */
export type Charmap = (environment: Environment) => string

export type Decision =
  /** Continue with this environment. */
  | { readonly _tag: "Utf8"; readonly environment: Environment }
  /** Print `explanation` on stderr and exit with 1. `environment` is the last that was tried. */
  | { readonly _tag: "NotUtf8"; readonly environment: Environment; readonly explanation: ReadonlyArray<string> }

/**
 * Chooses between the machine's locale and the client's `assignments` (`NAME=VALUE`; other texts are ignored). If neither
 * uses UTF-8, stock mosh refuses; this tries `C.UTF-8` first.
 */
export const decide = (native: Environment, assignments: ReadonlyArray<string>, charmap: Charmap): Decision => {
  const nativeCharset = charmap(native)
  if (isUtf8(nativeCharset)) return { _tag: "Utf8", environment: native }
  const supplied = withAssignments(native, assignments)
  const suppliedCharset = charmap(supplied)
  if (isUtf8(suppliedCharset)) return { _tag: "Utf8", environment: supplied }
  const plain = withPlainUtf8(native)
  if (isUtf8(charmap(plain))) return { _tag: "Utf8", environment: plain }
  return {
    _tag: "NotUtf8",
    environment: supplied,
    explanation: [
      ...unavailable(supplied, suppliedCharset),
      "mosh-server needs a UTF-8 locale to run.",
      "",
      `The local environment (${describe(native)}) specifies`,
      `the character set "${displayName(nativeCharset)}".`,
      "",
      `The client-supplied environment (${describe(supplied)}) specifies`,
      `the character set "${displayName(suppliedCharset)}".`,
      ""
    ]
  }
}

/** Whether a character set is UTF-8, in any spelling. */
export const isUtf8 = (charset: string): boolean => normalise(charset) === "utf8"

/**
 * The character set in the name of the environment's locale, without asking the system: the part after the dot. A name
 * without that part counts as ASCII.
 */
export const charmapByName: Charmap = (environment) => {
  const name = decisive(environment)?.[1] ?? "C"
  const dot = name.indexOf(".")
  if (dot >= 0) return name.slice(dot + 1).split("@")[0] as string
  return isUtf8(name) ? "UTF-8" : "US-ASCII"
}

/** Whether the name alone decides: the C locale, in either form, exists on every system. */
export const isCertain = (environment: Environment): boolean => {
  const name = decisive(environment)?.[1] ?? "C"
  return name === "C" || name === "POSIX" || /^C\.utf-?8$/i.test(name)
}

/** The variable that decides the character set, and its value: the first of LC_ALL, LC_CTYPE, LANG that is not empty. */
export const decisive = (environment: Environment): readonly [string, string] | undefined => {
  for (const variable of ["LC_ALL", "LC_CTYPE", "LANG"]) {
    const value = environment[variable]
    if (value !== undefined && value !== "") return [variable, value]
  }
  return undefined
}

const withAssignments = (native: Environment, assignments: ReadonlyArray<string>): Environment => {
  const environment: Record<string, string | undefined> = { ...native }
  for (const variable of VARIABLES) delete environment[variable]
  for (const assignment of assignments) {
    const equals = assignment.indexOf("=")
    if (equals > 0 && !assignment.includes("\0"))
      environment[assignment.slice(0, equals)] = assignment.slice(equals + 1)
  }
  return environment
}

/** The same messages, formats and collation as before, in UTF-8. */
const withPlainUtf8 = (native: Environment): Environment => {
  const all = native["LC_ALL"]
  if (all === undefined || all === "") return { ...native, LC_CTYPE: "C.UTF-8" }
  // LC_ALL would override LC_CTYPE.
  return { ...withAssignments(native, []), LANG: all, LC_CTYPE: "C.UTF-8" }
}

/** The explanation for a locale whose name contains UTF-8 but which is not installed. */
const unavailable = (environment: Environment, charset: string): ReadonlyArray<string> => {
  const found = decisive(environment)
  return found !== undefined && isUtf8(charmapByName(environment)) && !isUtf8(charset)
    ? [
        `The locale requested by ${found[0]}=${found[1]} isn't available here.`,
        `Running \`locale-gen ${found[1]}' may be necessary.`,
        ""
      ]
    : []
}

const describe = (environment: Environment): string => {
  const found = decisive(environment)
  return found === undefined ? "[no charset variables]" : `${found[0]}=${found[1]}`
}

const displayName = (charset: string): string => (charset === "ANSI_X3.4-1968" ? "US-ASCII" : charset)

const normalise = (charset: string): string => charset.toLowerCase().replace(/[^a-z0-9]/g, "")
