/**
 * The notifications of a session, of which the newest are kept (`KeptEvents`).
 */
import * as DesktopNotification from "./DesktopNotification.ts"
import * as KeptEvents from "./KeptEvents.ts"

export type KeptNotifications = KeptEvents.KeptEvents<DesktopNotification.DesktopNotification>

export const NONE: KeptNotifications = { count: 0, kept: [] }

/** Number of notifications that are kept. */
export const MAX_KEPT = 16

export const add = (before: KeptNotifications, one: DesktopNotification.DesktopNotification): KeptNotifications =>
  KeptEvents.add(before, one, MAX_KEPT)

export const addNumbered = (
  before: KeptNotifications,
  number: number,
  one: DesktopNotification.DesktopNotification
): KeptNotifications => KeptEvents.addNumbered(before, number, one, MAX_KEPT)

export const equals = (a: KeptNotifications, b: KeptNotifications): boolean =>
  KeptEvents.equals(a, b, DesktopNotification.equals)
