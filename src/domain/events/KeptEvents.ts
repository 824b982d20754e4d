/**
 * The events of one kind in a session, numbered from 1, of which the newest are kept.
 *
 * They are part of the synchronised frame, so a peer that was away gets what it missed with the next state, and nothing twice:
 * an event is shown when its number exceeds those of the frame that was shown before. If more were missed than are kept, the
 * peer learns how many.
 *
 * Law: `kept` are the events with the numbers `count - kept.length + 1` to `count`.
 */
export interface KeptEvents<Event> {
  /** Number of events since the start of the session. */
  readonly count: number
  /** The newest, in the order in which they happened. */
  readonly kept: ReadonlyArray<Event>
}

/** Adds an event, and keeps the newest `most`. */
export const add = <Event>({ count, kept }: KeptEvents<Event>, event: Event, most: number): KeptEvents<Event> => ({
  count: count + 1,
  kept: [...kept.slice(1 - most), event]
})

/** Adds an event by its number. One that is known already is ignored; if the numbers before it are missing, so are the events. */
export const addNumbered = <Event>(
  before: KeptEvents<Event>,
  number: number,
  event: Event,
  most: number
): KeptEvents<Event> => {
  if (number <= before.count) return before
  return number === before.count + 1 ? add(before, event, most) : { count: number, kept: [event] }
}

/** The kept events with numbers above `after`, each with its number, and how many others have such numbers. */
export const since = <Event>(
  { count, kept }: KeptEvents<Event>,
  after: number
): { readonly missed: number; readonly list: ReadonlyArray<readonly [number, Event]> } => {
  const first = count - kept.length + 1
  const list = kept.flatMap((event, i) => (first + i > after ? [[first + i, event] as const] : []))
  return { missed: Math.max(0, count - after - list.length), list }
}

/** The same events, numbered as if the first `delivered` had not happened. */
export const renumbered = <Event>(events: KeptEvents<Event>, delivered: number): KeptEvents<Event> => {
  if (delivered === 0) return events
  const { list } = since(events, delivered)
  return { count: Math.max(0, events.count - delivered), kept: list.map(([, event]) => event) }
}

export const equals = <Event>(
  a: KeptEvents<Event>,
  b: KeptEvents<Event>,
  sameEvent: (a: Event, b: Event) => boolean
): boolean =>
  a === b ||
  (a.count === b.count &&
    a.kept.length === b.kept.length &&
    a.kept.every((one, i) => sameEvent(one, b.kept[i] as Event)))
