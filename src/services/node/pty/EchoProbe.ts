/**
 * Determines who echoes input on a pseudo-terminal, on Linux.
 *
 * The foreground process is looked at before and after the terminal's flags are read (`ForegroundGroup`, `TerminalFlags`):
 * only if it waited for input in the same system call both times do the flags belong to what it waits for.
 *
 * A shell reads its prompt in one place, and `read -e`, `read -s` and `vared` in others, which they share with each other: so
 * a place that has echoed may hide the next time. Only the place where a shell waits first, before any command, is its prompt's.
 */
import * as InputEcho from "../../../domain/terminal/InputEcho.ts"
import * as ForegroundGroup from "./ForegroundGroup.ts"
import * as TerminalFlags from "./TerminalFlags.ts"

export interface EchoProbe {
  /** Takes one sample, and calls back once. Must not be called again before that. */
  readonly sample: (onSampled: (sample: InputEcho.Sample) => void) => void
  /** Ends the probe's helper process. A sample that is not complete yet never is. */
  readonly close: () => void
}

/** Maximum number of shells, each executed by the one before it. Input of further ones counts as another program's. */
const MAX_SHELLS = 64

/** What the system does not show. */
const OTHER: InputEcho.Sample = { echo: "Other", place: 0 }

/** The probe of the terminal of process `pid`; `undefined` where the system shows nothing. */
export const make = (pid: number): EchoProbe | undefined => {
  if (process.platform !== "linux") return undefined
  const flags = TerminalFlags.make()
  /** Where each shell waited first, by its image, in the order of their numbers. */
  const prompts = new Map<string, string>()
  /** The number of the shell that waits at its prompt; 0 if it waits elsewhere. */
  const promptOf = ({ image, place }: ForegroundGroup.ForegroundGroup): number => {
    if (!prompts.has(image) && prompts.size < MAX_SHELLS) prompts.set(image, place)
    return prompts.get(image) === place ? [...prompts.keys()].indexOf(image) + 1 : 0
  }
  return {
    sample: (onSampled) => {
      const before = ForegroundGroup.of(pid)
      if (before === undefined) return onSampled(OTHER)
      flags.read(before.terminal, (discipline) => {
        if (discipline === undefined) return onSampled(OTHER)
        const after = ForegroundGroup.of(pid)
        const isSame = after !== undefined && after.call === before.call
        const found = InputEcho.of(discipline, after?.reader)
        const echo = isSame || found === "Secret" ? found : "Unknown"
        if (echo !== "LineEditor" || after === undefined) return onSampled({ echo, place: 0 })
        const place = promptOf(after)
        onSampled(place === 0 ? OTHER : { echo, place })
      })
    },
    close: flags.close
  }
}
