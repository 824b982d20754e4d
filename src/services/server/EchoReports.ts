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
  /** A report for the client: the same value for the same report. Reports must be given in their order. */
  readonly of: (report: Report) => EchoReport
}

/** Client states that are remembered between two reports. If a client sends more, reports count as older than they are. */
const MAX_STATES = 256

export const make = (): EchoReports => {
  /** States that were typed since the input that the last report counts, oldest first. */
  const states: Array<{ readonly inputs: number; readonly number: StateNumber }> = []
  let input: StateNumber = 0n
  let last: Report | undefined
  let translated: EchoReport | undefined
  return {
    typed: (inputs, number) => {
      if (states.at(-1)?.inputs === inputs) states.pop()
      if (states.length < MAX_STATES) states.push({ inputs, number })
    },
    of: (report) => {
      if (report === last && translated !== undefined) return translated
      last = report
      while (states[0] !== undefined && states[0].inputs <= report.inputs) input = states.shift()?.number ?? input
      translated = { echo: report.echo, place: report.place, input }
      return translated
    }
  }
}
