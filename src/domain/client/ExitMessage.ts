/**
 * What a person is told, on stderr, about how a session ended (spec 10.4). A clean end needs no words.
 */
export interface Ending {
  /** The server's numeric address, and its UDP port. */
  readonly host: string
  readonly port: number
  /** Whether anything was ever received from the server. */
  readonly connected: boolean
  /** Whether both sides know that the session is over. */
  readonly clean: boolean
  /** Whether something was typed that the server never confirmed. */
  readonly undelivered: boolean
  /** Whether the session's key had encrypted all it may (spec 2.3). */
  readonly keyExhausted: boolean
}

/** The lines to print; none after a clean end. */
export const lines = (ending: Ending): ReadonlyArray<string> => {
  const { host, port } = ending
  if (!ending.connected)
    return [
      `mosh did not make a successful connection to ${host}:${port}.`,
      `Please verify that UDP port ${port} is not firewalled and can reach the server.`,
      "",
      "(By default, mosh uses a UDP port between 60000 and 61000. The -p option",
      "selects a specific UDP port number.)"
    ]
  const said: Array<string> = []
  if (ending.keyExhausted) said.push("The session's key has encrypted all it safely may. Please connect anew.")
  if (!ending.clean)
    said.push("mosh did not shut down cleanly. The mosh-server process may still be running on the server.")
  if (ending.undelivered) said.push("Some of what was typed last may not have reached the server.")
  return said
}
