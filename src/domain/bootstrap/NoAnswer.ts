/**
 * What else a person should know when a server was started, and no datagram ever came back: beside the firewall, which is
 * the usual reason (`OpenPorts`), what this very case looks like.
 */
import { isNumericAddress } from "../arguments/WrapperArguments.ts"

export interface Silence {
  /** The machine that was called, as the person called it. */
  readonly destination: string
  /** What to type to log in there by ssh alone. */
  readonly login: string
  /** Where the server is, as far as is known, and its UDP port. */
  readonly address: string
  readonly port: number
  /** The address is only the server's own idea of it. */
  readonly addressUncertain: boolean
  /** What ssh takes for the machine's name or address; `undefined` when it was not asked. */
  readonly hostname: string | undefined
  /** The system's words, when it was told that the port takes nothing. */
  readonly refused: string | undefined
}

/** Lines to print after the client's own; none when nothing is known beyond them. */
export const lines = (silence: Silence): ReadonlyArray<string> => [...endedAtOnce(silence), ...elsewhere(silence)]

/** A port that refuses has nobody behind it, or a firewall that says no instead of nothing. */
const endedAtOnce = ({ address, login, port, refused }: Silence): ReadonlyArray<string> =>
  refused === undefined
    ? []
    : [
        `mosh: UDP port ${port} of ${address} says: ${refused}. mosh-server was started there and has ended since,`,
        `or a firewall rejects it. Does it still run? ${login} pgrep -af mosh-server`,
        "If it was ended when ssh left (KillUserProcesses=yes in logind.conf): sudo loginctl enable-linger USER"
      ]

/** Behind a translation of addresses, or a jump host, a server does not know how it is reached. */
const elsewhere = ({ address, addressUncertain, destination, hostname }: Silence): ReadonlyArray<string> => {
  if (!addressUncertain || hostname === address) return []
  const known = hostname !== undefined && isNumericAddress(hostname)
  const reached = hostname === undefined || hostname === destination ? "" : `, and ssh calls it ${hostname}`
  const user = destination.slice(0, destination.lastIndexOf("@") + 1)
  return [
    `mosh: ${address} is how ${destination} calls itself${reached}. Behind NAT, or a jump host, that may be no way to it.`,
    `If UDP reaches it elsewhere: mosh --experimental-remote-ip=local ${user}${known ? hostname : "ADDRESS"}`
  ]
}
