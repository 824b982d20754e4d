// Preloaded into our programs: a wall clock that is set back or forward by a day every half second.

const DAY = 86_400_000
const now = Date.now
const started = now()
const LEAPS = [0, DAY, -DAY, 2 * DAY, 0, -3 * DAY]

Date.now = () => now() + (LEAPS[Math.floor((now() - started) / 500) % LEAPS.length] ?? 0)
