/**
 * Recordings: what a real program printed to its terminal, and the screen that tmux, an independent emulator, shows for it.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { gunzipSync, gzipSync } from "node:zlib"

export interface Recording {
  readonly columns: number
  readonly rows: number
  /** The sizes of the terminal, each with the number of the first byte that it applies to. */
  readonly resizes: ReadonlyArray<{ readonly at: number; readonly columns: number; readonly rows: number }>
  readonly screen: {
    readonly cursor: { readonly row: number; readonly column: number; readonly visible: boolean }
    /** Each row as text. */
    readonly text: ReadonlyArray<string>
    /** Each row as text with the SGR sequences that draw it. */
    readonly painted: ReadonlyArray<string>
  }
}

const path = (file: string): URL => new URL(`./data/${file}`, import.meta.url)

export const readBytes = (name: string): Uint8Array => gunzipSync(readFileSync(path(`${name}.gz`)))
export const read = (name: string): Recording => JSON.parse(readFileSync(path(`${name}.json`), "utf8")) as Recording

export const write = (name: string, bytes: Uint8Array, recording: Recording): void => {
  writeFileSync(path(`${name}.gz`), gzipSync(bytes, { level: 9 }))
  writeFileSync(path(`${name}.json`), `${JSON.stringify(recording, null, 1)}\n`)
}

/** The pieces of a recording's bytes, and the size of the terminal from each piece on. */
export const pieces = (
  bytes: Uint8Array,
  { columns, resizes, rows }: Pick<Recording, "columns" | "resizes" | "rows">
): ReadonlyArray<{ readonly bytes: Uint8Array; readonly columns: number; readonly rows: number }> => {
  const starts = [{ at: 0, columns, rows }, ...resizes]
  return starts.map((start, i) => ({ ...start, bytes: bytes.subarray(start.at, starts[i + 1]?.at) }))
}
