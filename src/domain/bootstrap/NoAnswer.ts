/**
 * Diagnoses a server that was started and from which no datagram arrived: causes other than the firewall, which is the
 * usual one (`OpenPorts`).
 */
import { isNumericAddress } from "../arguments/WrapperArguments.ts"

export interface Silence {
  /** The destination, as the user named it. */
  readonly destination: string
  /** The command line of a login by ssh alone. */
  readonly login: string
  /** The server's address, as far as it is known, and its UDP port. */
  readonly address: string
  readonly port: number
  /** Only the server reported this address: it may not be reachable from here. */
  readonly addressUncertain: boolean
  /** ssh's name or address for the machine; `undefined` when ssh was not asked. */
  readonly hostname: string | undefined
  /** The system's error message, when the port refused a datagram. */
  readonly refused: string | undefined
}

/** Lines to print after the client's own; empty when nothing else is known. */
export const lines = (silence: Silence): ReadonlyArray<string> => [...endedAtOnce(silence), ...elsewhere(silence)]

/** A port that refuses has no server, or a firewall that rejects instead of dropping. */
const endedAtOnce = ({ address, login, port, refused }: Silence): ReadonlyArray<string> =>
  refused === undefined
    ? []
    : [
        `mosh: UDP port ${port} of ${address} says: ${refused}. mosh-server was started there and has ended since,`,
        `or a firewall rejects it. Does it still run? ${login} pgrep -af mosh-server`,
        "If it was ended when ssh left (KillUserProcesses=yes in logind.conf): sudo loginctl enable-linger USER"
      ]

/** Behind NAT or a jump host, a server does not know the address that reaches it. */
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
