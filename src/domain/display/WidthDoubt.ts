/**
 * How likely another width table gives a character the same width as ours.
 *
 * After a character of uncertain width the cursor is positioned again, so that a disagreement costs one cell and not
 * the rest of the line (spec 12.3). ASCII, the Latin, Greek and Cyrillic scripts, common punctuation and CJK are
 * certain.
 */

/** Every table agrees. */
export const SURE = 0
/**
 * Tables agree except for settings such as ambiguous width: it is enough to position the cursor after a run of such
 * characters.
 */
export const LIKELY = 1
/** Emoji, private use, clusters: tables differ from one version to the next. */
export const UNSURE = 2

export const of = (codePoint: number): 0 | 1 | 2 => {
  if (codePoint < 0x300) return codePoint === 0xad ? UNSURE : SURE
  if (codePoint < 0x1100) return codePoint >= 0x370 && codePoint < 0x530 ? SURE : LIKELY
  if (codePoint < 0x2e80) {
    if (codePoint < 0x1160) return SURE
    if ((codePoint >= 0x2010 && codePoint < 0x2060) || (codePoint >= 0x20a0 && codePoint < 0x20c0)) return SURE
    return isEmojiWithin(codePoint) ? UNSURE : LIKELY
  }
  if (codePoint < 0xa4d0) return codePoint >= 0x4dc0 && codePoint < 0x4e00 ? LIKELY : SURE
  if (codePoint >= 0xac00 && codePoint < 0xd7a4) return SURE
  if (codePoint >= 0xf900 && codePoint < 0xfb00) return SURE
  if (codePoint >= 0xfe30 && codePoint < 0xffef) return SURE
  return codePoint >= 0x20000 && codePoint < 0x40000 ? SURE : UNSURE
}

/** Symbols below the CJK blocks that became wide when they became emoji. */
const isEmojiWithin = (codePoint: number): boolean =>
  (codePoint >= 0x231a && codePoint < 0x2330) ||
  (codePoint >= 0x23e9 && codePoint < 0x23f4) ||
  (codePoint >= 0x25fd && codePoint < 0x27c0) ||
  (codePoint >= 0x2b1b && codePoint < 0x2b56)
