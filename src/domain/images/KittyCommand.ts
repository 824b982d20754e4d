/**
 * Commands of the kitty graphics protocol: the string between `ESC _ G` and the terminator, which is control data of the form
 * `key=value,…`, and, after a semicolon, base64.
 */

/** A command. */
export interface KittyCommand {
  /** The values of keys: integers, or single letters. */
  readonly keys: ReadonlyMap<string, string>
  readonly payload: string
}

/** Maximum length of control data, characters. */
const MAX_CONTROL = 512

const CONTROL = /^(?:[a-zA-Z]=(?:[a-zA-Z]|-?\d{1,10})(?:,|$))*$/

/** `undefined` if it is malformed. */
export const parse = (text: string): KittyCommand | undefined => {
  const end = text.indexOf(";")
  const control = end < 0 ? text : text.slice(0, end)
  if (control.length > MAX_CONTROL || !CONTROL.test(control)) return undefined
  const keys = new Map<string, string>()
  for (const pair of control.split(",")) if (pair !== "") keys.set(pair.charAt(0), pair.slice(2))
  return { keys, payload: end < 0 ? "" : text.slice(end + 1) }
}

/** The number of a key, from 0; 0 if it is absent. */
export const number = ({ keys }: KittyCommand, key: string): number => {
  const value = Number(keys.get(key) ?? 0)
  return value >= 0 && value <= 0xffffffff ? value : 0
}

/** The letter of a key; `otherwise` if it is absent. */
export const letter = ({ keys }: KittyCommand, key: string, otherwise: string): string => keys.get(key) ?? otherwise

/** A reply to a command, with the numbers by which the program named the image; empty if it wants none. */
export const reply = (command: KittyCommand, result: string): string => {
  const quiet = number(command, "q")
  const names = ["i", "I", "p"].flatMap((key) => (number(command, key) > 0 ? [`${key}=${number(command, key)}`] : []))
  const isNamed = number(command, "i") > 0 || number(command, "I") > 0
  if (!isNamed || quiet > 1 || (quiet === 1 && result === "OK")) return ""
  return `\x1b_G${names.join(",")};${result}\x1b\\`
}
