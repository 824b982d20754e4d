/**
 * The notifications of a session, numbered from 1, of which the newest are kept.
 *
 * They are part of the synchronised frame, so a peer that was away gets what it missed with the next state, and nothing twice:
 * a notification is shown when its number exceeds those of the frame that was shown before. If more were missed than are kept,
 * the peer learns how many.
 *
 * Law: `kept` are the notifications with the numbers `count - kept.length + 1` to `count`.
 */
import * as DesktopNotification from "./DesktopNotification.ts"

export interface KeptNotifications {
  /** Number of notifications since the start of the session. */
  readonly count: number
  /** The newest, in the order in which programs sent them. */
  readonly kept: ReadonlyArray<DesktopNotification.DesktopNotification>
}

export const NONE: KeptNotifications = { count: 0, kept: [] }

/** Number of notifications that are kept. */
export const MAX_KEPT = 16

export const add = (
  { count, kept }: KeptNotifications,
  notification: DesktopNotification.DesktopNotification
): KeptNotifications => ({ count: count + 1, kept: [...kept.slice(1 - MAX_KEPT), notification] })

/**
 * Adds a notification by its number. One that is known already is ignored; if the numbers before it are missing, so are the
 * notifications.
 */
export const addNumbered = (
  before: KeptNotifications,
  number: number,
  notification: DesktopNotification.DesktopNotification
): KeptNotifications => {
  if (number <= before.count) return before
  return number === before.count + 1 ? add(before, notification) : { count: number, kept: [notification] }
}

/** The kept notifications with numbers above `count`, each with its number, and how many others have such numbers. */
export const since = (
  { count, kept }: KeptNotifications,
  after: number
): {
  readonly missed: number
  readonly list: ReadonlyArray<readonly [number, DesktopNotification.DesktopNotification]>
} => {
  const first = count - kept.length + 1
  const list = kept.flatMap((notification, i) => (first + i > after ? [[first + i, notification] as const] : []))
  return { missed: Math.max(0, count - after - list.length), list }
}

/** The same notifications, numbered as if the first `delivered` had not been sent. */
export const renumbered = (notifications: KeptNotifications, delivered: number): KeptNotifications => {
  if (delivered === 0) return notifications
  const { list } = since(notifications, delivered)
  return { count: Math.max(0, notifications.count - delivered), kept: list.map(([, notification]) => notification) }
}

export const equals = (a: KeptNotifications, b: KeptNotifications): boolean =>
  a === b ||
  (a.count === b.count &&
    a.kept.length === b.kept.length &&
    a.kept.every((one, i) => DesktopNotification.equals(one, b.kept[i] as DesktopNotification.DesktopNotification)))
