/**
 * PNG files: their size, and conversion from and to pixels. Source: the PNG specification, third edition.
 *
 * Compression is an argument. Pixels are bytes: red, green, blue and alpha of each, row by row.
 */
import * as Bytes from "effect/Bytes"
import * as Image from "./Image.ts"

/** Pixels with their size. */
export interface Bitmap extends Image.Pixels {
  /** Four bytes a pixel. */
  readonly rgba: Uint8Array
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const IHDR = 0x49484452
const PLTE = 0x504c5445
const TRNS = 0x74524e53
const IDAT = 0x49444154
const IEND = 0x49454e44
const HEADER_END = SIGNATURE.length + 12 + 13

/** The size in the header of a PNG file that may be kept; `undefined` for all other bytes. */
export const sizeOf = (file: Uint8Array): Image.Pixels | undefined => {
  if (file.length < HEADER_END || file.length > Image.MAX_BYTES) return undefined
  if (SIGNATURE.some((byte, i) => file[i] !== byte)) return undefined
  const view = viewOf(file)
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== IHDR) return undefined
  const size = { width: view.getUint32(16), height: view.getUint32(20) }
  return Image.isPictureSize(size) ? size : undefined
}

/** A PNG file with these pixels. `deflate` compresses in the format of zlib. */
export const encode = ({ height, rgba, width }: Bitmap, deflate: (bytes: Uint8Array) => Uint8Array): Uint8Array => {
  const line = width * 4
  const scanlines = new Uint8Array(height * (line + 1))
  for (let y = 0; y < height; y++) scanlines.set(rgba.subarray(y * line, (y + 1) * line), y * (line + 1) + 1)
  const header = new Uint8Array(13)
  viewOf(header).setUint32(0, width)
  viewOf(header).setUint32(4, height)
  header.set([8, RGBA, 0, 0, 0], 8)
  const chunks = [chunk(IHDR, header), chunk(IDAT, deflate(scanlines)), chunk(IEND, new Uint8Array(0))]
  const file = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, SIGNATURE.length))
  file.set(SIGNATURE)
  let at = SIGNATURE.length
  for (const bytes of chunks) {
    file.set(bytes, at)
    at += bytes.length
  }
  return file
}

const GREY = 0
const RGB = 2
const INDEXED = 3
const GREY_ALPHA = 4
const RGBA = 6
const CHANNELS: Readonly<Record<number, number>> = { [GREY]: 1, [RGB]: 3, [INDEXED]: 1, [GREY_ALPHA]: 2, [RGBA]: 4 }

/**
 * The pixels of a PNG file; `undefined` if it is malformed or interlaced. `inflate` decompresses at most `limit` bytes, and
 * gives `undefined` if that is impossible.
 */
export const decode = (
  file: Uint8Array,
  inflate: (bytes: Uint8Array, limit: number) => Uint8Array | undefined
): Bitmap | undefined => {
  const size = sizeOf(file)
  if (size === undefined) return undefined
  const view = viewOf(file)
  const depth = view.getUint8(24)
  const type = view.getUint8(25)
  const channels = CHANNELS[type]
  const isDepth = type === INDEXED ? depth <= 8 : type === GREY || depth >= 8
  if (channels === undefined || ![1, 2, 4, 8, 16].includes(depth) || !isDepth || view.getUint8(28) !== 0)
    return undefined
  let palette = new Uint8Array(0)
  let transparency = new Uint8Array(0)
  const data: Array<Uint8Array> = []
  for (let at = HEADER_END; at + 12 <= file.length;) {
    const length = view.getUint32(at)
    const kind = view.getUint32(at + 4)
    const end = at + 8 + length
    if (kind === IEND || end > file.length) break
    const content = file.subarray(at + 8, end)
    if (kind === PLTE) palette = content.slice()
    else if (kind === TRNS) transparency = content.slice()
    else if (kind === IDAT) data.push(content)
    at = end + 4
  }
  const { height, width } = size
  const line = Math.ceil((width * channels * depth) / 8)
  const scanlines = inflate(Bytes.concat(data), height * (line + 1))
  if (scanlines === undefined || scanlines.length < height * (line + 1)) return undefined
  if (!unfilter(scanlines, line, height, Math.max(1, (channels * depth) / 8))) return undefined
  const rgba = new Uint8Array(width * height * 4)
  const scale = depth < 8 && type === GREY ? 255 / ((1 << depth) - 1) : 1
  for (let y = 0; y < height; y++) {
    const start = y * (line + 1) + 1
    // The value of a sample; of two bytes, the high one.
    const sample = (i: number): number => {
      if (depth === 8) return scanlines[start + i] ?? 0
      if (depth === 16) return scanlines[start + 2 * i] ?? 0
      const bit = i * depth
      return ((scanlines[start + (bit >>> 3)] ?? 0) >>> (8 - depth - (bit & 7))) & ((1 << depth) - 1)
    }
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 4
      const first = sample(x * channels)
      if (type === INDEXED) {
        for (let i = 0; i < 3; i++) rgba[to + i] = palette[first * 3 + i] ?? 0
        rgba[to + 3] = transparency[first] ?? 255
        continue
      }
      const isColored = type === RGB || type === RGBA
      rgba[to] = first * scale
      rgba[to + 1] = isColored ? sample(x * channels + 1) : first * scale
      rgba[to + 2] = isColored ? sample(x * channels + 2) : first * scale
      rgba[to + 3] = type === RGBA || type === GREY_ALPHA ? sample((x + 1) * channels - 1) : 255
    }
  }
  return { width, height, rgba }
}

/** Reverses the filters of scanlines, in place; false if a filter is unknown. */
const unfilter = (scanlines: Uint8Array, line: number, height: number, pixel: number): boolean => {
  for (let y = 0; y < height; y++) {
    const start = y * (line + 1) + 1
    const filter = scanlines[start - 1] ?? 0
    if (filter > 4) return false
    if (filter === 0) continue
    for (let i = 0; i < line; i++) {
      const left = i >= pixel ? (scanlines[start + i - pixel] ?? 0) : 0
      const up = y > 0 ? (scanlines[start + i - line - 1] ?? 0) : 0
      const corner = y > 0 && i >= pixel ? (scanlines[start + i - line - 1 - pixel] ?? 0) : 0
      scanlines[start + i] = (scanlines[start + i] ?? 0) + predicted(filter, left, up, corner)
    }
  }
  return true
}

const predicted = (filter: number, left: number, up: number, corner: number): number => {
  switch (filter) {
    case 1:
      return left
    case 2:
      return up
    case 3:
      return (left + up) >>> 1
    default: {
      const estimate = left + up - corner
      const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)]
      return a <= b && a <= c ? left : b <= c ? up : corner
    }
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const chunk = (kind: number, content: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(content.length + 12)
  const view = viewOf(bytes)
  view.setUint32(0, content.length)
  view.setUint32(4, kind)
  bytes.set(content, 8)
  view.setUint32(bytes.length - 4, checksum(bytes.subarray(4, bytes.length - 4)))
  return bytes
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0xedb88320
  return value
})

/** CRC-32 of ISO 3309. */
const checksum = (bytes: Uint8Array): number => {
  let sum = 0xffffffff
  for (const byte of bytes) sum = ((TABLE[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8)) >>> 0
  return (sum ^ 0xffffffff) >>> 0
}

/** A part of a bitmap, scaled to a size: each pixel is the nearest one. */
export const scale = (bitmap: Bitmap, part: Image.Rectangle, { height, width }: Image.Pixels): Bitmap => {
  const from = new Uint32Array(bitmap.rgba.buffer, bitmap.rgba.byteOffset, bitmap.width * bitmap.height)
  const to = new Uint32Array(width * height)
  for (let y = 0; y < height; y++) {
    const row = (part.y + Math.floor(((y + 0.5) * part.height) / height)) * bitmap.width + part.x
    for (let x = 0; x < width; x++) to[y * width + x] = from[row + Math.floor(((x + 0.5) * part.width) / width)] ?? 0
  }
  return { width, height, rgba: new Uint8Array(to.buffer) }
}
