/**
 * The chain of steps from the server's newest frame to the picture after all that was typed.
 */
import type { Millis } from "../Machine.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as Caret from "./Caret.ts"
import * as Key from "./Key.ts"
import type { Prediction, Trust, TypedKey } from "./State.ts"
import * as State from "./State.ts"
import * as Step from "./Step.ts"

/** More than this typed at once is a paste, which is not predicted; nor are more keys than this outstanding. */
const MOST_KEYS = 128
/** How long a cursor that strayed, drawing elsewhere on the screen, is waited for, ms. */
export const STRAYING: Millis = 150

/** Adds what was typed at once; the local state after number `sent` will carry it. */
export const type = (before: Prediction, bytes: Uint8Array, sent: bigint, now: Millis): Prediction => {
  const [keys, unfinished] = Key.decode(before.unfinished, bytes)
  if (keys.length === 0) return { ...before, unfinished }
  const number = sent + 1n
  if (before.keys.length + keys.length > MOST_KEYS) return { ...forget(before, number, now), unfinished }
  const strayed = before.displacedSince !== undefined && now >= before.displacedSince + STRAYING
  const state = strayed && before.keys.length === 0 ? startOver(before, before.frame, 0, false) : before
  const typed = [...state.keys]
  const steps = [...state.steps]
  let { trust } = state
  for (const key of keys) {
    const last = steps[steps.length - 1] as Step.Step
    const next = Step.next(last, key, state.beliefs)
    if (next.doubtful) trust = { ...trust, epoch: trust.epoch + 1 }
    typed.push({ key, number, at: now, epoch: trust.epoch, shown: false })
    steps.push(next)
    if (endsEpoch(key, next)) trust = { ...trust, epoch: trust.epoch + 1 }
    if (isEnter(key)) trust = { ...trust, secretSince: trust.epoch }
  }
  return { ...state, keys: typed, steps, trust, unfinished }
}

/** Whether what follows a key may be taken in another way. */
const endsEpoch = (key: Key.Key, step: Step.Step): boolean => key._tag === "Command" && step.draft === undefined

/** Enter, and what else hands the terminal to another program: interrupt, end of input, suspend, quit. */
const isEnter = (key: Key.Key): boolean => key._tag === "Command" && /^[\r\n\x03\x04\x1a\x1c]$/.test(key.name)

/** Applies the keys that are left to what the server shows now. */
export const replay = (state: Prediction, start: Step.Step, keys: ReadonlyArray<TypedKey>): Prediction => {
  const steps = [start]
  let kept = keys
  let { trust } = state
  for (let i = 0; i < keys.length; i++) {
    const typed = kept[i] as TypedKey
    const next = Step.next(steps[i] as Step.Step, typed.key, state.beliefs)
    steps.push(next)
    if (next.doubtful && State.isConfirmed(trust, typed.epoch)) {
      trust = { ...trust, epoch: trust.epoch + 1 }
      kept = kept.map((key, j) => (j < i ? key : { ...key, epoch: trust.epoch }))
    }
  }
  return { ...state, keys: kept, steps, trust }
}

/**
 * Begins anew at a frame's caret, without the first `dropped` keys, in another epoch; which is confirmed at once if an echo
 * was seen in this very frame. `line` is what is known of the line there.
 */
export const startOver = (
  state: Prediction,
  frame: Frame,
  dropped: number,
  echoSeen: boolean,
  line: Pick<Step.Step, "home" | "suggestion"> = Step.UNKNOWN
): Prediction => {
  const caret = Caret.of(frame, state.frame.cursor.row)
  const rest = state.keys.slice(dropped)
  const arrived = caret === undefined ? 0 : alreadyShown(frame, caret, rest)
  const seen = echoSeen || (arrived > 0 && !State.isSecret(state.trust) && isNews(state.frame, frame, caret))
  const epoch = state.trust.epoch + 1
  const trust: Trust = seen
    ? { ...state.trust, epoch, confirmed: epoch, silent: false }
    : { ...state.trust, epoch }
  const cleared = { ...state, frame, trust, displacedSince: undefined, astray: false, lateSince: undefined }
  return renumber(replay(cleared, Step.base(frame, caret, line), rest.slice(arrived)), epoch)
}

/** Gives keys the epochs that they would have had if they were typed now. */
const renumber = (state: Prediction, first: number): Prediction => {
  let epoch = first
  const keys = state.keys.map((typed, i) => {
    const step = state.steps[i + 1] as Step.Step
    if (step.doubtful) epoch++
    const renumbered = { ...typed, epoch }
    if (endsEpoch(typed.key, step)) epoch++
    return renumbered
  })
  const secret = state.keys.findLastIndex(({ key }) => isEnter(key))
  const secretSince = secret < 0 ? state.trust.secretSince : (keys[secret + 1]?.epoch ?? epoch)
  return { ...state, keys, trust: { ...state.trust, epoch, secretSince } }
}

/** How many of the keys, all characters, stand left of the caret already. */
const alreadyShown = (frame: Frame, caret: Caret.Caret, keys: ReadonlyArray<TypedKey>): number => {
  const commands = keys.findIndex(({ key }) => key._tag === "Command" || key.width !== 1)
  let count = commands < 0 ? keys.length : commands
  const stands = (length: number): boolean => {
    for (let i = 0; i < length; i++) {
      const { key } = keys[i] as TypedKey
      const column = caret.column - length + i + 1
      if (key._tag !== "Character" || key.codePoint !== Step.leftCodePoint(frame, { ...caret, column })) return false
    }
    return true
  }
  while (count > 0 && (count > caret.column || !stands(count))) count--
  return count
}

/** Whether the character left of a caret was not there in the frame before. */
export const isNews = (before: Frame, after: Frame, caret: Caret.Caret | undefined): boolean =>
  caret !== undefined &&
  caret.column > 0 &&
  Step.leftCodePoint(before, caret) !== Step.leftCodePoint(after, caret) &&
  Step.leftCodePoint(after, caret) > 0x20

/** Nothing is known of what was typed until it is acknowledged, nor of what follows. */
export const forget = (state: Prediction, number: bigint, now: Millis): Prediction => {
  const epoch = state.trust.epoch + 1
  const unknown: TypedKey = { key: { _tag: "Command", name: "" }, number, at: now, epoch, shown: false }
  return {
    ...state,
    keys: [unknown],
    steps: [Step.UNKNOWN, Step.UNKNOWN],
    trust: { ...state.trust, epoch: epoch + 1, secretSince: epoch + 1 },
    displacedSince: undefined,
    lateSince: undefined
  }
}
