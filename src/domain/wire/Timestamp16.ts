/**
 * The 16-bit millisecond clock that datagrams carry (spec 2.4).
 */
import type { Millis } from "../Machine.ts"

/** A reading of a ms clock modulo 65536, or `NONE`. */
export type Timestamp16 = number

export const NONE: Timestamp16 = 0xffff

/** The reading at `now`; never `NONE`. */
export const at = (now: Millis): Timestamp16 => {
  const reading = add(0, now)
  return reading === NONE ? 0 : reading
}

/** A reading plus some milliseconds, which may be negative. */
export const add = (reading: Timestamp16, milliseconds: Millis): Timestamp16 =>
  (((reading + Math.floor(milliseconds)) % 0x10000) + 0x10000) % 0x10000

/** The milliseconds from `earlier` to `later`, if they are less than 65536. */
export const since = (later: Timestamp16, earlier: Timestamp16): Millis => add(later, -earlier)
