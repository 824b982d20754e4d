/**
 * Colours as terminals and programs write them in OSC sequences: the numeric forms of XParseColor, and names that mean the same colour
 * in every terminal. Green, for example, is `#00ff00` in X11 and `#008000` in CSS.
 *
 * | form                                                     | components                                     |
 * | -------------------------------------------------------- | ---------------------------------------------- |
 * | `rgb:r/g/b`, `rgba:r/g/b/a`, 1 to 4 hexadecimal digits each | scaled to the full range; opacity is ignored   |
 * | `#rgb`, and with 2, 3 or 4 digits each                     | the most significant bits                      |
 */

const SCALED = /^rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})(?:\/[\da-f]{1,4})?$/i
const NAMES: ReadonlyMap<string, number> = new Map([
  ["black", 0x000000],
  ["blue", 0x0000ff],
  ["cyan", 0x00ffff],
  ["magenta", 0xff00ff],
  ["red", 0xff0000],
  ["white", 0xffffff],
  ["yellow", 0xffff00]
])
const HASH = /^#(?:[\da-f]{3}){1,4}$/i

/** A colour as 24 bits, red in the highest; `undefined` for other forms and names. */
export const parse = (text: string): number | undefined => {
  const scaled = SCALED.exec(text)
  if (scaled !== null) {
    const [red = 0, green = 0, blue = 0] = scaled
      .slice(1)
      .map((part) => Math.round((Number.parseInt(part, 16) * 255) / (16 ** part.length - 1)))
    return (red << 16) | (green << 8) | blue
  }
  if (!HASH.test(text)) return NAMES.get(text.toLowerCase())
  const digits = (text.length - 1) / 3
  const component = (at: number): number =>
    Number.parseInt(
      text
        .slice(1 + at * digits, 1 + (at + 1) * digits)
        .padEnd(2, "0")
        .slice(0, 2),
      16
    )
  return (component(0) << 16) | (component(1) << 8) | component(2)
}

/** A colour in xterm's form, with 16 bits for each component. */
export const format = (color: number): string => {
  const component = (shift: number): string => {
    const byte = ((color >> shift) & 0xff).toString(16).padStart(2, "0")
    return byte + byte
  }
  return `rgb:${component(16)}/${component(8)}/${component(0)}`
}
