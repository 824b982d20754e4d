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
      `mosh: the server at ${host} never answered on UDP port ${port}.`,
      "Most likely a firewall in between drops UDP. To open it on the server, for example:",
      `  sudo ufw allow ${port}/udp`,
      "or open a range there (mosh takes a port of 60001-60999 by itself), or choose an open port with -p PORT."
    ]
  const said: Array<string> = []
  if (ending.keyExhausted) said.push("mosh: the session's key has encrypted all it safely may. Please connect anew.")
  if (!ending.clean)
    said.push("mosh: the server did not confirm the end of the session. It may still be running there.")
  if (ending.undelivered) said.push("mosh: some of what was typed last may not have reached the server.")
  return said
}
