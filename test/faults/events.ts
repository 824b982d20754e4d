/**
 * Deliberate mistakes in events and properties: what is shown twice, or never, and what reaches a terminal.
 */
import type { Fault } from "./Fault.ts"

export const eventFaults: ReadonlyArray<Fault> = [
  {
    name: "events-again",
    what: "shows the notifications that are kept again with each difference",
    file: "domain/events/KeptEvents.ts",
    original: "first + i > after ?",
    mistaken: "first + i > 0 ?",
    caughtBy: ["test/domain/events/KeptNotifications.test.ts"]
  },
  {
    name: "events-known",
    what: "takes a notification that is known already for a new one",
    file: "domain/events/KeptEvents.ts",
    original: "if (number <= before.count) return before",
    mistaken: "",
    caughtBy: ["test/domain/events/KeptNotifications.test.ts"]
  },
  {
    name: "events-missed",
    what: "does not count the notifications that were not kept",
    file: "domain/events/KeptEvents.ts",
    original: "missed: Math.max(0, count - after - list.length)",
    mistaken: "missed: 0",
    caughtBy: ["test/domain/events/KeptNotifications.test.ts"]
  },
  {
    name: "events-old",
    what: "sends a client that attaches later what another client has received",
    file: "services/server/SessionTransport.ts",
    original: "before ??= session.delivered.counts()",
    mistaken: "before ??= EventCounts.NONE",
    caughtBy: ["test/simulation/events.test.ts"]
  },
  {
    name: "events-forgotten",
    what: "forgets what a client received that has left",
    file: "services/server/DeliveredEvents.ts",
    original: "left = EventCounts.newest(left, acknowledged())",
    mistaken: "",
    caughtBy: ["test/simulation/events.test.ts"]
  },
  {
    name: "marks-again",
    what: "sets marks again with each picture",
    file: "domain/display/scrollback/NativeScrollback.ts",
    original: 'before.unknown === "everything" ? 0 : before.marked',
    mistaken: "0",
    caughtBy: ["test/domain/display/scrollback/NativeScrollback.test.ts"]
  },
  {
    name: "marks-elsewhere",
    what: "numbers the marks of lines from the top of the screen",
    file: "services/node/xterm/PromptMarks.ts",
    original: "line: history.end + buffer.y",
    mistaken: "line: buffer.y",
    caughtBy: ["test/services/node/xterm/history/ScrolledRows.test.ts"]
  },
  {
    name: "events-stock",
    what: "takes screens that differ only in notifications for different, towards a peer that gets none",
    file: "domain/objects/Screen.ts",
    original: "(peer & Features.events) === 0 ? Frame.withoutEvents(fitted) : fitted",
    mistaken: "fitted",
    caughtBy: ["test/domain/objects/Screen.test.ts"]
  },
  {
    name: "events-command",
    what: "sends a terminal a text that it takes for a command",
    file: "domain/display/NotificationDiff.ts",
    original: 'DesktopNotification.isCommand(text) ? " " : ""',
    mistaken: '""',
    caughtBy: ["test/domain/events/KeptNotifications.test.ts"]
  },
  {
    name: "properties-query",
    what: "passes queries of colours on to the terminal",
    file: "domain/terminal/TerminalColors.ts",
    original: "if (key < 0 || !COLOR.test(color) ||",
    mistaken: "if (key < 0 ||",
    caughtBy: ["test/domain/events/Properties.test.ts"]
  },
  {
    name: "properties-left",
    what: "leaves the terminal in the colours of a session that ended",
    file: "domain/client/terminal/TerminalSetup.ts",
    original: "properties: Properties.NONE,",
    mistaken: "",
    caughtBy: ["test/domain/client/terminal/TerminalSetup.test.ts"]
  },
  {
    name: "utf8-surrogates",
    what: "decodes surrogates as one character",
    file: "services/node/xterm/Utf8.ts",
    original: "else if (lead === 0xed) highest = 0x9f",
    mistaken: "",
    caughtBy: ["test/services/node/xterm/Utf8.test.ts"]
  }
]
