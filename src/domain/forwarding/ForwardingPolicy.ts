/**
 * What a server forwards for its clients: `MOSH_SERVER_FORWARDING`, with the values of sshd's `AllowTcpForwarding`.
 */

export interface ForwardingPolicy {
  /** Whether the server connects to destinations that its client names (`-L`, `-D`). */
  readonly connects: boolean
  /** Whether the server listens for its client (`-R`). */
  readonly listens: boolean
}

const POLICIES = new Map<string, ForwardingPolicy>([
  ["yes", { connects: true, listens: true }],
  ["no", { connects: false, listens: false }],
  ["local", { connects: true, listens: false }],
  ["remote", { connects: false, listens: true }]
])

/** Forwards everything. */
export const ALL: ForwardingPolicy = { connects: true, listens: true }

/** Forwards nothing. */
export const NONE: ForwardingPolicy = { connects: false, listens: false }

/** Reads a variable. Not set, it means `yes`; with a value that is not allowed, `no`, and `warning` is a line about it. */
export const read = (
  variable: string,
  value: string | undefined
): { readonly policy: ForwardingPolicy; readonly warning: string | undefined } => {
  const policy = value === undefined ? ALL : POLICIES.get(value.toLowerCase())
  return policy === undefined
    ? { policy: NONE, warning: `${variable} is not one of ${[...POLICIES.keys()].join(", ")}: nothing is forwarded` }
    : { policy, warning: undefined }
}
