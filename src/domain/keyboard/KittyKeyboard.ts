/**
 * The flags of the kitty keyboard protocol as programs push, pop and set them. The primary and the alternate screen have a
 * stack each.
 *
 * | sequence           | effect on the shown screen                                                       |
 * | ------------------ | -------------------------------------------------------------------------------- |
 * | `CSI > flags u`    | pushes the current flags, and sets new ones                                      |
 * | `CSI < n u`        | pops n entries, 1 without a number; below the last one the flags are 0           |
 * | `CSI = flags ; m u` | m = 1 or none: sets the flags; 2: sets those given; 3: resets those given        |
 *
 * The stacks are bounded: beyond `DEPTH` entries the oldest is dropped.
 */
import { KITTY_FLAGS } from "./KeyboardModes.ts"

/** Maximum number of entries of each stack. */
export const DEPTH = 16

export interface KittyKeyboard {
  readonly primary: Flags
  readonly alternate: Flags
}

interface Flags {
  readonly current: number
  /** Oldest first. */
  readonly pushed: ReadonlyArray<number>
}

const NONE: Flags = { current: 0, pushed: [] }

export const initial: KittyKeyboard = { primary: NONE, alternate: NONE }

type ScreenName = keyof KittyKeyboard

export const current = (state: KittyKeyboard, screen: ScreenName): number => state[screen].current

export const push = (state: KittyKeyboard, screen: ScreenName, flags: number): KittyKeyboard => {
  const before = state[screen]
  const pushed = [...before.pushed, before.current].slice(-DEPTH)
  return { ...state, [screen]: { current: flags & KITTY_FLAGS, pushed } }
}

export const pop = (state: KittyKeyboard, screen: ScreenName, count: number): KittyKeyboard => {
  const { pushed } = state[screen]
  const left = Math.max(0, pushed.length - Math.max(1, count))
  const isEmptied = count > pushed.length
  return { ...state, [screen]: { current: isEmptied ? 0 : (pushed[left] ?? 0), pushed: pushed.slice(0, left) } }
}

export const set = (state: KittyKeyboard, screen: ScreenName, flags: number, how: number): KittyKeyboard => {
  const before = state[screen]
  const known = flags & KITTY_FLAGS
  const next =
    how === 2 ? before.current | known : how === 3 ? before.current & ~known : how > 3 ? before.current : known
  return { ...state, [screen]: { ...before, current: next } }
}
