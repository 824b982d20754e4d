/**
 * Translates keys that a terminal encodes by newer protocols into what it would have sent without them.
 *
 * | form                                                              | protocol                            |
 * | ----------------------------------------------------------------- | ----------------------------------- |
 * | `CSI code:shifted:base ; modifiers:event ; text u`                | kitty, and `formatOtherKeys` = 1    |
 * | `CSI 27 ; modifiers ; code ~`                                     | `modifyOtherKeys`                   |
 * | `CSI 1 ; modifiers:event A` and others with `A`–`H`, `P`–`S`, `~` | kitty: functional keys with events  |
 *
 * So prediction and the escape key need only one encoding.
 */

/** Longest sequence that is translated, characters. */
export const LONGEST = 64

const SEQUENCE = /^\x1b\[([\d:]*)(?:;([\d:]*))?(?:;([\d:]*))?([A-HP-S~u])$/

const SHIFT = 1
const ALT = 2
const CTRL = 4
/** Caps Lock and Num Lock. */
const LOCKS = 64 | 128
const RELEASE = 3

/**
 * What the terminal would have sent for the key without newer protocols: text with a code unit for each byte or character;
 * empty for a key that sends nothing, such as a released key or Shift alone; `undefined` if `sequence` is the same in all
 * protocols, or no key.
 */
export const legacy = (sequence: string): string | undefined => {
  if (sequence.length > LONGEST) return undefined
  const [, keys = "", modes = "", rest = "", final] = SEQUENCE.exec(sequence) ?? []
  if (final === undefined) return undefined
  const [modifiers = 1, event = 1] = modes.split(":").map((number) => (number === "" ? 1 : Number(number)))
  const [code = 0, shifted = 0] = keys.split(":").map(Number)
  if (final === "u") {
    if (event === RELEASE) return ""
    return rest === "" ? ofCode(code, shifted, modifiers - 1) : fromCodes(rest.split(":").map(Number))
  }
  if (final === "~" && code === 27 && rest !== "") return ofCode(Number(rest.split(":")[0]), 0, modifiers - 1)
  if (!modes.includes(":")) return undefined
  if (event === RELEASE) return ""
  if (modifiers === 1) return final === "~" ? `\x1b[${code}~` : `\x1b[${final}`
  return `\x1b[${code};${modifiers}${final}`
}

const isCharacter = (code: number): boolean => code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)

const fromCodes = (codes: ReadonlyArray<number>): string =>
  codes.every(isCharacter) ? String.fromCodePoint(...codes) : ""

/** Keys without a character have code points of the first private area. */
const FIRST_FUNCTIONAL = 57344
const LAST_FUNCTIONAL = 63743
/** The keypad's digits and operators, from KP_0 on. */
const FIRST_KEYPAD = 57399
const KEYPAD = "0123456789./*-+\r="

const ofCode = (code: number, shifted: number, bits: number): string | undefined => {
  const alt = (bits & ALT) === 0 ? "" : "\x1b"
  // Super, Hyper and Meta have no such encoding.
  if ((bits & ~(SHIFT | ALT | CTRL | LOCKS)) !== 0) return undefined
  if (code >= FIRST_FUNCTIONAL && code <= LAST_FUNCTIONAL) {
    const key = KEYPAD[code - FIRST_KEYPAD]
    return key === undefined ? "" : alt + key
  }
  if (code === 9 && (bits & SHIFT) !== 0) return `${alt}\x1b[Z`
  if (code === 13 || code === 9 || code === 27 || code === 127) {
    return alt + String.fromCharCode(code === 127 && (bits & CTRL) !== 0 ? 8 : code)
  }
  if (!isCharacter(code)) return undefined
  const upper = shifted === 0 ? String.fromCodePoint(code).toUpperCase() : fromCodes([shifted])
  const character = (bits & SHIFT) === 0 ? String.fromCodePoint(code) : upper
  if ((bits & CTRL) === 0) return alt + character
  const control = controlOf(character) ?? controlOf(String.fromCodePoint(code))
  return control === undefined ? undefined : alt + control
}

/** What Ctrl makes of a character, as on a VT100. */
const controlOf = (character: string): string | undefined => {
  const at = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_".indexOf(character.toUpperCase())
  if (at >= 0) return String.fromCharCode(at)
  return CONTROLS.get(character)
}

const CONTROLS: ReadonlyMap<string, string> = new Map([
  [" ", "\x00"],
  ["2", "\x00"],
  ["3", "\x1b"],
  ["4", "\x1c"],
  ["5", "\x1d"],
  ["6", "\x1e"],
  ["7", "\x1f"],
  ["8", "\x7f"],
  ["/", "\x1f"],
  ["?", "\x7f"]
])
