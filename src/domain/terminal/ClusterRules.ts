/**
 * Which sequences of printable characters a terminal draws as one cell, a grapheme cluster, and how many columns that takes.
 *
 * Terminals differ, and each program lays out its text for the terminal that it runs in. So a client measures one sample of
 * each kind, and the server's emulator lays out text by the kinds that the client's terminal joins. Without a measurement no
 * kind is joined: each code point has the width of `CharWidth`, and those of width 0 belong to the cell before them.
 *
 * The properties of characters are those of the Unicode version of this process' JavaScript engine; the widths of single code
 * points are always those of `CharWidth`. Two ends need not agree on either, because a cell that differs from `CharWidth` is
 * sent with its width (`ClusterLayout`).
 */
import * as CharWidth from "./CharWidth.ts"

/** The joined kinds of sequences, as bits of `Kind`. */
export type ClusterRules = number

export const Kind = {
  /** A symbol and U+FE0F take two columns. */
  presentation: 1,
  /** So do a digit, `#` or `*`, U+FE0F and U+20E3. */
  keycap: 2,
  /** A wide emoji and a skin tone. */
  modifier: 4,
  /** Two regional indicators. */
  flag: 8,
  /** Emoji with U+200D between them. */
  joiner: 16,
  /** A letter and a spacing mark take one column. */
  spacingMark: 32,
  /** So do two Indic consonants with a virama between them. */
  conjunct: 64,
  /** A narrow symbol and a skin tone take two columns. */
  narrowModifier: 128,
  /** The same, in one column. */
  narrowModifierInOne: 256
} as const

/** No sequence is joined. */
export const NONE: ClusterRules = 0
/** Every kind, the last in its wide form. */
export const ALL: ClusterRules = 255
/** Every bit. */
export const MASK: ClusterRules = 511

/** A sample of each kind, and the kind that is joined where it takes so many columns. */
export const SAMPLES: ReadonlyArray<{ readonly text: string; readonly kinds: Readonly<Record<number, ClusterRules>> }> =
  [
    { text: "\u2764\ufe0f", kinds: { 2: Kind.presentation } },
    { text: "1\ufe0f\u20e3", kinds: { 2: Kind.keycap } },
    { text: "\u{1f44d}\u{1f3fd}", kinds: { 2: Kind.modifier } },
    { text: "\u{1f1e9}\u{1f1ea}", kinds: { 2: Kind.flag } },
    { text: "\u{1f469}\u200d\u{1f680}", kinds: { 2: Kind.joiner } },
    { text: "\u0915\u093e", kinds: { 1: Kind.spacingMark } },
    { text: "\u0915\u094d\u0937", kinds: { 1: Kind.conjunct } },
    { text: "\u261d\u{1f3fd}", kinds: { 1: Kind.narrowModifierInOne, 2: Kind.narrowModifier } }
  ]

/**
 * The rules of a terminal on which the samples take so many columns, in their order. Two regional indicators take two columns on
 * terminals without clusters, too, so that flags alone are no rule.
 */
export const measured = (columns: ReadonlyArray<number>): ClusterRules => {
  let rules = NONE
  SAMPLES.forEach(({ kinds }, i) => {
    rules |= kinds[columns[i] ?? 0] ?? NONE
  })
  return rules === Kind.flag ? NONE : rules
}

/** The rules that all terminals follow, of those that are known; `undefined` if none is. */
export const common = (terminals: Iterable<ClusterRules | undefined>): ClusterRules | undefined => {
  let rules: ClusterRules | undefined
  for (const terminal of terminals) if (terminal !== undefined) rules = (rules ?? MASK) & terminal
  return rules
}

/** Size of the text of a cluster, bytes of UTF-8, beyond which it is not joined further. The longest emoji has 41. */
export const MAX_BYTES = 64

const NARROW_MODIFIER = Kind.narrowModifier | Kind.narrowModifierInOne
const PRESENTED = "\ufe0f"
const JOINER = 0x200d

/** Whether a character is one of the two that make a flag. */
export const isRegional = (codePoint: number): boolean => codePoint >= 0x1f1e6 && codePoint <= 0x1f1ff
const isSkinTone = (codePoint: number): boolean => codePoint >= 0x1f3fb && codePoint <= 0x1f3ff
/** Whether a character is in a block of scripts with spacing marks or conjuncts. */
export const isComplex = (codePoint: number): boolean =>
  (codePoint >= 0x900 && codePoint < 0x10a0) ||
  (codePoint >= 0x1700 && codePoint < 0x1cc0) ||
  (codePoint >= 0xa800 && codePoint < 0xac00) ||
  (codePoint >= 0x11000 && codePoint < 0x12000)

/** Whether a character with a width may ever belong to the cell before it. */
export const mayContinue = (codePoint: number): boolean =>
  codePoint >= 0x900 &&
  (isComplex(codePoint) || (codePoint >= 0x2190 && codePoint < 0x3300) || (codePoint >= 0x1f000 && codePoint < 0x20000))

const PICTOGRAPH = /^\p{Extended_Pictographic}/u
const WITH_SKIN = /\p{Emoji_Modifier_Base}\ufe0f?$/u
const SPACING_MARK = /^\p{Mc}$/u
const LETTER = /^\p{L}/u
/** The viramas of `InCB=Linker`, at the end. */
const LINKED = /[\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d]$/
const CONSONANT = /^\p{Lo}$/u
const EMOJI = /^\p{Emoji}/u

/** Whether a character with a width belongs to the cluster before it. */
export const isJoined = (cluster: string, codePoint: number, rules: ClusterRules): boolean => {
  if (rules === NONE || !mayContinue(codePoint)) return false
  const first = cluster.codePointAt(0) ?? 0
  if (cluster.charCodeAt(cluster.length - 1) === JOINER) {
    return (rules & Kind.joiner) !== 0 && PICTOGRAPH.test(cluster) && PICTOGRAPH.test(String.fromCodePoint(codePoint))
  }
  if (isSkinTone(codePoint)) {
    const isWide = CharWidth.of(first) === 2 || columnsOf(cluster, rules) === 2
    return (rules & (isWide ? Kind.modifier : NARROW_MODIFIER)) !== 0 && WITH_SKIN.test(cluster)
  }
  if (isRegional(codePoint)) return (rules & Kind.flag) !== 0 && isRegional(first) && cluster.length === 2
  if (!isComplex(codePoint)) return false
  const character = String.fromCodePoint(codePoint)
  if (SPACING_MARK.test(character)) return (rules & Kind.spacingMark) !== 0 && LETTER.test(cluster)
  return (rules & Kind.conjunct) !== 0 && LINKED.test(cluster) && LETTER.test(cluster) && CONSONANT.test(character)
}

/** The number of columns of a cluster: of its first character, or two where more make it wide. */
export const columnsOf = (cluster: string, rules: ClusterRules): 1 | 2 => {
  const first = cluster.codePointAt(0) ?? 0
  if (CharWidth.of(first) === 2) return 2
  const length = first > 0xffff ? 2 : 1
  if (rules === NONE || cluster.length === length) return 1
  const next = cluster.codePointAt(length) ?? 0
  if (isRegional(first)) return isRegional(next) ? 2 : 1
  if (cluster.startsWith(PRESENTED, length)) {
    const kind = first < 0x80 ? Kind.keycap : Kind.presentation
    return (rules & kind) !== 0 && EMOJI.test(cluster) ? 2 : 1
  }
  return isSkinTone(next) && (rules & Kind.narrowModifier) !== 0 ? 2 : 1
}
