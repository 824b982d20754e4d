/**
 * Reads a terminal's capabilities from its compiled terminfo entry (term(5)). Total: for bytes that are not an entry, each
 * function returns `undefined`.
 */

/** The sequences that enter and leave a terminal's alternate screen. */
export interface AlternateScreen {
  readonly enter: string
  readonly leave: string
}

/** The number `colors` of an entry; 0 if the entry has none. */
export const colors = (entry: Uint8Array): number | undefined => {
  const layout = read(entry)
  if (layout === undefined) return undefined
  const { numbers, numbersAt, view, width } = layout
  const at = numbersAt + MAX_COLORS * width
  if (numbers <= MAX_COLORS) return 0
  if (at + width > view.byteLength) return undefined
  const value = width === 2 ? view.getInt16(at, true) : view.getInt32(at, true)
  return Math.max(0, value)
}

/** `smcup` and `rmcup` of an entry; `undefined` if either is missing. */
export const alternateScreen = (entry: Uint8Array): AlternateScreen | undefined => {
  const enter = text(entry, ENTER_CA_MODE)
  const leave = text(entry, EXIT_CA_MODE)
  return enter === undefined || leave === undefined ? undefined : { enter, leave }
}

/** The likely number of colours of a terminal without an entry. */
export const colorsByName = (term: string): number => {
  if (term === "" || term === "dumb") return 0
  return /256color|direct|kitty|ghostty|alacritty|foot|wezterm/.test(term) ? 256 : 8
}

/** The likely alternate screen of a terminal without an entry. */
export const alternateScreenByName = (term: string): AlternateScreen | undefined =>
  /^(vt\d|linux|ansi|cons25|sun|dumb|$)/.test(term) ? undefined : { enter: "\x1b[?1049h", leave: "\x1b[?1049l" }

const HEADER = 12
const NUMBERS_16 = 0o432
const NUMBERS_32 = 0o1036
/** The index of `colors` among the numbers. */
const MAX_COLORS = 13
/** The indices of `smcup` and `rmcup` among the strings. */
const ENTER_CA_MODE = 28
const EXIT_CA_MODE = 40

interface Layout {
  readonly view: DataView
  /** The size of a number, bytes. */
  readonly width: 2 | 4
  readonly numbers: number
  readonly numbersAt: number
  readonly strings: number
  readonly stringsAt: number
}

const read = (entry: Uint8Array): Layout | undefined => {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength)
  if (view.byteLength < HEADER) return undefined
  const magic = view.getUint16(0, true)
  if (magic !== NUMBERS_16 && magic !== NUMBERS_32) return undefined
  const width = magic === NUMBERS_16 ? 2 : 4
  const names = view.getUint16(2, true)
  const booleans = view.getUint16(4, true)
  const numbers = view.getUint16(6, true)
  // Numbers are aligned to an even offset.
  const numbersAt = HEADER + names + booleans + ((names + booleans) % 2)
  const stringsAt = numbersAt + numbers * width
  return { view, width, numbers, numbersAt, strings: view.getUint16(8, true), stringsAt }
}

/** A string without its padding delays, which only mechanical terminals need. */
const text = (entry: Uint8Array, place: number): string | undefined => {
  const layout = read(entry)
  if (layout === undefined || place >= layout.strings) return undefined
  const { strings, stringsAt, view } = layout
  const at = stringsAt + 2 * place
  if (at + 2 > view.byteLength) return undefined
  const offset = view.getInt16(at, true)
  if (offset < 0) return undefined
  const from = stringsAt + 2 * strings + offset
  const end = entry.indexOf(0, from)
  if (from >= entry.length || end === -1) return undefined
  const found = String.fromCharCode(...entry.subarray(from, Math.min(end, from + LONGEST)))
  return found.replace(/\$<[^>]*>/g, "")
}

/** Maximum length of a string, characters; longer ones are ignored. */
const LONGEST = 256
