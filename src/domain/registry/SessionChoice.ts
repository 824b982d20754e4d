/**
 * Chooses the session to which a client attaches.
 */
import type { Listed, SessionRecord } from "./SessionRecord.ts"
import * as SessionName from "./SessionName.ts"

export type Choice =
  | { readonly _tag: "Chosen"; readonly pid: number }
  /** The user has to choose. */
  | { readonly _tag: "Several"; readonly sessions: ReadonlyArray<Listed> }
  /** There is none. `isInside`: except the one in which the user is. */
  | { readonly _tag: "None"; readonly isInside: boolean }

/** The only session that is not `inside`: the session that the request comes from, by its `MOSH_SESSION`. */
export const choose = (sessions: ReadonlyArray<SessionRecord>, inside: string | undefined): Choice => {
  const found = sessions.filter(({ pid, told }) => !isInside({ pid, name: told.name }, inside))
  const [first, second] = found
  if (first === undefined) return { _tag: "None", isInside: sessions.length > 0 }
  if (second === undefined) return { _tag: "Chosen", pid: first.pid }
  return {
    _tag: "Several",
    sessions: found.map(({ age, pid, told }) => ({ pid, age, details: { _tag: "Told", told } }))
  }
}

/**
 * Whether a session is the one that the request comes from. A session is never attached inside itself: it would show itself, and
 * its client outside would end.
 */
export const isInside = (
  session: { readonly pid: number; readonly name?: string | undefined },
  inside: string | undefined
): boolean => {
  const selector = inside === undefined ? undefined : SessionName.selector(inside)
  return selector !== undefined && SessionName.matches(selector, session)
}

/** Refuses to attach a session inside itself. */
export const nested = (name: string): string =>
  `this terminal is in session ${name} already: attach from a terminal outside of it, or open a session of another name.`

/** Reports that there is no session `which`; without it, none at all. */
export const missing = (which: SessionName.Selector | undefined, isInside = false): string => {
  if (which !== undefined) return `no session of yours here is called ${which}.`
  return isInside ? "no session of yours runs here besides this one." : "no session of yours runs here."
}
