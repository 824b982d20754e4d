/**
 * Decodes sixel graphics (`DCS q`) to pixels. Bytes may arrive in pieces. Source: DEC STD 070, and the VT330/VT340 manual.
 *
 * Time is linear in the bytes and in the pixels, of which there are at most `Image.MAX_PIXELS`, each drawn four times on average; what is
 * beyond is not drawn.
 */
import * as Image from "./Image.ts"
import type { Bitmap } from "./Png.ts"

const MAX_REGISTERS = 1024
const BAND = 6
/** Maximum number of parameters of one control, and their largest value. */
const MAX_PARAMETERS = 5
const MAX_VALUE = 0xffff

/** The first registers of the VT340, in percent. */
const INITIAL = [
  [0, 0, 0],
  [20, 20, 80],
  [80, 13, 13],
  [20, 80, 20],
  [80, 20, 80],
  [20, 80, 80],
  [80, 80, 20],
  [53, 53, 53],
  [26, 26, 26],
  [33, 33, 60],
  [60, 26, 26],
  [33, 60, 33],
  [60, 33, 60],
  [33, 60, 60],
  [60, 60, 33],
  [80, 80, 80]
] as const

export class SixelDecoder {
  private readonly registers = new Uint32Array(MAX_REGISTERS)
  /** Pixels, red in the low byte and alpha in the high one; `stride` for each row. */
  private pixels = new Uint32Array(0)
  private stride = 0
  private width = 0
  private height = 0
  private x = 0
  private y = 0
  private color = 0
  private repeat = 1
  /** How many pixels may still be drawn: each several times. */
  private budget = 4 * Image.MAX_PIXELS
  /** The control whose parameters are being read: `#`, `!` or `"`; 0 if none is. */
  private control = 0
  private parameters: Array<number> = []

  constructor() {
    INITIAL.forEach(([red, green, blue], i) => (this.registers[i] = percent(red, green, blue)))
    this.color = this.registers[0] ?? 0
  }

  /** Reads one character. */
  put(code: number): void {
    if (this.control !== 0) {
      if (code >= 0x30 && code <= 0x39) return this.digit(code - 0x30)
      if (code === 0x3b) {
        if (this.parameters.length < MAX_PARAMETERS) this.parameters.push(0)
        return
      }
      this.finishControl()
    }
    if (code >= 0x3f && code <= 0x7e) return this.draw(code - 0x3f)
    switch (code) {
      case 0x21: // !
      case 0x22: // "
      case 0x23: // #
        this.control = code
        this.parameters = [0]
        return
      case 0x24: // $
        this.x = 0
        return
      case 0x2d: // -
        this.x = 0
        this.y = Math.min(this.y + BAND, Image.MAX_PIXEL_SIDE)
    }
  }

  /** The pixels; those that were not drawn are transparent. `undefined` if there are none. */
  finish(): Bitmap | undefined {
    this.finishControl()
    const { height, pixels, stride, width } = this
    if (width === 0 || height === 0) return undefined
    const drawn = new Uint32Array(width * height)
    for (let y = 0; y < height; y++) drawn.set(pixels.subarray(y * stride, y * stride + width), y * width)
    const rgba = new Uint8Array(drawn.length * 4)
    for (let i = 0; i < drawn.length; i++) {
      const pixel = drawn[i] ?? 0
      rgba[4 * i] = pixel
      rgba[4 * i + 1] = pixel >>> 8
      rgba[4 * i + 2] = pixel >>> 16
      rgba[4 * i + 3] = pixel >>> 24
    }
    return { width, height, rgba }
  }

  private digit(value: number): void {
    const last = this.parameters.length - 1
    this.parameters[last] = Math.min((this.parameters[last] ?? 0) * 10 + value, MAX_VALUE)
  }

  private finishControl(): void {
    const [first = 0, kind = 0, a = 0, b = 0, c = 0] = this.parameters
    switch (this.control) {
      case 0x21:
        this.repeat = Math.max(1, first)
        break
      case 0x22:
        // The size of the image, which may also be larger or smaller.
        if (this.width === 0 && a > 0 && b > 0) this.grow(a, b)
        break
      case 0x23: {
        const register = first % MAX_REGISTERS
        if (kind === 2) this.registers[register] = percent(a, b, c)
        else if (kind === 1) this.registers[register] = hls(a, b, c)
        this.color = this.registers[register] ?? 0
      }
    }
    this.control = 0
  }

  private draw(bits: number): void {
    const count = this.repeat
    this.repeat = 1
    const end = Math.min(this.x + count, Image.MAX_PIXEL_SIDE)
    if (bits !== 0) {
      const rows = Math.min(32 - Math.clz32(bits), Image.MAX_PIXEL_SIDE - this.y)
      this.grow(end, this.y + rows)
      const right = Math.min(end, this.width)
      for (let bit = 0; bit < rows; bit++) {
        if ((bits & (1 << bit)) === 0 || this.y + bit >= this.height) continue
        const row = (this.y + bit) * this.stride
        if (this.x >= right || this.budget <= 0) continue
        this.budget -= right - this.x
        this.pixels.fill(this.color, row + this.x, row + right)
      }
    }
    this.x = end
  }

  /** Makes the image at least this large, as far as that is allowed. */
  private grow(width: number, height: number): void {
    if (width <= this.width && height <= this.height) return
    const wide = Math.max(this.width, Math.min(width, Image.MAX_PIXEL_SIDE))
    const high = Math.max(this.height, Math.min(height, Image.MAX_PIXEL_SIDE))
    if (wide * high > Image.MAX_PIXELS) return
    if (wide > this.stride || high * this.stride > this.pixels.length) {
      const stride = wide > this.stride ? Math.min(Image.MAX_PIXEL_SIDE, Math.max(wide, 2 * this.stride)) : this.stride
      const rows = Math.max(high, Math.min(2 * high, Math.floor(Image.MAX_PIXELS / stride)))
      const pixels = new Uint32Array(stride * rows)
      for (let y = 0; y < this.height; y++)
        pixels.set(this.pixels.subarray(y * this.stride, y * this.stride + this.width), y * stride)
      this.pixels = pixels
      this.stride = stride
    }
    this.width = wide
    this.height = high
  }
}

const OPAQUE = 0xff000000

const percent = (red: number, green: number, blue: number): number => {
  const byte = (share: number) => Math.round((Math.min(share, 100) * 255) / 100)
  return (OPAQUE | (byte(blue) << 16) | (byte(green) << 8) | byte(red)) >>> 0
}

/** Hue in degrees, of which 0 is blue; lightness and saturation in percent. */
const hls = (hue: number, lightness: number, saturation: number): number => {
  const light = Math.min(lightness, 100) / 100
  const strength = (Math.min(saturation, 100) / 100) * Math.min(light, 1 - light)
  const share = (offset: number) => {
    const k = (offset + ((hue + 240) % 360) / 30) % 12
    return 100 * (light - strength * Math.max(-1, Math.min(k - 3, 9 - k, 1)))
  }
  return percent(share(0), share(8), share(4))
}
