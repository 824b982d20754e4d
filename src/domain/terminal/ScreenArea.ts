/**
 * Rectangles of a screen, as control sequences name them: DECCRA, DECFRA, DECERA, DECSERA, DECCARA, DECRARA, DECRQCRA.
 */

/** Rows and columns from 0; the bottom row and the right column are inside. */
export interface ScreenArea {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

/** The largest area of a screen. */
export const whole = (columns: number, rows: number): ScreenArea => ({
  top: 0,
  left: 0,
  bottom: rows - 1,
  right: columns - 1
})

/**
 * The area that the parameters `top;left;bottom;right` name, counted from 1 within `region`. A parameter that is 0 or absent is the
 * first or last row or column of the region. `undefined` if nothing of the area is within it.
 */
export const within = (
  region: ScreenArea,
  top: number,
  left: number,
  bottom: number,
  right: number
): ScreenArea | undefined => {
  const area = {
    top: region.top + (top || 1) - 1,
    left: region.left + (left || 1) - 1,
    bottom: bottom === 0 ? region.bottom : Math.min(region.bottom, region.top + bottom - 1),
    right: right === 0 ? region.right : Math.min(region.right, region.left + right - 1)
  }
  return area.top <= area.bottom && area.left <= area.right ? area : undefined
}

export const contains = ({ bottom, left, right, top }: ScreenArea, row: number, column: number): boolean =>
  row >= top && row <= bottom && column >= left && column <= right
