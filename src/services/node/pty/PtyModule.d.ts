/**
 * The part of the package `node-pty` that `NodePty` uses on Unix. The package's own declarations omit members that
 * every release has and that a byte-exact terminal needs.
 */
declare module "node-pty" {
  import type { ReadStream } from "node:tty"

  export interface SpawnOptions {
    readonly cols: number
    readonly rows: number
    readonly cwd: string
    readonly env: Readonly<Record<string, string>>
    /** The terminal gets IUTF8 exactly when this is `"utf8"`. */
    readonly encoding: "utf8"
  }

  export interface UnixTerminal {
    readonly pid: number
    /** The pty's master side, non-blocking. */
    readonly fd: number
    /** The reader of `fd`. Its end closes `fd`. */
    readonly _socket: ReadStream
    readonly onExit: (listener: (exit: { readonly exitCode: number; readonly signal?: number }) => void) => void
    readonly setEncoding: (encoding: "latin1") => void
    readonly resize: (columns: number, rows: number) => void
    readonly kill: (signal: string) => void
  }

  export function spawn(file: string, args: Array<string>, options: SpawnOptions): UnixTerminal
}
