/**
 * How much of the local state is sent at a time. All fragments of an instruction must arrive, so a large change is divided
 * (`SyncObject.advance`). The window halves after a retransmission and doubles after a full window without one.
 */
import type { SyncObject } from "../SyncObject.ts"
import * as Timing from "../Timing.ts"

export interface SendWindow<S> {
  /** The current local state, less what the peer has acknowledged. */
  readonly current: S
  /** The part of `current` to send now: about `bytes` beyond the acknowledged state. */
  readonly target: S
  readonly bytes: number
  /** Whether a state timed out since everything sent was last acknowledged. */
  readonly isTimedOut: boolean
}

export const init = <S>(state: S): SendWindow<S> => ({
  current: state,
  target: state,
  bytes: Timing.WINDOW_INITIAL,
  isTimedOut: false
})

/** Sets the current state and, from the acknowledged one, the target. */
export const publish = <S>(object: SyncObject<S>, window: SendWindow<S>, state: S, acknowledged: S): SendWindow<S> => {
  const current = object.subtract(state, acknowledged)
  return { ...window, current, target: object.advance?.(acknowledged, current, window.bytes) ?? current }
}

/**
 * Everything sent was acknowledged: resizes the window. It keeps its size while anything is unacknowledged, for the target
 * must never fall behind what was sent.
 */
export const resize = <S>(object: SyncObject<S>, window: SendWindow<S>): SendWindow<S> => ({
  ...window,
  bytes: nextSize(object, window),
  isTimedOut: false
})

const nextSize = <S>(object: SyncObject<S>, { bytes, current, isTimedOut, target }: SendWindow<S>): number => {
  if (isTimedOut) return Math.max(Timing.WINDOW_MIN, bytes / 2)
  return object.equals(target, current) ? bytes : Math.min(Timing.WINDOW_MAX, bytes * 2)
}
