/**
 * An announcement reaches the users of a session, and disturbs neither the caret nor the terminal's state.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Announcement from "../../../src/domain/session/Announcement.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as XtermEmulator from "../../../src/services/node/xterm/XtermEmulator.ts"
import { Emulator } from "../../../src/services/server/Emulator.ts"

const encoder = new TextEncoder()

describe("an announcement", () => {
  it.effect("is in the top row, and changes nothing else", () =>
    Effect.gen(function* () {
      const { make } = yield* Emulator
      const screen = yield* make({ size: { columns: 30, rows: 4 }, onReply: () => undefined })
      screen.write(encoder.encode("one\r\ntwo\r\n$ ty"))
      const before = screen.frame()
      screen.write(encoder.encode(Announcement.bar("The machine ends soon.", 30)))
      const after = screen.frame()
      expect(Frame.lines(after)).toEqual(["The machine ends soon.", "two", "$ ty", ""])
      expect(after.cursor).toEqual(before.cursor)
      expect(after.modes).toEqual(before.modes)
      expect(after.notifications.count).toBe(1)
      screen.write(encoder.encode("ped"))
      expect(Frame.lines(screen.frame())[2]).toBe("$ typed")
    }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )

  it.prop(
    "contains no control characters of its text, and never wraps",
    [Schema.String, Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 500 }))],
    ([text, columns]) => {
      const [, shown = "", notified = ""] =
        /^\x1b7\x1b\[1;1H\x1b\[0;7m([^\x00-\x1f\x7f-\x9f]*)\x1b\[K\x1b8\x1b\]9;([^\x00-\x1f\x7f-\x9f]*)\x07$/.exec(
          Announcement.bar(`${text}\x1b\x07\x9b`, columns)
        ) ?? []
      const length = Math.min(text.length + 3, Announcement.LONGEST)
      expect(shown.length).toBe(Math.min(length, columns))
      expect(notified.length).toBe(length)
    }
  )
})
