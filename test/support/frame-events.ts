/**
 * Generated notifications, marks and properties of frames.
 */
import * as Schema from "effect/Schema"
import * as DesktopNotification from "../../src/domain/events/DesktopNotification.ts"
import type * as Frame from "../../src/domain/terminal/Frame.ts"
import * as KeptMarks from "../../src/domain/events/KeptMarks.ts"
import * as KeptNotifications from "../../src/domain/events/KeptNotifications.ts"
import * as Properties from "../../src/domain/events/Properties.ts"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const TITLES = ["", "make", "a;b: c", "日本"]
const BODIES = ["", "done", "4;1;50", "9;;x", "ünit ✓"]

const PALETTE = `4;${Array.from({ length: 256 }, (_, i) => `${i};#${i.toString(16).padStart(6, "0")}`).join(";")}`

/** Sequences that set properties, as text. */
const PROPERTIES = [
  "7;file://host/home/a%20b",
  "7;",
  "9;4;1;50",
  "9;4;3",
  "9;4;0",
  "22;pointer",
  "22;",
  "1337;SetUserVar=branch=bWFpbg==",
  "1337;SetUserVar=branch=",
  "4;1;#ff0000;255;rgb:00/11/22",
  PALETTE,
  "104;1",
  "104;",
  "12;orange red",
  "112;",
  "10;#fff;#000",
  "111;"
] as const

export const EventSketch = Schema.Struct({
  notifications: Schema.Array(
    Schema.Tuple([Schema.Literals([9, 99, 777]), Schema.Literals(TITLES), Schema.Literals(BODIES), between(0, 2)])
  ).check(Schema.isMaxLength(20)),
  marks: Schema.Array(
    Schema.Tuple([
      between(0, 2 ** 40),
      between(0, 199),
      Schema.Literals(["133;A", "133;B", "133;C", "133;D;1", "1337;SetMark"])
    ])
  ).check(Schema.isMaxLength(40)),
  properties: Schema.Array(Schema.Literals(PROPERTIES)).check(Schema.isMaxLength(6))
})

/** The events and properties of a frame after further ones. */
export const withEvents = (
  frame: Frame.Frame,
  { marks, notifications, properties }: typeof EventSketch.Type
): Pick<Frame.Frame, "marks" | "notifications" | "properties"> => ({
  notifications: notifications.reduce((kept, [form, title, body, urgency]) => {
    const notification = DesktopNotification.make(form, title, body, urgency)
    return notification === undefined ? kept : KeptNotifications.add(kept, notification)
  }, frame.notifications),
  marks: marks.reduce((kept, [line, column, osc]) => KeptMarks.add(kept, { line, column, osc }), frame.marks),
  properties: properties.reduce(
    (set, text) => Properties.apply(set, Number.parseInt(text), text.slice(text.indexOf(";") + 1)),
    frame.properties
  )
})
