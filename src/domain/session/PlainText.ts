/**
 * Makes untrusted text safe to print: it cannot control a terminal, or change the direction of a line.
 */

/** Replaces each unprintable character by `?`, and truncates to `longest` UTF-16 units, with `…` as the last one. */
export const plain = (text: string, longest: number): string => {
  const printable = text.replace(UNPRINTABLE, "?")
  return printable.length <= longest ? printable : `${printable.slice(0, longest - 1)}…`
}

/** Control characters, line and paragraph separators, direction marks, byte order marks, and unpaired surrogates. */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
