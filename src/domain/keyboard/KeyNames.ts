/**
 * Names the keys behind escape sequences and control bytes, as xterm and compatible terminals send them.
 *
 * Sources: ECMA-48 for the syntax, xterm's "ctlseqs" for the keys, and the form `CSI code ; modifiers u` that several
 * terminals share.
 */

/** A key that produces no character. */
export type KeyName =
  | "Enter"
  | "Tab"
  | "Backspace"
  | "Escape"
  | "Up"
  | "Down"
  | "Right"
  | "Left"
  | "Home"
  | "End"
  | "Insert"
  | "Delete"
  | "PageUp"
  | "PageDown"
  | "Begin"
  | `F${number}`

/** The modifiers that the terminal reported with a key. */
export interface Modifiers {
  /** Shift. False with a character, which already reflects it, unless the terminal reports it separately. */
  readonly shift: boolean
  /** Alt, or Option. */
  readonly alt: boolean
  /** Ctrl. */
  readonly ctrl: boolean
}

/** One key. */
export type KeyPress =
  /** `text` is one code point. */
  | ({ readonly _tag: "Character"; readonly text: string } & Modifiers)
  | ({ readonly _tag: "Key"; readonly name: KeyName } & Modifiers)

export const PLAIN: Modifiers = { shift: false, alt: false, ctrl: false }
const CTRL: Modifiers = { ...PLAIN, ctrl: true }

export const named = (name: KeyName, modifiers: Modifiers = PLAIN): KeyPress => ({ _tag: "Key", name, ...modifiers })

export const character = (text: string, modifiers: Modifiers = PLAIN): KeyPress => ({
  _tag: "Character",
  text,
  ...modifiers
})

/** The key of a control byte: below 0x20, or 0x7f. */
export const ofControl = (byte: number): KeyPress => {
  if (byte === 0x0d) return named("Enter")
  if (byte === 0x09) return named("Tab")
  if (byte === 0x7f) return named("Backspace")
  if (byte === 0x1b) return named("Escape")
  // Ctrl clears the upper bits of a letter, or of one of @ [ \ ] ^ _.
  return byte === 0 ? character(" ", CTRL) : character(String.fromCharCode(byte + 0x40).toLowerCase(), CTRL)
}

/** The key of a complete sequence that begins with `ESC [` or `ESC O`; `undefined` if it is unknown. */
export const ofSequence = (sequence: string): KeyPress | undefined => {
  const [, consoleLetter] = /^\x1b\[\[([A-E])$/.exec(sequence) ?? []
  // Linux's console.
  if (consoleLetter !== undefined) return named(`F${consoleLetter.charCodeAt(0) - 0x40}`)
  const [, introducer, parameters = "", final = ""] = /^\x1b([[O])([\d;:]*)([@-~])$/.exec(sequence) ?? []
  if (introducer === undefined) return undefined
  // Some terminals append fields after a colon: keys of other layouts, and whether the key was released.
  const numbers = parameters.split(";").map((group) => Number(group.split(":")[0]))
  const [first = 0, second = 1, third = 0] = numbers
  if (final === "u" && introducer === "[") return ofCode(first, modifiersOf(second))
  if (final === "~" && introducer === "[" && first === 27) return ofCode(third, modifiersOf(second))
  if (final === "~" && introducer === "[") {
    const name = BY_NUMBER.get(first)
    return name === undefined ? undefined : named(name, modifiersOf(second))
  }
  if (final === "Z" && introducer === "[") return named("Tab", { ...PLAIN, shift: true })
  const name = BY_LETTER.get(final)
  // Some terminals send `ESC O 5 A`: there the only number is the modifier.
  if (name !== undefined) return named(name, modifiersOf(introducer === "O" && numbers.length === 1 ? first : second))
  if (introducer === "[" || parameters !== "") return undefined
  if (final === "M") return named("Enter")
  const text = KEYPAD.get(final)
  return text === undefined ? undefined : character(text)
}

/** The parameter is 1 plus the sum of: 1 shift, 2 alt, 4 ctrl; 8 and above for modifiers that few keyboards have. */
const modifiersOf = (parameter: number): Modifiers => {
  const bits = Math.max(0, parameter - 1)
  return { shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0 }
}

const ofCode = (code: number, modifiers: Modifiers): KeyPress | undefined => {
  const name = BY_CODE.get(code)
  if (name !== undefined) return named(name, modifiers)
  const isCharacter = code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return isCharacter ? character(String.fromCodePoint(code), modifiers) : undefined
}

const BY_CODE: ReadonlyMap<number, KeyName> = new Map([
  [9, "Tab"],
  [13, "Enter"],
  [27, "Escape"],
  [127, "Backspace"]
])

const BY_LETTER: ReadonlyMap<string, KeyName> = new Map([
  ["A", "Up"],
  ["B", "Down"],
  ["C", "Right"],
  ["D", "Left"],
  ["E", "Begin"],
  ["F", "End"],
  ["H", "Home"],
  ["P", "F1"],
  ["Q", "F2"],
  ["R", "F3"],
  ["S", "F4"]
])

const BY_NUMBER: ReadonlyMap<number, KeyName> = new Map([
  [1, "Home"],
  [2, "Insert"],
  [3, "Delete"],
  [4, "End"],
  [5, "PageUp"],
  [6, "PageDown"],
  [7, "Home"],
  [8, "End"],
  // The gaps are the VT220 keyboard's.
  ...[11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34].map(
    (number, at) => [number, `F${at + 1}`] as const
  )
])

/** The keypad in application mode. */
const KEYPAD: ReadonlyMap<string, string> = new Map([
  ...Array.from("0123456789", (digit, at) => [String.fromCharCode(0x70 + at), digit] as const),
  ["j", "*"],
  ["k", "+"],
  ["l", ","],
  ["m", "-"],
  ["n", "."],
  ["o", "/"],
  ["X", "="]
])
