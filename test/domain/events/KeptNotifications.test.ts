import { it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { describe, expect } from "vitest"
import * as NotificationDiff from "../../../src/domain/display/NotificationDiff.ts"
import * as DesktopNotification from "../../../src/domain/events/DesktopNotification.ts"
import * as EventCounts from "../../../src/domain/events/EventCounts.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as KeptNotifications from "../../../src/domain/events/KeptNotifications.ts"
import * as NotificationParts from "../../../src/domain/events/NotificationParts.ts"

const { MAX_KEPT, NONE } = KeptNotifications

const numbered = (number: number): DesktopNotification.DesktopNotification =>
  DesktopNotification.make(9, "", `number ${number}`) as DesktopNotification.DesktopNotification

/** The first `count` notifications of a session. */
const sent = (count: number): KeptNotifications.KeptNotifications => {
  let kept = NONE
  for (let number = 1; number <= count; number++) kept = KeptNotifications.add(kept, numbered(number))
  return kept
}

/** What the receiver of a difference has afterwards. */
const received = (before: KeptNotifications.KeptNotifications, host: string): KeptNotifications.KeptNotifications =>
  [...host.matchAll(/\x1b\]777;([^\x07]*)\x07/g)].reduce(
    (kept, [, text]) => NotificationDiff.read(kept, text ?? ""),
    before
  )

/** The numbers of the notifications that are sent to a terminal, and the reported count of those omitted. */
const shown = (host: string): { readonly numbers: ReadonlyArray<number>; readonly missed: number } => ({
  numbers: [...host.matchAll(/number (\d+)/g)].map(([, number]) => Number(number)),
  missed: [...host.matchAll(/and (\d+) more/g)].reduce((sum, [, missed]) => sum + Number(missed), 0)
})

const Step = Schema.Struct({
  /** How many notifications the program sends. */
  sends: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 })),
  /** How many states ago the one was that the difference starts from, of those that the client has. */
  base: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
  arrives: Schema.Boolean,
  draws: Schema.Boolean
})

describe("notifications", () => {
  it.prop(
    "are shown once each, or counted, whatever states are lost, repeated or started from",
    [Schema.Array(Step)],
    ([steps]) => {
      let count = 0
      let shownCount = NONE
      const client = [NONE]
      const server = [NONE]
      const numbers: Array<number> = []
      let missed = 0
      for (const { arrives, base, draws, sends } of [...steps, { arrives: true, base: 0, draws: true, sends: 0 }]) {
        count += sends
        const from = Math.max(0, client.length - 1 - base)
        const host = NotificationDiff.diff(server[from] ?? NONE, sent(count), "numbered")
        if (arrives) {
          server.push(sent(count))
          client.push(received(client[from] ?? NONE, host))
          expect(client.at(-1)).toEqual(server.at(-1))
        }
        if (!draws) continue
        const drawn = shown(NotificationDiff.diff(shownCount, client.at(-1) ?? NONE, [9]))
        numbers.push(...drawn.numbers)
        missed += drawn.missed
        shownCount = client.at(-1) ?? NONE
      }
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
      expect(numbers.length + missed).toBe(count)
    }
  )

  it("the newest are kept, and the others counted", () => {
    const host = NotificationDiff.diff(NONE, sent(MAX_KEPT + 3), [9])
    expect(shown(host)).toEqual({ numbers: Array.from({ length: MAX_KEPT }, (_, i) => i + 4), missed: 3 })
    expect(host.endsWith("\x1b]9;and 3 more\x07")).toBe(true)
    expect(NotificationDiff.diff(sent(5), sent(5), [9])).toBe("")
    expect(NotificationDiff.diff(sent(9), sent(5), [9])).toBe("")
  })

  it("are sent in the form that the program used, or another that the terminal knows", () => {
    const to = (forms: NotificationDiff.Receiver, ...texts: readonly [9 | 99 | 777, string, string, number?]) => {
      const notification = DesktopNotification.make(...texts) as DesktopNotification.DesktopNotification
      return NotificationDiff.diff(NONE, KeptNotifications.add(NONE, notification), forms)
    }
    expect(to([9, 99, 777], 9, "", "done")).toBe("\x1b]9;done\x07")
    expect(to([9, 99, 777], 777, "make", "done;x")).toBe("\x1b]777;notify;make;done;x\x07")
    expect(to([9, 99, 777], 99, "make", "done", 2)).toBe(
      "\x1b]99;i=mosh1:d=0:u=2;make\x07\x1b]99;i=mosh1:p=body;done\x07"
    )
    expect(to([9], 99, "make", "done")).toBe("\x1b]9;make: done\x07")
    expect(to([777], 9, "", "a;b")).toBe("\x1b]777;notify;a,b;\x07")
    expect(to([777], 99, "a;b", "c;d")).toBe("\x1b]777;notify;a,b;c;d\x07")
    expect(to([99], 9, "", "done")).toBe("\x1b]99;i=mosh1;done\x07")
    expect(to([], 9, "", "done")).toBe("")
    // What iTerm2 shows, ConEmu and Windows Terminal would obey.
    expect(to([9], 777, "", "4;1;50")).toBe("\x1b]9; 4;1;50\x07")
    expect(to([9], 777, "4", "")).toBe("\x1b]9; 4\x07")
  })

  it("that are malformed are ignored", () => {
    for (const text of [
      "notify=1;9;1;0;",
      "notify=;9;1;0;x",
      "notify=1;8;1;0;x",
      `notify=${"1".repeat(16)};9;1;0;x`,
      "notify;a;b"
    ])
      expect(NotificationDiff.read(NONE, text)).toBe(NONE)
    expect(NotificationDiff.read(sent(3), "notify=3;9;1;0;again")).toEqual(sent(3))
    expect(NotificationDiff.read(NONE, "notify=7;9;1;99;short").kept[0]).toMatchObject({ title: "short", body: "" })
  })

  it("are counted anew for a client that attaches later", () => {
    const frame = { ...Frame.blank({ columns: 4, rows: 1 }), bells: 5, notifications: sent(20) }
    const clipboard = {
      clipboard: new Map([
        ["c", "eA=="],
        ["p", "eQ=="]
      ]),
      copies: new Map([
        ["c", 2],
        ["p", 1]
      ])
    }
    const delivered = { bells: 3, copies: new Map([["c", 2]]), notifications: 18 }
    const later = EventCounts.since({ ...frame, ...clipboard }, delivered)
    expect(later).toMatchObject({ bells: 2, clipboard: new Map([["p", "eQ=="]]), copies: new Map([["p", 1]]) })
    expect(later.notifications).toEqual({ count: 2, kept: [numbered(19), numbered(20)] })
    expect(EventCounts.sum(delivered, EventCounts.of(later))).toEqual(EventCounts.of({ ...frame, ...clipboard }))
    expect(EventCounts.since(frame, EventCounts.sum(EventCounts.NONE, EventCounts.NONE))).toBe(frame)
    expect(EventCounts.since(frame, { ...EventCounts.NONE, notifications: 1 }).notifications).toEqual({
      count: 19,
      kept: sent(20).kept
    })
  })
})

describe("the parts of a notification", () => {
  it.prop("are bounded, whatever a program sends", [Schema.Array(Schema.String)], ([texts]) => {
    let parts = NotificationParts.NONE
    for (const text of [...texts, ...texts.map((text, i) => `i=${i}:d=0;${text}`)]) {
      const [next, complete] = NotificationParts.add(parts, text)
      parts = next
      if (complete !== undefined) expect(complete.title.length + complete.body.length).toBeGreaterThan(0)
      expect(parts.length).toBeLessThanOrEqual(NotificationParts.MAX_INCOMPLETE)
    }
  })

  it("that never end take no more memory", () => {
    let parts = NotificationParts.NONE
    for (let i = 0; i < 100; i++) parts = NotificationParts.add(parts, `i=1:d=0;${"x".repeat(8000)}`)[0]
    expect(parts[0]?.title.length).toBeLessThanOrEqual(4 * DesktopNotification.MAX_TITLE)
    const [, complete] = NotificationParts.add(parts, "i=1;")
    expect(complete?.title.length).toBe(DesktopNotification.MAX_TITLE)
  })
})
