/**
 * A deliberate mistake in one place of one source file.
 */
export interface Fault {
  readonly name: string
  /** What goes wrong, in a protocol's terms. */
  readonly what: string
  /** The source file, below `src/`. */
  readonly file: string
  /** The text to be replaced; it must occur exactly once. */
  readonly original: string
  readonly mistaken: string
  /** The test files of which at least one test must fail. They run in this order, up to the first failure. */
  readonly caughtBy: ReadonlyArray<string>
  /** A part of the name of the test that must fail. Saves the time of the tests before it. */
  readonly test?: string
}
