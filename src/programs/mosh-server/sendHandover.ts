/**
 * What the two processes of `mosh-server` say to each other.
 *
 * The one that a person or ssh starts settles everything that can be refused, binds the port, makes the key, starts the one
 * that keeps the session, hands it a `Handover` and the bound socket, and is gone. Both pass over the channel that Node
 * makes for a child process; the session's key passes there and nowhere else.
 */
import type { Size } from "../../domain/terminal/Frame.ts"

/** Everything the session process needs to know besides its environment and its socket. */
export interface Handover {
  /** The session's key in its printable form. */
  readonly key: string
  readonly colors: number
  /** The program and its arguments; empty for a login shell. */
  readonly command: ReadonlyArray<string>
  readonly size: Size
  /** Milliseconds; `null` where there is none. */
  readonly networkTimeout: number | null
  readonly signalTimeout: number | null
  readonly verbosity: number
  /** The core limit that the program is to have, as `ulimit` takes it; `null` where nobody knows it. */
  readonly coreLimit: string | null
  /** Variables that the starter added to the environment for the session process alone; no program is to have them. */
  readonly own: ReadonlyArray<string>
}
