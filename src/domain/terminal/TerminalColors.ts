/**
 * The colours of the terminal that programs have changed: entries of the palette (OSC 4 and 104), and the dynamic colours of text
 * (10), background (11), cursor (12) and selection (17 and 19), which OSC 110 to 119 reset.
 */
import * as OscText from "../display/OscText.ts"

/** Colours, as programs wrote them, by the entry of the palette, 0 to 255, or `dynamic(OSC)`. */
export type TerminalColors = ReadonlyMap<number, string>

export const NONE: TerminalColors = new Map()

const PALETTE_SIZE = 256
const DYNAMIC = [10, 11, 12, 17, 19]
const RESET = 100

/** The key of a dynamic colour, by the number of the OSC that sets it. */
export const dynamic = (osc: number): number => PALETTE_SIZE + osc

/** The OSC numbers that `apply` reads. */
export const IDENTIFIERS: ReadonlyArray<number> = [4, 104, ...DYNAMIC, ...DYNAMIC.map((osc) => RESET + osc)]

/** X11's numeric forms, and names of colours. */
const COLOR = /^(?:#(?:[0-9a-f]{3}){1,4}|rgba?:[0-9a-f]{1,4}(?:\/[0-9a-f]{1,4}){2,3}|[a-z][a-z0-9 ]{0,31})$/i

/** The longest text that `apply` reads of one sequence, characters: a whole palette. */
export const MAX_TEXT = 16384

/** The colours after `OSC identifier ; text`; the same object if nothing has changed. Queries (`?`) are ignored. */
export const apply = (colors: TerminalColors, identifier: number, text: string): TerminalColors => {
  if (text.length > MAX_TEXT) return colors
  if (identifier === 4) return set(colors, pairs(text.split(";")))
  if (identifier === 104) return reset(colors, text === "" ? undefined : text.split(";").map(entry))
  if (DYNAMIC.includes(identifier)) return set(colors, consecutive(identifier, text.split(";")))
  if (DYNAMIC.includes(identifier - RESET)) return reset(colors, [dynamic(identifier - RESET)])
  return colors
}

type Change = readonly [number, string]

/** `N ; COLOR ; N ; COLOR` … */
const pairs = (fields: ReadonlyArray<string>): ReadonlyArray<Change> =>
  fields.flatMap((field, i) => (i % 2 === 1 ? [[entry(fields[i - 1] ?? ""), field] as const] : []))

/** `COLOR ; COLOR` … for this dynamic colour and those with the next numbers. */
const consecutive = (first: number, fields: ReadonlyArray<string>): ReadonlyArray<Change> =>
  fields.flatMap((field, i) => (DYNAMIC.includes(first + i) ? [[dynamic(first + i), field] as const] : []))

/** An entry of the palette; -1 for any other text. */
const entry = (text: string): number => (/^\d{1,3}$/.test(text) && Number(text) < PALETTE_SIZE ? Number(text) : -1)

const set = (colors: TerminalColors, changes: ReadonlyArray<Change>): TerminalColors => {
  let next: Map<number, string> | undefined
  for (const [key, color] of changes) {
    if (key < 0 || !COLOR.test(color) || (next ?? colors).get(key) === color) continue
    next ??= new Map(colors)
    next.set(key, OscText.copy(color))
  }
  return next ?? colors
}

/** Resets some colours, or the whole palette. */
const reset = (colors: TerminalColors, keys: ReadonlyArray<number> | undefined): TerminalColors => {
  const dropped = new Set(keys)
  const kept = [...colors].filter(([key]) => (keys === undefined ? key >= PALETTE_SIZE : !dropped.has(key)))
  return kept.length === colors.size ? colors : kept.length === 0 ? NONE : new Map(kept)
}

/** Entries of the palette in one sequence: some terminals read no more than 4096 characters. */
const PER_SEQUENCE = 32

/** The sequences, as number and text, after which a terminal with the colours `from` has `to`. */
export const changes = (from: TerminalColors, to: TerminalColors): ReadonlyArray<readonly [number, string]> => {
  if (from === to) return []
  const sequences: Array<readonly [number, string]> = []
  const removed = [...from.keys()].filter((key) => !to.has(key))
  const palette = removed.filter((key) => key < PALETTE_SIZE)
  if (palette.length > 0) sequences.push([104, palette.join(";")])
  for (const key of removed) if (key >= PALETTE_SIZE) sequences.push([RESET + key - PALETTE_SIZE, ""])
  let pending: Array<string> = []
  for (const [key, color] of to) {
    if (from.get(key) === color || !COLOR.test(color)) continue
    if (key >= PALETTE_SIZE) sequences.push([key - PALETTE_SIZE, color])
    else pending.push(`${key};${color}`)
    if (pending.length === PER_SEQUENCE) {
      sequences.push([4, pending.join(";")])
      pending = []
    }
  }
  if (pending.length > 0) sequences.push([4, pending.join(";")])
  return sequences
}

/** An upper bound of the memory that the colours hold, bytes. */
export const weight = (colors: TerminalColors): number => {
  let weight = 0
  for (const color of colors.values()) weight += 80 + 2 * color.length
  return weight
}

export const equals = (a: TerminalColors, b: TerminalColors): boolean =>
  a === b || (a.size === b.size && [...a].every(([key, color]) => b.get(key) === color))
