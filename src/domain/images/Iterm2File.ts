/**
 * Inline images of iTerm2: OSC 1337 `File=ARGUMENTS:BASE64`, or the same in parts: `MultipartFile=ARGUMENTS`, then
 * `FilePart=BASE64` as often as needed, and `FileEnd`.
 */
import type * as Image from "./Image.ts"
import { cellsOf } from "./Image.ts"

/** The arguments of a file, such as `inline=1` and `width=80%`, separated by semicolons. */
export type Arguments = ReadonlyMap<string, string>

/** Maximum length of the arguments, characters. */
export const MAX_ARGUMENTS = 4096

export const parse = (text: string): Arguments => {
  const found = new Map<string, string>()
  for (const pair of text.slice(0, MAX_ARGUMENTS).split(";")) {
    const end = pair.indexOf("=")
    if (end > 0) found.set(pair.slice(0, end), pair.slice(end + 1))
  }
  return found
}

/** Whether the file is shown. Others are downloads, which are ignored. */
export const isInline = (file: Arguments): boolean => file.get("inline") === "1"

/** Whether the cursor stays where it is. */
export const staysAtCursor = (file: Arguments): boolean => file.get("doNotMoveCursor") === "1"

/** The cells of an image, and whether it fills them. */
export interface Extent {
  readonly columns: number
  readonly rows: number
  readonly isScaled: boolean
}

/** The cells that a picture occupies on a screen. */
export const extentOf = (
  file: Arguments,
  picture: Image.Pixels,
  cell: Image.Pixels,
  screen: { readonly columns: number; readonly rows: number }
): Extent => {
  const width = pixels(file.get("width"), cell.width, screen.columns)
  const height = pixels(file.get("height"), cell.height, screen.rows)
  if (width === undefined && height === undefined) {
    const isTooWide = picture.width > screen.columns * cell.width
    return isTooWide
      ? scaled(screen.columns * cell.width, (picture.height * screen.columns * cell.width) / picture.width, cell)
      : { ...scaled(picture.width, picture.height, cell), isScaled: false }
  }
  const aspect = picture.width / picture.height
  if (width === undefined) return scaled((height ?? 1) * aspect, height ?? 1, cell)
  if (height === undefined) return scaled(width, width / aspect, cell)
  if (file.get("preserveAspectRatio") === "0") return scaled(width, height, cell)
  return width / height > aspect ? scaled(height * aspect, height, cell) : scaled(width, width / aspect, cell)
}

const scaled = (width: number, height: number, cell: Image.Pixels): Extent => ({
  columns: cellsOf(width, cell.width),
  rows: cellsOf(height, cell.height),
  isScaled: true
})

/** A length in cells, pixels (`px`) or percent of the screen; `undefined` for `auto` and anything else. */
const pixels = (text: string | undefined, cell: number, cells: number): number | undefined => {
  const [, digits, unit] = /^(\d{1,5})(px|%)?$/.exec(text ?? "") ?? []
  const value = Number(digits)
  if (digits === undefined || value === 0) return undefined
  if (unit === "px") return value
  return unit === "%" ? Math.max(1, (value / 100) * cells * cell) : value * cell
}
