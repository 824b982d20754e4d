/**
 * Errors of the system about sockets, as `Datagrams` reports them.
 */
import type { Address, SocketTrouble, TroubleKind } from "../../transport/Datagrams.ts"
import { perror, systemError } from "../NodeSystemError.ts"

/** `error` of the system call `call`; `to`: the other end of the datagram, if known. */
export const trouble = (call: string, error: unknown, to?: Address): SocketTrouble => ({
  kind: kindOf(error),
  text: `${call}: ${perror(error)}`,
  to
})

const kinds: Readonly<Record<string, TroubleKind>> = {
  EMSGSIZE: "MessageTooLarge",
  EHOSTUNREACH: "Unreachable",
  ENETUNREACH: "Unreachable",
  EHOSTDOWN: "Unreachable",
  ENETDOWN: "Unreachable",
  EADDRNOTAVAIL: "Unreachable",
  ECONNREFUSED: "ConnectionRefused",
  EACCES: "PermissionDenied",
  EPERM: "PermissionDenied"
}

const kindOf = (error: unknown): TroubleKind => kinds[systemError(error)?.code ?? ""] ?? "Unknown"
