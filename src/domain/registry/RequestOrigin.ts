/**
 * What `mosh` tells a server about itself when it attaches: values of `mosh-server`'s option `-@`, which stock servers ignore.
 */
import { plain } from "../session/PlainText.ts"
import * as SessionName from "./SessionName.ts"

/** Lets the server list the sessions for a choice, if there are several. */
export const CHOOSE = "choose"

/** The session in which `mosh` runs. ssh does not pass the variable `MOSH_SESSION` on. */
export interface Inside {
  /** The session's name or ID. */
  readonly session: string
  /** The name of its host, as that host calls itself: another host may have a session of the same name. */
  readonly host: string
}

/** The value for `-@`; `undefined` outside of a session. `session` is the value of `MOSH_SESSION`. */
export const format = (session: string | undefined, host: string): string | undefined =>
  session === undefined || SessionName.selector(session) === undefined || !isHost(host)
    ? undefined
    : `inside=${session}@${host}`

/** Parses a value of `-@`; `undefined` if it is another, or malformed. */
export const parse = (value: string): Inside | undefined => {
  const [, session = "", host = ""] = /^inside=([^@]{1,40})@(.*)$/s.exec(value) ?? []
  return SessionName.selector(session) === undefined || !isHost(host) ? undefined : { session, host }
}

/** Who asks, for a log: the user, and the address of their ssh client as sshd reports it in `SSH_CONNECTION`. */
export const requester = (user: string, sshConnection: string | undefined): string => {
  const [address = ""] = (sshConnection ?? "").trim().split(/\s+/)
  return plain(address === "" ? user : `${user} by ssh from ${address}`, LONGEST_REQUESTER)
}

const LONGEST_REQUESTER = 200

/** POSIX limits the name of a host to 255 bytes. */
const isHost = (text: string): boolean => /^[\w.-]{1,255}$/.test(text)
