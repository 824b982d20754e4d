/**
 * The limit on detached sessions that an administrator may set: `MOSH_SERVER_MAX_DETACHED`.
 *
 * It refuses a further session instead of ending one, so that no work is lost. Attaching is always possible. Sessions that are
 * attached when a further one starts may be detached later and exceed the limit, so nothing is gained by a lock against two
 * starts at the same time.
 */

/** Parses the variable. `limit` is `undefined` for no limit: if the variable is unset, 0, or invalid, which is a `warning`. */
export const read = (
  variable: string,
  text: string | undefined
): { readonly limit: number | undefined; readonly warning: string | undefined } => {
  if (text === undefined || text === "") return { limit: undefined, warning: undefined }
  if (!/^\d{1,6}$/.test(text)) return { limit: undefined, warning: `${variable} not a valid number, ignoring` }
  return { limit: Number(text) === 0 ? undefined : Number(text), warning: undefined }
}

/** Why a user with `count` detached sessions may start no further one; `undefined` if they may. */
export const refusal = (variable: string, count: number, limit: number): string | undefined =>
  count < limit
    ? undefined
    : `you have ${count} detached ${count === 1 ? "session" : "sessions"} here, and ${variable} allows ${limit}: return to one by mosh --attach, or end one by mosh --kill=WHICH.`
