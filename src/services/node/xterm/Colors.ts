/**
 * Reads colours in SGR 38, 48, 58 and 59 as xterm does. `@xterm/headless` differs: it takes the red of `38:2:r:g:b` for
 * a colour space, maps palette indexes above 255 to other colours, and sets white where 59 resets the underline's
 * colour.
 */
import * as Color from "../../../domain/terminal/Color.ts"
import { SgrColorReader } from "../../../domain/display/SgrColor.ts"
import type { Core, Params } from "./Internals.ts"

/** Maximum number of parameters: xterm stores 32, and 32 more that are joined by colons. */
const MAX_PARAMETERS = 64

const UNDERLINE = 4
const NO_UNDERLINE_COLOR = 59

const namesColor = (code: number): boolean => code === 38 || code === 48 || code === 58

export const install = (core: Core): void => {
  const handler = core._inputHandler
  const flat = new Flattened()
  const plain = new Plain()
  const charAttributes = handler.charAttributes.bind(handler)
  handler.charAttributes = (params) => {
    if (!hasColors(params)) return charAttributes(params)
    flat.read(params)
    plain.clear()
    const colors = new SgrColorReader(flat.values, flat.count, flat.joined)
    let endsUnderlineColor = false
    for (let i = 0; i < flat.count;) {
      const code = flat.values[i] as number
      if (namesColor(code)) {
        const color = colors.read(i)
        i = colors.end
        if (color !== undefined) plain.addColor(code, color)
        if (code === 58 && color !== undefined) endsUnderlineColor = false
      } else {
        const end = colors.groupEnd(i)
        plain.add(code, code === UNDERLINE && end > i + 1 ? flat.values.subarray(i + 1, end) : null)
        if (code === NO_UNDERLINE_COLOR) endsUnderlineColor = true
        i = end
      }
    }
    const done = charAttributes(plain)
    if (endsUnderlineColor) {
      handler._curAttrData.extended = handler._curAttrData.extended.clone()
      handler._curAttrData.extended._ext &= ~Color.COLOR_BITS
    }
    return done
  }
}

const hasColors = (params: Params): boolean => {
  for (let i = 0; i < params.length; i++) {
    const code = params.params[i] as number
    if (namesColor(code) || code === NO_UNDERLINE_COLOR) return true
  }
  return false
}

/** Parameters in one flat list, whether joined by colons or separated by semicolons. */
class Flattened {
  readonly values = new Int32Array(MAX_PARAMETERS)
  count = 0
  private readonly colons = new Uint8Array(MAX_PARAMETERS)
  readonly joined = (i: number): boolean => this.colons[i] === 1

  read(params: Params): void {
    this.count = 0
    for (let i = 0; i < params.length; i++) {
      this.add(params.params[i] as number, 0)
      for (const value of params.getSubParams(i) ?? []) this.add(value, 1)
    }
  }

  private add(value: number, colon: number): void {
    if (this.count === MAX_PARAMETERS) return
    this.colons[this.count] = colon
    this.values[this.count++] = value
  }
}

/** Parameters in which every colour is written with semicolons. */
class Plain implements Params {
  readonly params = new Int32Array(MAX_PARAMETERS)
  length = 0
  private readonly joined: Array<Int32Array | null> = []

  clear(): void {
    this.length = 0
    this.joined.length = 0
  }

  add(value: number, joined: Int32Array | null = null): void {
    this.joined.push(joined)
    this.params[this.length++] = value
  }

  addColor(code: number, color: Color.Color): void {
    this.add(code)
    if (Color.isPalette(color)) {
      this.add(5)
      this.add(Color.index(color))
    } else {
      this.add(2)
      this.add(Color.red(color))
      this.add(Color.green(color))
      this.add(Color.blue(color))
    }
  }

  hasSubParams(index: number): boolean {
    return this.getSubParams(index) !== null
  }

  getSubParams(index: number): Int32Array | null {
    return this.joined[index] ?? null
  }
}
