/**
 * Chooses the session to which a client attaches.
 */
import type { SessionRecord } from "./SessionRecord.ts"
import * as SessionName from "./SessionName.ts"
import * as SessionTable from "./SessionTable.ts"

export type Choice =
  | { readonly _tag: "Chosen"; readonly pid: number }
  /** No session can be chosen: lines for the user. */
  | { readonly _tag: "None"; readonly lines: ReadonlyArray<string> }

/** The words by which a wrapper recognises that the user has to choose. */
export const SEVERAL = "several sessions"
/** The words by which a wrapper recognises that there is no such session. */
export const NO_SESSION = "no session"

/**
 * The session `which`, or without it the only session that is not `inside`: the session that this command runs in, by its
 * `MOSH_SESSION`. A session is never attached inside itself.
 */
export const choose = (
  sessions: ReadonlyArray<SessionRecord>,
  which: SessionName.Selector | undefined,
  inside: string | undefined
): Choice => {
  const known = sessions.map(({ age, pid, told }) => ({ age, pid, told, name: told.name }))
  const within = inside === undefined ? undefined : SessionName.selector(inside)
  const isInside = (session: (typeof known)[number]) => within !== undefined && SessionName.matches(within, session)
  const found =
    which === undefined
      ? known.filter((session) => !isInside(session))
      : known.filter((session) => SessionName.matches(which, session))
  const [first, second] = found
  if (first === undefined) return none(missing(which, known.length))
  if (second !== undefined) {
    return none(
      `${SEVERAL} of yours run here; choose one by its name or ID.`,
      ...SessionTable.lines(
        found.map(({ age, pid, told }) => ({ pid, age, details: { _tag: "Told", told } })),
        (span) => `${SessionTable.duration(span)} ago`
      )
    )
  }
  if (isInside(first)) return none(nested(inside ?? ""))
  return { _tag: "Chosen", pid: first.pid }
}

/** Refuses to attach a session inside itself. */
export const nested = (name: string): string =>
  `this is session ${name} already: MOSH_SESSION is set. Attach from outside it, or unset MOSH_SESSION.`

const missing = (which: SessionName.Selector | undefined, count: number): string => {
  if (which !== undefined)
    return `${NO_SESSION} of yours here is called ${which}; mosh-server --list shows those there are.`
  return count === 0 ? `${NO_SESSION} of yours runs here.` : `${NO_SESSION} of yours runs here besides this one.`
}

const none = (...lines: ReadonlyArray<string>): Choice => ({ _tag: "None", lines })
