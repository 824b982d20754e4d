/**
 * What the client's terminal reported about itself (`TerminalReport`): the header of a stream of kind `terminal`, which has no
 * content. A client sends it once its terminal has answered, and again when that changes, to servers with `Features.terminal`
 * (docs/spec/terminal.md).
 *
 * ```
 * number   varint   counts the reports of this client, from 1; an older one that arrives later is ignored
 * flags    varint   1: kitty keyboard protocol; 2: synchronized updates; 4: dark colours; 8: light colours;
 *                   16, 32, 48: images by the kitty graphics protocol, as sixel graphics, by that of iTerm2
 *                   64, 128, 192: mode 2027 is set, reset, always set; from 256 on: the bits of `ClusterRules`
 *                   131072: the mouse can report pixels (mode 1016)
 * width    varint   of a cell, pixels; 0 if unknown
 * height   varint   likewise
 * length   varint   at most `LONGEST_NAME`
 * name     length bytes of printable ASCII
 * colours  to the end of the header, at most `MAX_COLORS`, each:
 *   number varint   0 to 255 in the palette; 256 + n for the colour of OSC n
 *   colour 3 bytes  red, green, blue
 * ```
 */
import * as ClusterRules from "../../terminal/ClusterRules.ts"
import * as TerminalReport from "../../terminal/TerminalReport.ts"
import * as Varint from "./Varint.ts"

export interface Message {
  readonly number: number
  readonly report: TerminalReport.TerminalReport
}

/** Maximum number of colours of a report. */
export const MAX_COLORS = 32

const KITTY_KEYBOARD = 1
const SYNCHRONIZED_OUTPUT = 2
const DARK = 4
const LIGHT = 8

const IMAGES = 16
/** The protocols by their number, from 1. */
const PROTOCOLS = ["kitty", "sixel", "iterm2"] as const
const CLUSTER_MODES: ReadonlyArray<TerminalReport.ClusterMode> = ["none", "set", "reset", "always"]
const CLUSTER_MODE_SHIFT = 6
const CLUSTERS_SHIFT = 8
const PIXEL_MOUSE = 131_072

const SCHEMES = { dark: DARK, light: LIGHT }

/** At most 320 bytes, less than the header of a stream may have. */
export const encode = ({ number, report }: Message): Uint8Array => {
  const { cell, clusterMode, clusters, colors, images, kittyKeyboard, pixelMouse, scheme, synchronizedOutput } = report
  const name = new TextEncoder().encode(TerminalReport.cleanName(report.name))
  const cursor: Varint.Cursor = { bytes: new Uint8Array(8 + 4 + 4 + 4 + 2 + name.length + MAX_COLORS * 5), at: 0 }
  Varint.write(cursor, number)
  Varint.write(
    cursor,
    (kittyKeyboard ? KITTY_KEYBOARD : 0) |
      (synchronizedOutput ? SYNCHRONIZED_OUTPUT : 0) |
      (pixelMouse ? PIXEL_MOUSE : 0) |
      (scheme === undefined ? 0 : SCHEMES[scheme]) |
      (images === undefined ? 0 : IMAGES * (PROTOCOLS.indexOf(images) + 1)) |
      (CLUSTER_MODES.indexOf(clusterMode) << CLUSTER_MODE_SHIFT) |
      (clusters << CLUSTERS_SHIFT)
  )
  Varint.write(cursor, cell?.width ?? 0)
  Varint.write(cursor, cell?.height ?? 0)
  Varint.write(cursor, name.length)
  cursor.bytes.set(name, cursor.at)
  cursor.at += name.length
  for (const [color, value] of [...colors].slice(0, MAX_COLORS)) {
    Varint.write(cursor, color)
    cursor.bytes.set([value >> 16, value >> 8, value], cursor.at)
    cursor.at += 3
  }
  return cursor.bytes.slice(0, cursor.at)
}

/** `undefined` if it is malformed. Unknown flags and colours are ignored. */
export const decode = (header: Uint8Array): Message | undefined => {
  const cursor: Varint.Cursor = { bytes: header, at: 0 }
  const number = Varint.read(cursor)
  const flags = number === undefined ? undefined : Varint.read(cursor)
  const width = flags === undefined ? undefined : Varint.read(cursor)
  const height = width === undefined ? undefined : Varint.read(cursor)
  const length = height === undefined ? undefined : Varint.read(cursor)
  if (number === undefined || flags === undefined || width === undefined || height === undefined) return undefined
  if (length === undefined || length > TerminalReport.LONGEST_NAME || cursor.at + length > header.length)
    return undefined
  const name = String.fromCharCode(...header.subarray(cursor.at, cursor.at + length))
  cursor.at += length
  const colors = new Map<number, number>()
  for (let count = 0; cursor.at < header.length; count++) {
    const color = Varint.read(cursor)
    const [red, green, blue] = header.subarray(cursor.at, cursor.at + 3)
    if (color === undefined || red === undefined || green === undefined || blue === undefined) return undefined
    if (count === MAX_COLORS) return undefined
    cursor.at += 3
    if (TerminalReport.isColor(color)) colors.set(color, (red << 16) | (green << 8) | blue)
  }
  // Flags beyond 32 bits would be lost by the operators.
  const known = flags % (2 * PIXEL_MOUSE)
  return {
    number,
    report: {
      name: TerminalReport.cleanName(name),
      colors,
      scheme: (known & DARK) !== 0 ? "dark" : (known & LIGHT) !== 0 ? "light" : undefined,
      cell: isSide(width) && isSide(height) ? { width, height } : undefined,
      kittyKeyboard: (known & KITTY_KEYBOARD) !== 0,
      synchronizedOutput: (known & SYNCHRONIZED_OUTPUT) !== 0,
      pixelMouse: (known & PIXEL_MOUSE) !== 0,
      images: PROTOCOLS[((known / IMAGES) & 3) - 1],
      clusters: (known >> CLUSTERS_SHIFT) & ClusterRules.MASK,
      clusterMode: CLUSTER_MODES[(known >> CLUSTER_MODE_SHIFT) & 3] ?? "none"
    }
  }
}

const isSide = (pixels: number): boolean => pixels >= 1 && pixels <= TerminalReport.LARGEST_CELL
