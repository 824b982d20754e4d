/**
 * The notation of typed keys: each character of a text is its key, `\n` is Enter, and names in angle brackets are other
 * keys, as in `<Left>`, `<BS*3>` (three times), `<C-a>` (Control) and `<M-b>` (Alt). Angle brackets
 * around anything else are text.
 */

const ESC = "\x1b"

const NAMED: Readonly<Record<string, string>> = {
  BS: "\x7f",
  Del: `${ESC}[3~`,
  Down: `${ESC}[B`,
  End: `${ESC}[F`,
  Esc: ESC,
  Home: `${ESC}[H`,
  Left: `${ESC}[D`,
  PgDn: `${ESC}[6~`,
  PgUp: `${ESC}[5~`,
  Right: `${ESC}[C`,
  Tab: "\t",
  Up: `${ESC}[A`,
  "C-Left": `${ESC}[1;5D`,
  "C-Right": `${ESC}[1;5C`,
  F3: `${ESC}OR`,
  F4: `${ESC}OS`,
  F10: `${ESC}[21~`
}

const NOTATION = /<(?<name>C-.|M-.|[A-Z][-A-Za-z0-9]*)(?:\*(?<times>\d+))?>|[^]/gu

const sent = (name: string): string | undefined => {
  if (name in NAMED) return NAMED[name]
  if (name.startsWith("M-")) return ESC + name.slice(2)
  if (name.startsWith("C-")) return String.fromCharCode(name.charCodeAt(2) & 0x1f)
  return undefined
}

/** The bytes that each key of a text in this notation sends. */
export const parse = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(NOTATION)].flatMap(({ 0: whole, groups }) => {
    if (whole === "\n") return "\r"
    const key = groups?.["name"] === undefined ? undefined : sent(groups["name"])
    return key === undefined ? [...whole] : Array.from({ length: Number(groups?.["times"] ?? 1) }, () => key)
  })

/** The bytes that a terminal sends for a key in application cursor mode. */
export const application = (key: string): string => (/^\x1b\[[A-DHF]$/.test(key) ? `${ESC}O${key.slice(2)}` : key)

/** Gaps between keys in ms, as of a user who types at an ordinary speed. The same seed gives the same gaps. */
export const rhythm = (seed: string) => {
  let state = 2166136261
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 16777619)
  /** mulberry32 */
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return {
    /** After a key. Longer after words than within. */
    gap: (after: string): number =>
      Math.min(Math.max((/^[\s\p{P}]$/u.test(after) ? 155 : 125) * Math.exp(0.35 * normal()), 70), 320),
    /** From the moment when the user sees something to the key typed in response. */
    look: (): number => Math.min(Math.max(200 * Math.exp(0.2 * normal()), 120), 350)
  }
}
