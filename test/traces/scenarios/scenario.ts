/**
 * One session to be recorded.
 */

export interface Scenario {
  readonly name: string
  /** What runs, in a few words for a person. */
  readonly what: string
  /** What must be installed. */
  readonly program: string
  /** A shell command, run in a scratch home directory that holds `prose.txt`, and `files` by their paths. */
  readonly command: string
  readonly files?: Readonly<Record<string, string>>
  readonly columns: number
  readonly rows: number
  /** What a row of the screen has shown at some time, if all went as meant. */
  readonly shows: string
  /** What is typed (see `keys.ts`), each piece in one go: its first key waits for what came before it. */
  readonly keys: ReadonlyArray<string>
}

export const SMALL = { columns: 80, rows: 24 }
export const MEDIUM = { columns: 100, rows: 30 }
export const LARGE = { columns: 120, rows: 40 }
