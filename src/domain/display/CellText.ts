/**
 * The text of one cell with an explicit width, in a host string between our ends: `OSC 66 ; w=COLUMNS ; TEXT BEL`, as in kitty's
 * text sizing protocol. Peers with `Features.widths` receive it for cells that `CharWidth` alone would lay out otherwise.
 */
import * as ClusterLayout from "../terminal/ClusterLayout.ts"
import * as OscText from "./OscText.ts"

/** The number of the OSC string. */
export const IDENTIFIER = "66"

/** The text itself, if `CharWidth` lays it out in the same way, or if it is none that a cell may contain. */
export const encode = (text: string, columns: number): string =>
  ClusterLayout.isPlain(text, columns) || !ClusterLayout.isCluster(text, columns)
    ? text
    : `\x1b]${IDENTIFIER};w=${columns};${text}\x07`

const FORM = /^w=([12]);([^]{1,64})$/

/** A cell from what follows the number; `undefined` if it is malformed. */
export const decode = (parameters: string): ClusterLayout.LaidOut | undefined => {
  const [, columns, text] = FORM.exec(parameters.length > 80 ? "" : parameters) ?? []
  if (text === undefined || !OscText.isClean(text) || !ClusterLayout.isCluster(text, Number(columns))) return undefined
  return { text: OscText.copy(text), columns: columns === "2" ? 2 : 1 }
}
