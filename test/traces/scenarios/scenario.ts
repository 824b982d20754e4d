/**
 * One session to be recorded.
 */

export interface Scenario {
  readonly name: string
  /** What runs, in a few words. */
  readonly what: string
  /** The programs that must be installed. */
  readonly program: string
  /** A shell command, run in a scratch home directory that holds `prose.txt`, and `files` by their paths. */
  readonly command: string
  readonly files?: Readonly<Record<string, string>>
  readonly columns: number
  readonly rows: number
  /** A text that some row of the screen has shown at some time if the recording succeeded. */
  readonly shows: string
  /** The typed pieces (see `keys.ts`). The first key of each piece waits for the response to the piece before. */
  readonly keys: ReadonlyArray<string>
}

export const SMALL = { columns: 80, rows: 24 }
export const MEDIUM = { columns: 100, rows: 30 }
export const LARGE = { columns: 120, rows: 40 }
