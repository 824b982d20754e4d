/**
 * Tracks the mode for grapheme clusters (2027), where the client's terminal has it: programs may set and reset it. Without a
 * request of the program, it is as it was in that terminal.
 */
import * as ClusterRules from "../../../domain/terminal/ClusterRules.ts"
import * as TerminalReport from "../../../domain/terminal/TerminalReport.ts"
import type { Core, Params } from "./Internals.ts"
import type { ReplyQueue } from "./replies/ReplyQueue.ts"

/** The mode of one emulator. */
export interface ClusterMode {
  /** What is known of the client's terminal. */
  readonly know: (report: Pick<TerminalReport.TerminalReport, "clusterMode">) => void
  /** The sequences that the terminals of all clients draw as one cell. */
  readonly join: (rules: ClusterRules.ClusterRules) => void
}

const MODE = 2027
/** The values of a mode in DECRPM. */
const UNKNOWN = 0
const SET = 1
const RESET = 2
const ALWAYS_SET = 3

/** Starts tracking. `onRules` is called with the sequences that are joined. */
export const install = (
  core: Core,
  queue: ReplyQueue,
  onRules: (rules: ClusterRules.ClusterRules) => void
): ClusterMode => {
  const handler = core._inputHandler
  let rules = ClusterRules.NONE
  let mode = TerminalReport.UNKNOWN.clusterMode
  let requested: boolean | undefined

  const apply = (): void => {
    onRules(isOn(mode, requested) ? rules : ClusterRules.NONE)
  }
  const request = (wanted: boolean | undefined) => {
    requested = wanted
    apply()
  }
  const tracked = (sequence: (params: Params) => boolean, on: boolean) => (params: Params) => {
    if (params.params.subarray(0, params.length).includes(MODE)) request(on)
    return sequence(params)
  }
  handler.setModePrivate = tracked(handler.setModePrivate.bind(handler), true)
  handler.resetModePrivate = tracked(handler.resetModePrivate.bind(handler), false)

  const requestMode = handler.requestMode.bind(handler)
  handler.requestMode = (params, ansi) => {
    if (ansi || params.params[0] !== MODE) return requestMode(params, ansi)
    const wanted = requested
    queue.query(({ clusterMode }) => `\x1b[?${MODE};${valueOf(clusterMode, wanted)}$y`)
    return true
  }

  const softReset = handler.softReset.bind(handler)
  handler.softReset = (params) => {
    request(undefined)
    return softReset(params)
  }
  const fullReset = handler.fullReset.bind(handler)
  handler.fullReset = () => {
    request(undefined)
    return fullReset()
  }

  return {
    know: ({ clusterMode }) => {
      mode = clusterMode
      apply()
    },
    join: (joined) => {
      rules = joined
      apply()
    }
  }
}

/** Whether sequences are joined. A terminal without the mode joins what was measured, always. */
const isOn = (mode: TerminalReport.ClusterMode, requested: boolean | undefined): boolean =>
  mode === "none" || mode === "always" || (requested ?? mode === "set")

const valueOf = (mode: TerminalReport.ClusterMode, requested: boolean | undefined): number => {
  if (mode === "none") return UNKNOWN
  return mode === "always" ? ALWAYS_SET : isOn(mode, requested) ? SET : RESET
}
