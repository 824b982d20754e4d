/**
 * Traces: sessions of real programs, with what was typed, what was printed, and when, in both directions.
 *
 * Unlike a recording, which has only the screen that results from a program's output, a trace can be played over any network
 * to find out what a user would have seen of each key, and when.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { gunzipSync, gzipSync } from "node:zlib"

export interface Trace {
  readonly name: string
  /** What ran, in a few words. */
  readonly what: string
  readonly columns: number
  readonly rows: number
  /** In the order they were typed. */
  readonly keys: ReadonlyArray<Key>
  /** In the order they were printed. */
  readonly output: ReadonlyArray<Output>
}

export interface Key {
  /** ms since the program's start. */
  readonly at: number
  /** What the key sends: one character, or one control or escape sequence. */
  readonly text: string
  /**
   * Whether a user types it only after seeing the result of the keys before: the first key after Enter, Tab, a search, a start.
   * The other keys follow by rhythm, however late the screen is.
   */
  readonly waits: boolean
}

export interface Output {
  /** ms since the program's start. */
  readonly at: number
  /** As the program printed it: one read of the terminal's other end. */
  readonly bytes: Uint8Array
}

/** As kept in a file: output in base64. */
interface Stored extends Omit<Trace, "output"> {
  readonly output: ReadonlyArray<readonly [at: number, base64: string]>
}

const DATA = new URL("./data/", import.meta.url)

/** The names of all traces, sorted. */
export const names = (): ReadonlyArray<string> =>
  readdirSync(DATA)
    .filter((file) => file.endsWith(".json.gz"))
    .map((file) => file.slice(0, -".json.gz".length))
    .sort()

export const read = (name: string): Trace => {
  const stored = JSON.parse(gunzipSync(readFileSync(new URL(`${name}.json.gz`, DATA))).toString()) as Stored
  return { ...stored, output: stored.output.map(([at, text]) => ({ at, bytes: Buffer.from(text, "base64") })) }
}

export const write = (trace: Trace): void => {
  const output = trace.output.map(({ at, bytes }) => [at, Buffer.from(bytes).toString("base64")] as const)
  const stored: Stored = { ...trace, output }
  writeFileSync(new URL(`${trace.name}.json.gz`, DATA), gzipSync(JSON.stringify(stored), { level: 9 }))
}
