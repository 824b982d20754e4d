/**
 * Determines who echoes input on a pseudo-terminal, on Linux.
 *
 * The foreground process is looked at before and after the terminal's flags are read (`ForegroundGroup`, `TerminalFlags`):
 * only if it waited for input in the same system call both times do the flags belong to what it waits for.
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

/** Maximum number of places in its code at which a shell was seen to wait. At further ones its input counts as another program's. */
const MAX_PLACES = 64

/** What the system does not show. */
const OTHER: InputEcho.Sample = { echo: "Other", place: 0 }

/** The probe of the terminal of process `pid`; `undefined` where the system shows nothing. */
export const make = (pid: number): EchoProbe | undefined => {
  if (process.platform !== "linux") return undefined
  const flags = TerminalFlags.make()
  /** The places at which the shell was seen to wait; the index is the place's number, less one. */
  const places: Array<string> = []
  const placeOf = (call: string): number => {
    if (!places.includes(call) && places.length < MAX_PLACES) places.push(call)
    return places.indexOf(call) + 1
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
        if (echo !== "LineEditor") return onSampled({ echo, place: 0 })
        const place = placeOf(after?.place ?? "")
        onSampled(place === 0 ? OTHER : { echo, place })
      })
    },
    close: flags.close
  }
}
