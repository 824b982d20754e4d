/**
 * What a user does in a session, written once and played twice: with a program that runs directly in a terminal, which
 * gives the right screens, and with the same program through mosh, whose screens must be the same.
 */
import type { TerminalSize, View } from "../support/tmux.ts"
import type { Weather } from "../support/relay.ts"

export interface Scenario {
  readonly name: string
  /** The program, as a shell command that is run in the user's home. */
  readonly program: string
  readonly size?: TerminalSize
  /** Files that are in the home at the start. */
  readonly files?: Readonly<Record<string, string>>
  /** Variables of both programs' environment, in addition to `environment` of `stage.ts`. */
  readonly environment?: Readonly<Record<string, string>>
  /** Programs that must be installed, beside mosh and tmux. */
  readonly needs?: ReadonlyArray<string>
  /** Whether it needs more than stock mosh can transmit: a server of ours, a client of ours, or both ends. */
  readonly beyondStock?: "server" | "client" | "either"
  readonly act: (person: Person) => Promise<void>
}

export interface Person {
  /** Whether there is a mosh in between. */
  readonly throughMosh: boolean
  readonly type: (text: string) => Promise<void>
  readonly press: (...keys: ReadonlyArray<string>) => Promise<void>
  readonly paste: (text: string) => Promise<void>
  readonly resize: (size: TerminalSize) => Promise<void>
  /** Waits until the text is on the screen. */
  readonly see: (text: string) => Promise<void>
  /** Waits until the shell prompts below a line that ends in the text. */
  readonly prompt: (below: string) => Promise<void>
  /** Waits until `condition` holds for a view. `what` names it in failures. */
  readonly until: (what: string, condition: (view: View) => boolean) => Promise<void>
  /** The whole screen must now be, or within seconds become, what it is without mosh. */
  readonly look: () => Promise<void>
  /** The contents of a file in the home. */
  readonly file: (name: string) => string
  /** The client gets another address. Without mosh, nothing. */
  readonly roam: () => Promise<void>
  /** The network's conditions from now on. Without mosh, nothing. */
  readonly weather: (weather: Weather) => void
  /** The client is stopped for so many milliseconds, as by a closed lid. Without mosh, nothing. */
  readonly stop: (milliseconds: number) => Promise<void>
  /** The same for the server, whose machine sleeps. Without mosh, nothing. */
  readonly stopServer: (milliseconds: number) => Promise<void>
}

export const SHELL = "bash --norc --noprofile"
export const SIZE: TerminalSize = { columns: 80, rows: 24 }
