/**
 * Decides whether a session keeps running after its client left: after `Ctrl-^ .`, a signal, or the end of the client's terminal.
 *
 * A client that is killed, or loses its network, does not leave: its session waits for it (`Lifetime`). A client that detaches
 * never ends the session.
 */

/** How the session was started. */
export interface Origin {
  /** Its name; `undefined` if it has none. */
  readonly name: string | undefined
  /** Whether its starter asked for it: by `--detachable`, or `MOSH_DETACHABLE` at either end. */
  readonly detachable: boolean
}

/** A session with a name is started to be returned to. Any other ends with its terminal, as stock's does, unless asked otherwise. */
export const isPersistent = ({ detachable, name }: Origin): boolean => detachable || name !== undefined

/** Whether a value of `MOSH_DETACHABLE` asks for it. */
export const isRequested = (value: string | undefined): boolean => value === "1" || value === "yes"

/** The value of `mosh-server`'s option `-@` for `--detachable`. Stock servers ignore the option. */
export const DETACHABLE = "detachable"
