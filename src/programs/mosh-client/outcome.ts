/**
 * How a session ended for its client: the lines to print, and the exit status.
 */
import * as ExitMessage from "../../domain/client/ExitMessage.ts"
import type { Millis } from "../../domain/Machine.ts"
import type { ClientSession } from "../../services/client/MoshClient.ts"
import type { Verbose } from "../shared/verbose.ts"

export interface Outcome extends ExitMessage.Ending {
  /** Whether the output is a terminal. */
  readonly screen: boolean
  /** Whether the user requested the end. */
  readonly left: boolean
  /** Why this client left, if it is a failure: a line for the user. */
  readonly failure: string | undefined
  /** The exit status after a clean end. */
  readonly exitStatus: number
}

/** The result of a session. */
export interface ClientResult {
  /**
   * The exit status: 0 if both ends know that the session is over, otherwise 1. Without a terminal, the program's exit
   * status, if the server reports it.
   */
  readonly status: number
  /** Whether the client gave up on a server that never answered. False if the user left before that. */
  readonly gaveUp: boolean
}

/** An end within this time after a keystroke, ms, was probably caused by the user. */
export const OWN_END: Millis = 3000

/** A program that did not end has no status, which counts as failure. A stock server reports nothing, which counts as 0. */
export const statusOf = (reported: ReturnType<ClientSession["ending"]>): number =>
  reported === undefined || reported.why === "Detached" || reported.why === "TakenOver" ? 0 : (reported.status ?? 1)

export const resultOf = ({ exitStatus, silentFor, how, left }: Outcome): ClientResult => ({
  status: ExitMessage.isClean(how) ? exitStatus : 1,
  gaveUp: silentFor === undefined && how === "TimedOut" && !left
})

/** Prints the last lines, after the terminal was restored. */
export const report = (outcome: Outcome, verbose: Verbose | undefined): void => {
  verbose?.release()
  if (outcome.failure !== undefined) process.stderr.write(`mosh: ${outcome.failure}\n`)
  for (const line of ExitMessage.lines(outcome)) process.stderr.write(`${line}\n`)
  if (outcome.screen) process.stdout.write("[mosh is exiting.]\n")
}
