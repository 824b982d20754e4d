/**
 * The signals that a client can send to a command, by their names in SSH's protocol (RFC 4254, section 6.10): `INT`, not
 * `SIGINT`. Numbers differ between systems, so they are not sent.
 */

/** The signals that a client forwards: those by which users and programs end or reconfigure a program. */
export const FORWARDED = ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2"] as const

export type CommandSignal = (typeof FORWARDED)[number]

export const isForwarded = (name: string): name is CommandSignal => FORWARDED.some((known) => known === name)

/** Whether a text can be the name of a signal that ended a program, such as `KILL` or `RTMIN+3`. */
export const isName = (name: string): boolean => /^[A-Z][A-Z0-9+-]{1,15}$/.test(name)
