import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Notification from "../../../src/domain/client/Notification.ts"
import * as NotificationBar from "../../../src/domain/client/NotificationBar.ts"
import { blank } from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"

const HINT = "[To quit: Ctrl-^ .]"
const words: Notification.Words = { port: 60001, quitHint: HINT, help: "Commands: …" }
const START = 1000

const { deadline, step } = Notification.machine

/** A bar to which things happen at times after the start; woken at each of its deadlines. */
class Bar {
  state = Notification.initial(words, START)
  readonly outputs: Array<string> = []
  readonly wakes: Array<number> = []

  at(time: number, input: Notification.Input = { _tag: "Tick" }): string | undefined {
    for (let wake = deadline(this.state); wake < START + time; wake = deadline(this.state)) {
      this.wakes.push(wake - START)
      this.take({ _tag: "Tick" }, wake)
    }
    this.take(input, START + time)
    return this.state.text
  }

  heard(time: number, acknowledged = time): string | undefined {
    return this.at(time, { _tag: "Contact", lastHeard: START + time, lastAcknowledged: START + acknowledged })
  }

  private take(input: Notification.Input, now: number): void {
    const [next, outputs] = step(this.state, input, now)
    this.state = next
    this.outputs.push(...outputs.map(({ _tag }) => _tag))
  }
}

const report = (roundTrip: number, columns = 80): Notification.Report => ({
  facts: {
    trouble: undefined,
    roundTrip,
    loss: undefined,
    silentFor: 500,
    addresses: 1,
    server: "[::1]:60001",
    predicted: { shown: 7, wrong: 0 },
    password: false,
    attached: []
  },
  columns
})

const connected = (): Bar => {
  const bar = new Bar()
  bar.heard(0)
  return bar
}

describe("Notification", () => {
  it("counts down while the server does not answer, then gives up", () => {
    const bar = new Bar()
    expect(bar.at(249)).toBe(undefined)
    expect(bar.at(250)).toBe(`mosh: No answer on UDP port 60001; giving up in 15 s. ${HINT}`)
    expect(bar.at(1000)).toBe(`mosh: No answer on UDP port 60001; giving up in 14 s. ${HINT}`)
    expect(bar.at(8000)).toBe(`mosh: No answer on UDP port 60001; giving up in 7 s. ${HINT}`)
    expect(bar.wakes.length).toBeLessThan(15)
    expect(bar.at(14_999)).toContain("giving up in 1 s.")
    expect(bar.at(15_000)).toBe(`mosh: Timed out waiting for server... (15 s without contact.) ${HINT}`)
    expect(bar.at(60_000)).toContain("Timed out waiting for server... (1:00 without contact.)")
    expect(bar.outputs.filter((output) => output === "GiveUp")).toHaveLength(1)
  })

  it("announces what comes next, in 80 columns", () => {
    const state = Notification.initial({ ...words, unanswered: "asking about ssh" }, 0)
    const [asking] = step(state, { _tag: "Tick" }, 300)
    expect(asking.text).toBe(`mosh: No answer on UDP port 60001; asking about ssh in 15 s. ${HINT}`)
    expect(asking.text?.length).toBeLessThanOrEqual(80)
    const [patient] = step(Notification.initial(words, 0, Infinity), { _tag: "Tick" }, 300)
    expect(patient.text).toBe(`mosh: No answer on UDP port 60001. ${HINT}`)
  })

  it("reports a closed port until the server answers", () => {
    const bar = new Bar()
    expect(bar.at(2000, { _tag: "Refused" })).toBe(`mosh: UDP port 60001 is closed; giving up in 13 s. ${HINT}`)
    expect(bar.at(6999)).toContain("is closed")
    expect(bar.at(7000)).toBe(`mosh: No answer on UDP port 60001; giving up in 8 s. ${HINT}`)
    expect(bar.heard(7001)).toBe(undefined)
    expect(bar.at(17_000, { _tag: "Refused" })).toBe(`mosh: UDP port 60001 is closed. (9 s without contact.) ${HINT}`)
    expect(bar.heard(17_001)).toBe(undefined)
  })

  it("falls silent when the server is heard", () => {
    const bar = new Bar()
    bar.at(5000)
    expect(bar.heard(5001)).toBe(undefined)
    expect(bar.heard(20_000)).toBe(undefined)
    expect(bar.outputs).not.toContain("GiveUp")
  })

  it("counts how long the server, or its reply, has been missing", () => {
    const bar = connected()
    expect(bar.at(6500)).toBe(undefined)
    expect(bar.at(6501)).toBe(`mosh: Last contact 6 seconds ago. ${HINT}`)
    expect(bar.at(59_999)).toBe(`mosh: Last contact 59 seconds ago. ${HINT}`)
    expect(bar.at(60_000)).toBe(`mosh: Last contact 1:00 ago. ${HINT}`)
    expect(bar.at(62_900)).toBe(`mosh: Last contact 1:00 ago. ${HINT}`)
    expect(bar.at(63_000)).toBe(`mosh: Last contact 1:03 ago. ${HINT}`)
    expect(bar.at(3_723_000)).toBe(`mosh: Last contact 1:02:03 ago. ${HINT}`)
    const deaf = connected()
    for (let time = 0; time < 10_000; time += 1000) deaf.heard(time, 0)
    expect(deaf.heard(10_000, 0)).toBe(undefined)
    expect(deaf.heard(10_001, 0)).toBe(`mosh: Last reply 10 seconds ago. ${HINT}`)
    expect(deaf.at(12_000, { _tag: "Message", text: "Hello." })).toBe(`mosh: Hello. (12 s without reply.) ${HINT}`)
  })

  it("shows messages for five seconds, and trouble until it is over", () => {
    const bar = connected()
    expect(bar.at(8, { _tag: "Message", text: "Hello." })).toBe(`mosh: Hello. ${HINT}`)
    expect(bar.at(9, { _tag: "Message", text: undefined })).toBeUndefined()
    expect(bar.at(10, { _tag: "Message", text: "Hello." })).toBe(`mosh: Hello. ${HINT}`)
    expect(bar.heard(5009)).toBe(`mosh: Hello. ${HINT}`)
    expect(bar.at(5010)).toBe(undefined)
    const text = "sendto: Network is unreachable"
    expect(bar.at(6000, { _tag: "Trouble", text })).toBe(`mosh: ${text} ${HINT}`)
    expect(bar.at(9099)).toBe(`mosh: ${text} ${HINT}`)
    expect(bar.at(9100)).toBe(undefined)
    bar.at(9200, { _tag: "Trouble", text })
    bar.at(9300, { _tag: "TroubleOver" })
    expect(bar.at(10_299)).toBe(`mosh: ${text} ${HINT}`)
    expect(bar.at(10_300)).toBe(undefined)
  })

  it("shows what is most pressing, and no hint with the help", () => {
    const bar = connected()
    bar.at(1, { _tag: "Trouble", text: "sendto: Permission denied" })
    expect(bar.at(2, { _tag: "Help", shown: true })).toBe("mosh: Commands: …")
    expect(bar.at(3, { _tag: "Help", shown: false })).toContain("Permission denied")
    expect(bar.at(4, { _tag: "Ending", text: "Exiting on user request..." })).toBe(
      `mosh: Exiting on user request... ${HINT}`
    )
    expect(bar.at(5, { _tag: "Ending", text: undefined })).toContain("Permission denied")
  })

  it("shows the command line while it is typed, and a list without the hint", () => {
    const bar = connected()
    bar.at(1, { _tag: "Trouble", text: "sendto: Permission denied" })
    expect(bar.at(2, { _tag: "Prompt", text: "" })).toBe("mosh> _")
    expect(bar.at(3, { _tag: "Prompt", text: "-L 80" })).toBe("mosh> -L 80_")
    expect(bar.at(60_000)).toBe("mosh> -L 80_")
    bar.heard(60_000)
    expect(bar.at(60_001, { _tag: "Prompt", text: undefined })).toBe(undefined)
    expect(bar.at(60_002, { _tag: "Message", text: "2 forwarded:\n  one" })).toBe("mosh: 2 forwarded:\n  one")
    bar.at(60_003, { _tag: "Prompt", text: "-L" })
    expect(bar.at(60_004, { _tag: "Ending", text: "Exiting..." })).toBe(`mosh: Exiting... ${HINT}`)
  })

  it("tells how the session fares for 10 s, once a second, and sleeps again", () => {
    const bar = connected()
    const line = (roundTrip: number) =>
      `mosh: round trip ${roundTrip} ms, heard 0 s ago, [::1]:60001, 7 predicted, 0 wrong`
    expect(bar.at(100, { _tag: "Status", report: report(20) })).toBe(line(20))
    expect(bar.at(1099)).toBe(line(20))
    expect(bar.outputs).toEqual(["Redraw"])
    bar.at(1100)
    expect(bar.outputs).toEqual(["Redraw", "Sample"])
    expect(bar.at(1100, { _tag: "Report", report: report(30) })).toBe(line(30))
    expect(bar.heard(10_099)).toBe(line(30))
    expect(bar.heard(10_100)).toBe(undefined)
    expect(bar.outputs.filter((output) => output === "Sample")).toHaveLength(9)
    const wakes = bar.wakes.length
    expect(bar.at(10_200, { _tag: "Report", report: report(40) })).toBe(undefined)
    bar.heard(16_000)
    expect(bar.wakes.length).toBe(wakes)
  })

  it("takes the status away when it is asked for again, and lets more pressing things before it", () => {
    const bar = connected()
    bar.at(1, { _tag: "Status", report: report(20, 30) })
    expect(bar.at(2)).toBe("mosh: 20 ms, 0 s ago")
    expect(bar.at(3, { _tag: "Trouble", text: "sendto: Permission denied" })).toBe("mosh: 20 ms, 0 s ago")
    expect(bar.at(4, { _tag: "Help", shown: true })).toBe("mosh: Commands: …")
    bar.at(5, { _tag: "Help", shown: false })
    expect(bar.at(5, { _tag: "Report", report: report(20, 10) })).toBe("20 ms")
    expect(bar.at(6, { _tag: "Status", report: report(20) })).toContain("Permission denied")
    bar.at(7, { _tag: "Status", report: report(20) })
    expect(bar.at(8, { _tag: "Ending", text: "Exiting..." })).toBe(`mosh: Exiting... ${HINT}`)
  })

  const Event = Schema.Struct({
    after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20_000 })),
    input: Schema.Union([
      Schema.TaggedStruct("Message", { text: Schema.Literals(["one", "two"]) }),
      Schema.TaggedStruct("Trouble", { text: Schema.Literals(["three", "four"]) }),
      Schema.TaggedStruct("TroubleOver", {}),
      Schema.TaggedStruct("Help", { shown: Schema.Boolean }),
      Schema.TaggedStruct("Status", {}),
      Schema.TaggedStruct("Tick", {})
    ])
  })

  it.prop("is awake whenever its text changes", { events: Schema.Array(Event) }, ({ events }) => {
    // One bar is woken at its deadlines only, the other also in between: they never differ.
    const lazy = new Bar()
    const eager = new Bar()
    let time = 0
    for (const { after, input: event } of events) {
      const input = event._tag === "Status" ? { ...event, report: report(20) } : event
      for (let between = time; between < time + after; between += 333) eager.at(between)
      time += after
      lazy.at(time)
      eager.at(time)
      expect(lazy.state.text).toBe(eager.state.text)
      expect(lazy.at(time, input)).toBe(eager.at(time, input))
      expect(deadline(lazy.state)).toBeGreaterThan(START + time)
    }
  })
})

describe("NotificationBar", () => {
  it("covers the top row, and hides the cursor there only", () => {
    const frame = blank({ columns: 12, rows: 3 })
    const noted = NotificationBar.draw(frame, "mosh: 漢字 and more")
    const top = noted.rows[0] as Row.Row
    expect(Array.from({ length: 12 }, (_, column) => Row.text(top, column)).join("")).toBe("mosh: 漢字 a")
    expect(Row.rendition(top, 11).background).toBe(Row.rendition(top, 0).background)
    expect(noted.rows.slice(1)).toEqual(frame.rows.slice(1))
    expect(noted.cursor.visible).toBe(false)
    expect(NotificationBar.draw({ ...frame, cursor: { ...frame.cursor, row: 1 } }, "x").cursor.visible).toBe(true)
    const list = NotificationBar.draw({ ...frame, cursor: { ...frame.cursor, row: 1 } }, "one\ntwo")
    expect(list.rows.slice(0, 2).map((row) => Row.line(row).trimEnd())).toEqual(["one", "two"])
    expect(list.rows.slice(2)).toEqual(frame.rows.slice(2))
    expect(list.cursor.visible).toBe(false)
    expect(NotificationBar.draw(frame, "x\n".repeat(100)).rows).toHaveLength(frame.rows.length)
  })
})
