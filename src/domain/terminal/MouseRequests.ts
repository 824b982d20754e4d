/**
 * What a program asked of the mouse, in order: `n` for `CSI ? n h`, `-n` for `CSI ? n l`.
 *
 * A terminal that supports only some of the modes ignores the others, so which one is in force there depends on all that
 * were requested: of `?1002h ?1006h ?1016h`, a terminal without 1016 ends in 1006. Kept is the shortest list that leaves
 * every terminal as the whole history does, whichever modes it supports, and whether a reset ends its own mode only, any
 * mode, or a flag of its own (`test/domain/terminal/MouseRequests.test.ts`). So each mode occurs at most twice.
 */
export type MouseRequests = ReadonlyArray<number>

/** Nothing asked, or all of it taken back. */
export const NONE: MouseRequests = []

/** The requests after one more. */
export const add = (requests: MouseRequests, mode: number, on: boolean): MouseRequests => {
  const request = on ? mode : -mode
  if (requests.at(-1) === request) return requests
  const others = requests.filter((other) => other !== request && !(on && other === -mode))
  return settled([...others, request])
}

/** The mode that is on where the last request counts and any reset ends all, as in stock mosh (spec 8.5); 0 for none. */
export const last = (requests: MouseRequests): number => Math.max(0, requests.at(-1) ?? 0)

/** The modes that were set and not reset, the oldest first. */
export const on = (requests: MouseRequests): ReadonlyArray<number> =>
  requests.filter((request) => request > 0 && !requests.includes(-request))

/** The requests that a terminal without a mode sees. */
export const without = (requests: MouseRequests, mode: number): MouseRequests =>
  requests.some((request) => Math.abs(request) === mode)
    ? settled(requests.filter((request) => Math.abs(request) !== mode))
    : requests

/** Whether `start` is how `requests` begins. */
export const startsWith = (requests: MouseRequests, start: MouseRequests): boolean =>
  start.length <= requests.length && start.every((request, i) => request === requests[i])

/** Whether two lists are the same. */
export const equals = (a: MouseRequests, b: MouseRequests): boolean =>
  a === b || (a.length === b.length && startsWith(a, b))

/** Requests without those up to the last moment at which all modes were off. */
const settled = (requests: MouseRequests): MouseRequests => {
  let start = 0
  let active: ReadonlyArray<number> = NONE
  requests.forEach((request, i) => {
    active = request > 0 ? [...active, request] : active.filter((mode) => mode !== -request)
    if (active.length === 0) start = i + 1
  })
  return start === 0 ? requests : start === requests.length ? NONE : requests.slice(start)
}
