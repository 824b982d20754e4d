/**
 * How many colours a terminal shows, from its compiled terminfo entry, as term(5) describes the format.
 */

/** The number `colors` of an entry: 0 when the terminal has none; `undefined` when the bytes are no entry. Total. */
export const colors = (entry: Uint8Array): number | undefined => {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength)
  if (view.byteLength < HEADER) return undefined
  const magic = view.getUint16(0, true)
  if (magic !== NUMBERS_16 && magic !== NUMBERS_32) return undefined
  const width = magic === NUMBERS_16 ? 2 : 4
  const names = view.getUint16(2, true)
  const booleans = view.getUint16(4, true)
  const numbers = view.getUint16(6, true)
  // Numbers begin at an even offset.
  const offset = HEADER + names + booleans + ((names + booleans) % 2) + MAX_COLORS * width
  if (numbers <= MAX_COLORS) return 0
  if (offset + width > view.byteLength) return undefined
  const value = width === 2 ? view.getInt16(offset, true) : view.getInt32(offset, true)
  return Math.max(0, value)
}

/** What a terminal without an entry is likely to show. */
export const colorsByName = (term: string): number => {
  if (term === "" || term === "dumb") return 0
  return /256color|direct|kitty|ghostty|alacritty|foot|wezterm/.test(term) ? 256 : 8
}

const HEADER = 12
const NUMBERS_16 = 0o432
const NUMBERS_32 = 0o1036
/** The place of `colors` among the numbers. */
const MAX_COLORS = 13
