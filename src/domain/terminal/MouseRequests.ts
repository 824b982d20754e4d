/**
 * The mouse modes that a program has requested, in order: `n` for `CSI ? n h`, `-n` for `CSI ? n l`.
 *
 * A terminal that supports only some of the modes ignores the others, so its effective mode depends on the whole
 * history: after `?1002h ?1006h ?1016h`, a terminal without 1016 uses 1006. This list is the shortest one that has the
 * same effect as the history on every terminal, whichever modes it supports, and whether a reset ends only its own
 * mode, any mode, or a separate flag (`test/domain/terminal/MouseRequests.test.ts`). So each mode occurs at most twice.
 */
export type MouseRequests = ReadonlyArray<number>

/** No requests, or all of them undone. */
export const NONE: MouseRequests = []

/** The requests after one more. */
export const add = (requests: MouseRequests, mode: number, on: boolean): MouseRequests => {
  const request = on ? mode : -mode
  if (requests.at(-1) === request) return requests
  const others = requests.filter((other) => other !== request && !(on && other === -mode))
  return settled([...others, request])
}

/**
 * The active mode on a terminal where the last request counts and any reset ends all, as in stock mosh (spec 8.5); 0 if
 * none.
 */
export const last = (requests: MouseRequests): number => Math.max(0, requests.at(-1) ?? 0)

/** The modes that were set and not reset, oldest first. */
export const on = (requests: MouseRequests): ReadonlyArray<number> =>
  requests.filter((request) => request > 0 && !requests.includes(-request))

/** The requests as seen by a terminal without mode `mode`. */
export const without = (requests: MouseRequests, mode: number): MouseRequests =>
  requests.some((request) => Math.abs(request) === mode)
    ? settled(requests.filter((request) => Math.abs(request) !== mode))
    : requests

/** Whether `requests` begins with `start`. */
export const startsWith = (requests: MouseRequests, start: MouseRequests): boolean =>
  start.length <= requests.length && start.every((request, i) => request === requests[i])

/** Whether two lists are equal. */
export const equals = (a: MouseRequests, b: MouseRequests): boolean =>
  a === b || (a.length === b.length && startsWith(a, b))

/** The requests after the last point at which all modes were off. */
const settled = (requests: MouseRequests): MouseRequests => {
  let start = 0
  let active: ReadonlyArray<number> = NONE
  requests.forEach((request, i) => {
    active = request > 0 ? [...active, request] : active.filter((mode) => mode !== -request)
    if (active.length === 0) start = i + 1
  })
  return start === 0 ? requests : start === requests.length ? NONE : requests.slice(start)
}
