/**
 * Text from elsewhere, made fit to be printed: nothing in it can steer a terminal, or turn a line around.
 */

/** Replaces what is not to be printed by `?`, and cuts what is longer than `longest` characters. */
export const plain = (text: string, longest: number): string => {
  const printable = text.replace(UNPRINTABLE, "?")
  return printable.length <= longest ? printable : `${printable.slice(0, longest - 1)}…`
}

/** Controls of all kinds, separators of lines, directions of writing, and halves of characters. */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
