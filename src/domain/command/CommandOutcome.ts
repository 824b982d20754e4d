/**
 * The exit status and the lines of `mosh -T`, by how its command ended: those of ssh, so that programs that run ssh can run
 * it instead.
 */
import { plain } from "../session/PlainText.ts"
import type { CommandEnding } from "./CommandFrame.ts"

export interface CommandOutcome {
  readonly status: number
  /** Lines for the user, without `mosh: `. */
  readonly lines: ReadonlyArray<string>
}

/** ssh's exit status if it failed itself, and also if a signal ended the command. */
export const FAILED = 255

/** Why a command did not run to its end. */
export type CommandTrouble =
  /** The server never answered by UDP. */
  | "NoAnswer"
  /** The server is stock mosh, or another implementation. */
  | "Unsupported"
  /** It is an effect-mosh that runs no commands without a terminal. */
  | "Refused"
  /** The session ended first. */
  | "SessionEnded"
  /** The server's host refuses datagrams, and nothing else arrives. */
  | "Gone"
  /** One end refused the other's packets, or the server abandoned the command. */
  | "Broken"

export const ofEnding = (ending: CommandEnding): CommandOutcome => {
  switch (ending._tag) {
    case "Exited":
      return { status: ending.status, lines: [] }
    case "Killed":
      return { status: FAILED, lines: [] }
    case "Failed":
      return { status: FAILED, lines: [`the command was not run: ${plain(ending.reason, LONGEST_REASON)}.`] }
  }
}

const LONGEST_REASON = 300

/** `ssh`: the command line of ssh that does the same without mosh. */
export const ofTrouble = (trouble: CommandTrouble, destination: string, ssh: string): CommandOutcome => ({
  status: FAILED,
  lines: [LINES[trouble](destination, ssh)]
})

/** Whether the command was certainly not started, and nothing of its input was read. */
export const isUntouched = (trouble: CommandTrouble): boolean => trouble === "NoAnswer" || trouble === "Unsupported"

const LINES: Readonly<Record<CommandTrouble, (destination: string, ssh: string) => string>> = {
  NoAnswer: (host, ssh) => `without UDP to ${host}, use ${ssh} (--fallback=ssh does so by itself).`,
  Unsupported: (host, ssh) =>
    `stock mosh's server on ${host} runs no commands without a terminal: install effect-mosh there, or use ${ssh}.`,
  Refused: (host, ssh) =>
    `mosh-server on ${host} is too old for commands without a terminal: update effect-mosh there, or use ${ssh}.`,
  SessionEnded: (host) => `the session with ${host} ended before the command did.`,
  Gone: (host) => `the UDP port on ${host} is closed: the server ended before the command did, or was restarted.`,
  Broken: (host) => `the session with ${host} lost the command after a protocol error.`
}
