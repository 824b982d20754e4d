/**
 * What the user's terminal answered when the client asked about it. A server answers its programs' queries with it.
 */
import * as ClusterRules from "./ClusterRules.ts"

/** What a terminal reported about itself. */
export interface TerminalReport {
  /** Its name and version (XTVERSION), printable ASCII; empty if it did not report one. */
  readonly name: string
  /**
   * Its colours as 24 bits, red in the highest: the palette by index, 0 to 255, and the dynamic colours by `DYNAMIC` plus the
   * number of their OSC.
   */
  readonly colors: ReadonlyMap<number, number>
  /** Whether its colours are dark or light; `undefined` if it did not report that. */
  readonly scheme: "dark" | "light" | undefined
  /** The size of a cell, pixels; `undefined` if it did not report it. */
  readonly cell: { readonly width: number; readonly height: number } | undefined
  /** Whether it supports the kitty keyboard protocol. */
  readonly kittyKeyboard: boolean
  /** Whether it supports synchronized updates (mode 2026). */
  readonly synchronizedOutput: boolean
  /** Whether its mouse can report pixels (mode 1016). */
  readonly pixelMouse: boolean
  /** The protocol by which it shows images; `undefined` if it shows none. */
  readonly images: ImageProtocol | undefined
  /** Which sequences of characters it draws as one cell, as measured. */
  readonly clusters: ClusterRules.ClusterRules
  /**
   * Its mode for grapheme clusters (2027): whether it was set before the client started; `always` if it cannot be reset. While it is
   * reset nothing is joined; `clusters` was measured while it was set.
   */
  readonly clusterMode: ClusterMode
}

/** Protocols by which terminals show images. */
export type ImageProtocol = "kitty" | "sixel" | "iterm2"

/** `none`: the terminal does not know the mode. */
export type ClusterMode = "none" | "set" | "reset" | "always"

/** A terminal that answered nothing. */
export const UNKNOWN: TerminalReport = {
  name: "",
  colors: new Map(),
  scheme: undefined,
  cell: undefined,
  kittyKeyboard: false,
  synchronizedOutput: false,
  pixelMouse: false,
  images: undefined,
  clusters: ClusterRules.NONE,
  clusterMode: "none"
}

/** The number of OSC `n` among the colours is `DYNAMIC + n`. */
export const DYNAMIC = 256
/** The dynamic colours: of text, background, cursor, selected background, selected text. */
export const DYNAMIC_COLORS: ReadonlyArray<number> = [10, 11, 12, 17, 19]
/** The palette colours that a client asks for. */
export const PALETTE_COLORS = 16
/** Maximum length of `name`. */
export const LONGEST_NAME = 128
/** Maximum width and height of a cell, pixels. */
export const LARGEST_CELL = 4096

/** Whether a number is that of a colour. */
export const isColor = (number: number): boolean =>
  number < DYNAMIC ? number >= 0 : DYNAMIC_COLORS.includes(number - DYNAMIC)

/** `name` without what is not printable ASCII, and not longer than `LONGEST_NAME`. */
export const cleanName = (name: string): string => name.replaceAll(/[^\x20-\x7e]/g, "").slice(0, LONGEST_NAME)

/**
 * Whether the colours are dark or light: as reported, or else by the luminance of the background; `undefined` if neither is
 * known.
 */
export const schemeOf = ({ colors, scheme }: TerminalReport): "dark" | "light" | undefined => {
  const background = colors.get(DYNAMIC + 11)
  if (scheme !== undefined || background === undefined) return scheme
  const [red, green, blue] = [background >> 16, (background >> 8) & 0xff, background & 0xff]
  return 299 * red + 587 * green + 114 * blue < 128_000 ? "dark" : "light"
}

/** Whether two reports are equal. */
export const equals = (a: TerminalReport, b: TerminalReport): boolean =>
  a === b ||
  (a.name === b.name &&
    a.scheme === b.scheme &&
    a.cell?.width === b.cell?.width &&
    a.cell?.height === b.cell?.height &&
    a.kittyKeyboard === b.kittyKeyboard &&
    a.synchronizedOutput === b.synchronizedOutput &&
    a.pixelMouse === b.pixelMouse &&
    a.images === b.images &&
    a.clusters === b.clusters &&
    a.clusterMode === b.clusterMode &&
    a.colors.size === b.colors.size &&
    [...a.colors].every(([number, color]) => b.colors.get(number) === color))
