/**
 * Reads what programs tell the terminal beside the picture: `Properties`, and notifications.
 */
import * as DesktopNotification from "../../../domain/events/DesktopNotification.ts"
import * as KeptNotifications from "../../../domain/events/KeptNotifications.ts"
import * as NotificationParts from "../../../domain/events/NotificationParts.ts"
import * as Properties from "../../../domain/events/Properties.ts"
import * as TerminalColors from "../../../domain/terminal/TerminalColors.ts"
import type { Core } from "./Internals.ts"
import { bounded } from "./Limits.ts"

/** A notification, or progress. */
const NOTIFICATION = 9

/** Maximum length of a notification with its options, code points. A longer one is ignored. */
const MAX_NOTIFICATION = 8192

/** What programs have told the terminal. */
export interface ProgramProperties {
  readonly properties: () => Properties.Properties
  readonly notifications: () => KeptNotifications.KeptNotifications
  /** Forgets the properties: after a full reset. */
  readonly reset: () => void
}

export const install = (core: Core): ProgramProperties => {
  const parser = core._inputHandler._parser
  let properties = Properties.NONE
  let notifications = KeptNotifications.NONE
  let parts = NotificationParts.NONE

  const notify = (notification: DesktopNotification.DesktopNotification | undefined): void => {
    if (notification !== undefined) notifications = KeptNotifications.add(notifications, notification)
  }
  const apply = (text: string, { identifier }: { readonly identifier: number }): void => {
    properties = Properties.apply(properties, identifier, text)
  }
  for (const identifier of Properties.IDENTIFIERS) {
    if (identifier === NOTIFICATION) continue
    // Queries of colours and marks have handlers of their own, which xterm calls if this one does not claim the sequence.
    parser.registerOscHandler(identifier, bounded(TerminalColors.MAX_TEXT, apply, { identifier, claims: false }))
  }
  parser.registerOscHandler(
    NOTIFICATION,
    bounded(MAX_NOTIFICATION, (text) => {
      if (DesktopNotification.isCommand(text)) properties = Properties.apply(properties, NOTIFICATION, text)
      else notify(DesktopNotification.fromForm9(text))
    })
  )
  parser.registerOscHandler(
    99,
    bounded(MAX_NOTIFICATION, (text) => {
      const [next, complete] = NotificationParts.add(parts, text)
      parts = next
      notify(complete)
    })
  )
  parser.registerOscHandler(
    777,
    bounded(MAX_NOTIFICATION, (text) => notify(DesktopNotification.fromForm777(text)))
  )

  return {
    properties: () => properties,
    notifications: () => notifications,
    reset: () => {
      properties = Properties.NONE
    }
  }
}
