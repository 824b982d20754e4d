/**
 * What one machine tells another of its sessions, and what a person gets to see of it.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Detached from "../../../src/domain/registry/Detached.ts"
import * as Ending from "../../../src/domain/session/Ending.ts"
import { plain } from "../../../src/domain/session/PlainText.ts"
import * as SessionCommand from "../../../src/domain/registry/SessionCommand.ts"
import * as SessionRecord from "../../../src/domain/registry/SessionRecord.ts"
import * as SessionReply from "../../../src/domain/registry/SessionReply.ts"
import * as SessionTable from "../../../src/domain/registry/SessionTable.ts"

const Listed = SessionRecord.Listed
const Pid = SessionRecord.Pid
const TEXT = /^[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]*$/

const hearAll = (lines: ReadonlyArray<string>): SessionReply.Reply =>
  lines.reduce((reply, line) => SessionReply.readLine(reply, line) ?? reply, SessionReply.initial)

/** JSON has one zero. */
const positive = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Such lines as might be taken for ours. */
const Line = Schema.Union([
  Schema.String,
  Schema.TemplateLiteral([Schema.Literals(["MOSH SESSIONS ", "MOSH SESSION ", "MOSH PROCESS "]), Schema.String]),
  Schema.TemplateLiteral([
    Schema.Literals(["MOSH ENDED ", "MOSH STAYS ", "MOSH SPARED ", "MOSH PROCESS 7 "]),
    Schema.String
  ])
])

describe("SessionReply", () => {
  it.prop("parses what it formats", [Schema.Array(Listed)], ([sessions]) => {
    expect(positive(hearAll(SessionReply.listLines(sessions)))).toMatchObject({
      by: "Server",
      announced: sessions.length,
      sessions: positive(sessions)
    })
  })

  it.prop(
    "hears which sessions ended, and which were spared",
    [Schema.Array(Schema.Struct({ pid: Pid, ended: Schema.Boolean })), Schema.Array(Pid)],
    ([results, spared]) => {
      const lines = SessionReply.killLines(results, spared).map((line) => `${line}\r`)
      expect(hearAll(lines)).toMatchObject({ results, spared, killDone: true })
    }
  )

  it.prop("prints nothing that controls a terminal, for any reply", [Schema.Array(Line)], ([lines]) => {
    const { sessions, results } = hearAll(lines)
    for (const row of SessionTable.lines(sessions, String)) expect(row).toMatch(TEXT)
    for (const { pid } of results) expect(pid).toBeGreaterThan(1)
  })

  it("makes a hostile program's name harmless", () => {
    const details = {
      _tag: "Told",
      told: { port: 1, program: "\u001b]0;x\u0007\u202e\n" + "x".repeat(999), attached: true, contact: null }
    } as const
    const [, row = ""] = SessionTable.lines([{ pid: 7, age: 0, details }], () => "today")
    expect(row).toMatch(/^7 +- +today +none yet +- +\?\]0;x\?\?\?x+…$/)
    expect(row.length).toBeLessThan(120)
  })

  it("holds no more than anybody has", () => {
    const [, line = ""] = SessionReply.listLines([{ pid: 7, age: 0, details: { _tag: "Silent" } }])
    expect(hearAll(Array.from({ length: 3000 }, () => line)).sessions.length).toBe(1000)
  })

  it.each([
    ["01:02", 62_000],
    ["1:02:03", 3_723_000],
    ["12-01:00:00", 1_040_400_000],
    ["7", undefined],
    ["a:b", undefined],
    ["-1:00", undefined]
  ])("reads ps's elapsed time %s", (text, expected) => {
    expect(SessionReply.elapsedMillis(text)).toBe(expected)
  })
})

describe("SessionTable", () => {
  const told = (pid: number, age: number, contact: SessionRecord.SessionReport["contact"], attached: boolean) => {
    const report = { name: "work", port: 60001, program: "tmux a", attached, contact, since: { attached, age: 7000 } }
    return { pid, age, details: { _tag: "Told", told: report } } as const
  }

  it("lists what is known, oldest first", () => {
    const rows = SessionTable.lines(
      [
        told(100, 5000, { age: 2000, from: "192.0.2.7" }, true),
        told(2_000_000, 90_000, { age: 7_200_000, from: "2001:db8::1" }, false),
        { pid: 40, age: 60_000, details: { _tag: "Stock" } },
        { pid: 41, age: null, details: { _tag: "Silent", name: "busy" } }
      ],
      (age) => `-${age / 1000}`
    )
    expect(rows).toEqual([
      "ID       NAME  SINCE  CLIENT        FROM         PROGRAM                           DIRECTORY  TITLE",
      "2000000  work  -90    detached 7 s  2001:db8::1  tmux a",
      "40       -     -60    ?             ?            ? (stock mosh: it does not tell)",
      "100      work  -5     attached 7 s  192.0.2.7    tmux a",
      "41       busy  ?      ?             ?            ? (it does not answer)"
    ])
  })

  it("distinguishes sessions by what runs in them, where, and under which title", () => {
    const details = {
      _tag: "Told",
      told: {
        port: 60001,
        program: "login shell",
        foreground: "vim notes.txt",
        directory: `~/${"deep/".repeat(20)}end`,
        title: "notes\u001b[2J",
        attached: true,
        contact: null
      }
    } as const
    const [, row = ""] = SessionTable.lines([{ pid: 7, age: 0, details }], () => "today")
    expect(row).toMatch(/^7 +- +today +none yet +- +vim notes\.txt +….{30,38}\/end +notes\?\[2J$/)
  })

  it.each([
    [0, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [3_600_000, "1 h"],
    [172_799_999, "47 h"],
    [172_800_000, "2 days"]
  ])("says %s ms as %s", (span, expected) => {
    expect(SessionTable.duration(span)).toBe(expected)
  })
})

describe("SessionCommand", () => {
  it("spares from a general end who has a client, or may have one", () => {
    const told = (attached: boolean) =>
      ({ pid: 7, age: 0, details: { _tag: "Told", told: { port: 1, program: "", attached, contact: null } } }) as const
    const all = { which: "all", force: false } as const
    expect(SessionCommand.isSpared(all, told(true))).toBe(true)
    expect(SessionCommand.isSpared(all, told(false))).toBe(false)
    for (const _tag of ["Stock", "Silent", "Unknown"] as const) {
      expect(SessionCommand.isSpared(all, { pid: 7, age: 0, details: { _tag } })).toBe(true)
      expect(SessionCommand.isSpared({ which: 7, force: false }, { pid: 7, age: 0, details: { _tag } })).toBe(false)
      expect(SessionCommand.isSpared({ which: "all", force: true }, told(true))).toBe(false)
    }
  })
})

describe("SessionRecord", () => {
  it.prop("reads what it writes", [SessionRecord.SessionRecord], ([record]) => {
    expect(positive(SessionRecord.decode(SessionRecord.encode(record)))).toEqual(positive(record))
  })

  it.prop("reads any text", [Schema.String, Schema.Int], ([text, pid]) => {
    expect(SessionRecord.decode(text)).toBeUndefined()
    expect(SessionRecord.decode(JSON.stringify({ pid, age: -1, told: {} }))).toBeUndefined()
  })
})

describe("Detached", () => {
  it("names the sessions that had a client and have none now", () => {
    const record = (
      pid: number,
      attached: boolean,
      contact: SessionRecord.SessionReport["contact"],
      name?: string
    ) => ({
      pid,
      age: 0,
      told: { port: 1, program: "", attached, contact, ...(name !== undefined && { name }) }
    })
    const from = "192.0.2.7"
    expect(
      Detached.names([
        record(10, false, null),
        record(11, true, { age: 3000, from }),
        record(12, true, { age: 35_000, from }),
        record(13, false, { age: 99_000, from }),
        record(14, false, { age: 31_000, from }, "work"),
        record(15, false, { age: 98_000, from }, "\u001b[2J")
      ])
    ).toEqual(["work", "12", "15", "13"])
  })

  it("reports them in one line, with the command that attaches to the first", () => {
    expect(Detached.notice([])).toBe("")
    expect(Detached.notice(["work", "7"])).toBe(
      "\u001b[37;44mMosh: detached sessions here: work, 7. To return to one: mosh --attach=work HOST\u001b[m\n\n"
    )
    const many = Detached.notice(Array.from({ length: 500 }, (_, at) => String(at + 10)))
    expect(many).toContain("10, 11, 12, 13, 14, 15, 16, 17, and 492 more.")
  })
})

describe("Ending", () => {
  it("reports why, and how its program ended", () => {
    const exited = (code: number, signal: number) => ({ _tag: "Exited", exit: { code, signal } }) as const
    const age = 7_200_000
    expect(Ending.line("ProgramEnded", { age, end: exited(3, 0) })).toBe(
      "the session ended after 2 h: its program ended with status 3"
    )
    expect(Ending.line("ProgramEnded", { age, end: exited(0, 9) })).toContain("its program ended by signal 9")
    expect(Ending.line("ClientLeft", { age, end: undefined })).toBe("the session ended after 2 h: its client left")
  })
})

describe("PlainText", () => {
  it.prop("lets nothing through that steers a terminal, and no more than asked for", [Schema.String], ([text]) => {
    const shown = plain(`${text}\u009b31m\u001b[2J\ud800`, 80)
    expect(shown).toMatch(TEXT)
    expect(shown.length).toBeLessThanOrEqual(80)
    expect(plain("漢字 é 👍", 80)).toBe("漢字 é 👍")
  })
})
