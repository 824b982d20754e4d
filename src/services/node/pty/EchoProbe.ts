/**
 * Determines who echoes input on a pseudo-terminal, on Linux.
 *
 * The foreground process is looked at before and after the terminal's flags are read (`ForegroundGroup`, `TerminalFlags`):
 * only if it waited for input in the same system call both times do the flags belong to what it waits for.
 *
 * A shell reads its prompt in one place, and `read -e`, `read -s` and `vared` in others, which they share with each other: so
 * a place that has echoed may hide the next time. Only the place where a shell waits first, before any command, is its prompt's.
 * The same holds for interpreters such as Python, and for shells within shells (`LineEditors`).
 */
import * as InputEcho from "../../../domain/terminal/InputEcho.ts"
import * as EchoReport from "../../../domain/wire/EchoReport.ts"
import * as ForegroundGroup from "./ForegroundGroup.ts"
import * as TerminalFlags from "./TerminalFlags.ts"

export interface EchoProbe {
  /** Takes one sample, and calls back once. Must not be called again before that. */
  readonly sample: (onSampled: (sample: InputEcho.Sample) => void) => void
  /** Ends the probe's helper process. A sample that is not complete yet never is. */
  readonly close: () => void
}

/** Maximum number of programs with line editors that run at the same time. Input of further ones counts as another program's. */
const MAX_PROGRAMS = 64

/** What the system does not show. */
const OTHER: InputEcho.Sample = { echo: "Other", place: 0 }

/** The probe of the terminal of process `pid`; `undefined` where the system shows nothing. */
export const make = (pid: number): EchoProbe | undefined => {
  if (process.platform !== "linux") return undefined
  const flags = TerminalFlags.make()
  /** Where each program with a line editor waited first, and its number, by its image. */
  const prompts = new Map<string, { readonly place: string; readonly number: number }>()
  let number = 0
  const forgetEnded = (): void => {
    for (const image of prompts.keys()) if (!ForegroundGroup.isRunning(image)) prompts.delete(image)
  }
  /** The number of the program that waits at its prompt; 0 if it waits elsewhere. */
  const promptOf = ({ image, place }: ForegroundGroup.ForegroundGroup): number => {
    const known = prompts.get(image)
    if (known !== undefined) return known.place === place ? known.number : 0
    if (prompts.size >= MAX_PROGRAMS) forgetEnded()
    if (prompts.size >= MAX_PROGRAMS || number >= EchoReport.MAX_PLACE) return 0
    prompts.set(image, { place, number: ++number })
    return number
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
