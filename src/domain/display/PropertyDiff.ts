/**
 * The sequences that bring a receiver's properties from one state to another (`Properties`).
 */
import * as Properties from "../events/Properties.ts"
import * as TerminalColors from "../terminal/TerminalColors.ts"

const osc = (identifier: number, text: string): string =>
  text === "" && identifier > 100 ? `\x1b]${identifier}\x07` : `\x1b]${identifier};${text}\x07`

/** The sequence that sets a property. Nothing is sent that no program can set. */
const set = (identifier: number, text: string): string =>
  Properties.apply(Properties.NONE, identifier, text) === Properties.NONE ? "" : osc(identifier, text)

/** The sequences after which a receiver with the properties `from` has `to`. */
export const diff = (from: Properties.Properties, to: Properties.Properties): string => {
  if (from === to) return ""
  let out = ""
  for (const [identifier, text] of TerminalColors.changes(from.colors, to.colors)) out += osc(identifier, text)
  if (to.directory !== from.directory) out += to.directory === "" ? osc(7, "") : set(7, to.directory)
  if (to.pointer !== from.pointer) out += to.pointer === "" ? osc(22, "") : set(22, to.pointer)
  if (to.progress?.state !== from.progress?.state || to.progress?.percent !== from.progress?.percent)
    out += to.progress === undefined ? osc(9, "4;0") : set(9, `4;${to.progress.state};${to.progress.percent}`)
  return out + variables(from.variables, to.variables)
}

const variables = (from: ReadonlyMap<string, string>, to: ReadonlyMap<string, string>): string => {
  if (from === to) return ""
  let out = ""
  for (const [name, value] of from)
    if (!to.has(name) && set(1337, `SetUserVar=${name}=${value}`) !== "") out += osc(1337, `SetUserVar=${name}=`)
  for (const [name, value] of to) if (value !== from.get(name)) out += set(1337, `SetUserVar=${name}=${value}`)
  return out
}
