/**
 * Translates reports of who echoes input from a session's count of inputs into the numbers of one client's states.
 *
 * A session counts the inputs of all its clients (`EchoSampling.Report`); a client knows the numbers of its own states.
 */
import type { Report } from "../../domain/session/EchoSampling.ts"
import type { EchoReport } from "../../domain/wire/EchoReport.ts"
import type { StateNumber } from "../../domain/wire/Numbers.ts"

export interface EchoReports {
  /** All input of the client's state `number` has been typed, and the session has counted `inputs` so far. */
  readonly typed: (inputs: number, number: StateNumber) => void
  /**
   * A report for the client: the same value for the same arguments as before. Reports must be given in their order. `column`:
   * where the shell's marks report that the command line begins.
   */
  readonly of: (report: Report, column?: number) => EchoReport
}

/** Client states that are remembered between two reports. If a client sends more, reports count as older than they are. */
const MAX_STATES = 256

export const make = (): EchoReports => {
  /** States that were typed since the input that the last report counts, oldest first. */
  const states: Array<{ readonly inputs: number; readonly number: StateNumber }> = []
  let input: StateNumber = 0n
  let last: Report | undefined
  let lastColumn: number | undefined
  let translated: EchoReport | undefined
  return {
    typed: (inputs, number) => {
      if (states.at(-1)?.inputs === inputs) states.pop()
      if (states.length < MAX_STATES) states.push({ inputs, number })
    },
    of: (report, column) => {
      if (report === last && column === lastColumn && translated !== undefined) return translated
      last = report
      lastColumn = column
      while (states[0] !== undefined && states[0].inputs <= report.inputs) input = states.shift()?.number ?? input
      const hasColumn = report.echo === "LineEditor" && column !== undefined
      translated = { echo: report.echo, place: report.place, input, ...(hasColumn && { column }) }
      return translated
    }
  }
}
