/**
 * The message between the two processes of `mosh-server`.
 *
 * The process that ssh starts validates the request, binds the port, makes the key, starts the session process, sends it a
 * `Handover` and the bound socket, and exits. Both travel over the channel that Node makes for a child process. The
 * session's key travels there and nowhere else.
 */
import type { ForwardingPolicy } from "../../domain/forwarding/ForwardingPolicy.ts"
import type { Size } from "../../domain/terminal/Frame.ts"

/** Everything the session process needs to know besides its environment and its socket. */
export interface Handover {
  /** The session's key in its printable form. */
  readonly key: string
  readonly colors: number
  /** The program and its arguments; empty for a login shell. */
  readonly command: ReadonlyArray<string>
  /** Whether to run commands without a terminal for the client, instead of `command` on one. */
  readonly withoutTerminal: boolean
  /** Whether programs may use the agents of the session's clients. */
  readonly agent: boolean
  readonly size: Size
  /** Milliseconds; `null` for none. */
  readonly networkTimeout: number | null
  readonly signalTimeout: number | null
  /** How many rows that scrolled off the screen are kept. */
  readonly scrollback: number
  /** What is forwarded for clients. */
  readonly forwarding: ForwardingPolicy
  /** Whether to listen on the socket's port at all other addresses of this host, too. */
  readonly everywhere: boolean
  /** The session's name; `null` if it has none. */
  readonly name: string | null
  /** Whether the session continues when its client leaves. */
  readonly persistent: boolean
  readonly verbosity: number
  /** The core limit of the program, as `ulimit` takes it; `null` if unknown. */
  readonly coreLimit: string | null
  /** Names of variables for the session process alone, which it removes before it starts the program. */
  readonly own: ReadonlyArray<string>
}
