/**
 * Named sessions as users see them: names, choices, the list for scripts, limits.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { split } from "../../../src/domain/arguments/ShellWords.ts"
import * as ClientState from "../../../src/domain/registry/ClientState.ts"
import * as DetachedLimit from "../../../src/domain/registry/DetachedLimit.ts"
import * as Persistence from "../../../src/domain/session/Persistence.ts"
import * as RequestOrigin from "../../../src/domain/registry/RequestOrigin.ts"
import * as SessionChoice from "../../../src/domain/registry/SessionChoice.ts"
import * as SessionJson from "../../../src/domain/registry/SessionJson.ts"
import * as SessionName from "../../../src/domain/registry/SessionName.ts"
import * as SessionPrompt from "../../../src/domain/registry/SessionPrompt.ts"
import * as SessionRecord from "../../../src/domain/registry/SessionRecord.ts"

type Told = SessionRecord.SessionReport

const told = (more: Partial<Told> = {}): Told => ({
  port: 60001,
  program: "cat",
  attached: true,
  contact: null,
  ...more
})

const record = (pid: number, name?: string): SessionRecord.SessionRecord => ({
  pid,
  age: pid * 1000,
  told: told(name === undefined ? {} : { name })
})

const listed = ({ age, pid, told }: SessionRecord.SessionRecord): SessionRecord.Listed => ({
  pid,
  age,
  details: { _tag: "Told", told }
})

describe("SessionName", () => {
  it.prop("is bounded, printable, and one word of any shell", [Schema.String], ([text]) => {
    const read = SessionName.parse(text)
    if (Result.isFailure(read)) return
    expect(text).toMatch(/^[A-Za-z][\w.-]{0,31}$/)
    expect(split(text)).toEqual(Result.succeed([text]))
    expect(SessionName.selector(text)).toBe(text)
  })

  it.each(["work", "a", "A.b_c-9", "x".repeat(32)])("may be %s", (text) => {
    expect(SessionName.isValid(text)).toBe(true)
  })

  it.each(["", "all", "new", "7", "-a", ".a", "a/b", "a b", "a\n", "é", "x".repeat(33), "$(a)"])(
    "may not be %j",
    (text) => {
      expect(SessionName.isValid(text)).toBe(false)
    }
  )
})

describe("Persistence", () => {
  it("keeps a session with a name, or on request, and no other, when its client left", () => {
    const detachable = false
    expect(Persistence.isPersistent({ name: undefined, detachable })).toBe(false)
    expect(Persistence.isPersistent({ name: "work", detachable })).toBe(true)
    expect(Persistence.isPersistent({ name: undefined, detachable: true })).toBe(true)
  })
})

describe("ClientState", () => {
  const from = "192.0.2.7"
  it.each<[string, Partial<Told>, ClientState.ClientState]>([
    ["no client yet", { since: { attached: false, age: 9 } }, { _tag: "None" }],
    ["a client", { since: { attached: true, age: 9000 }, contact: { age: 5, from } }, { _tag: "Attached", age: 9000 }],
    [
      "a client that detached a moment ago",
      { since: { attached: false, age: 100 }, contact: { age: 90, from } },
      { _tag: "Detached", age: 100 }
    ],
    [
      "a client that was killed",
      { attached: false, since: { attached: true, age: 99_000 }, contact: { age: 50_000, from } },
      { _tag: "Detached", age: 50_000 }
    ],
    [
      "a client that has been silent for long",
      { attached: true, since: { attached: true, age: 99_000 }, contact: { age: 30_000, from } },
      { _tag: "Detached", age: 30_000 }
    ],
    ["a report of an earlier version", { contact: { age: 5, from } }, { _tag: "Attached", age: 5 }]
  ])("of %s", (_, more, state) => {
    expect(ClientState.of(told(more))).toEqual(state)
  })
})

describe("SessionChoice", () => {
  it("is the only session, but never the one that the request comes from", () => {
    const { choose } = SessionChoice
    expect(choose([record(7)], undefined)).toEqual({ _tag: "Chosen", pid: 7 })
    expect(choose([record(7), record(8, "work")], "7")).toEqual({ _tag: "Chosen", pid: 8 })
    expect(choose([record(7), record(8, "work")], "work")).toEqual({ _tag: "Chosen", pid: 7 })
    expect(choose([record(8, "work")], "work")).toEqual({ _tag: "None", isInside: true })
    expect(choose([], "work")).toEqual({ _tag: "None", isInside: false })
    expect(choose([record(7), record(8), record(9, "work")], "work")).toMatchObject({
      _tag: "Several",
      sessions: [{ pid: 7 }, { pid: 8 }]
    })
  })
})

describe("SessionPrompt", () => {
  const sessions = [record(70, "work"), record(4), record(900, "4711x")].map(listed)

  it("takes the number of a row, a name, or an ID", () => {
    const lines = SessionPrompt.lines(sessions, () => "today")
    expect(lines.map((line) => line.slice(0, 6).trimEnd())).toEqual(["   ID", "1  900", "2  70", "3  4"])
    for (const [answer, pid] of [
      ["1", 900],
      [" 2 \r", 70],
      ["3", 4],
      ["work", 70],
      ["900", 900]
    ] as const)
      expect(SessionPrompt.chosen(sessions, answer)?.pid).toBe(pid)
    for (const answer of ["", "0", "4x", "other", "12345678901", "-1"])
      expect(SessionPrompt.chosen(sessions, answer)).toBeUndefined()
  })
})

describe("SessionJson", () => {
  it.prop(
    "is one line of objects with the same fields, and controls no terminal",
    [Schema.Array(SessionRecord.Listed)],
    ([sessions]) => {
      const text = SessionJson.format(sessions)
      expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/)
      const objects = JSON.parse(text) as ReadonlyArray<object>
      expect(objects.length).toBe(sessions.length)
      for (const object of objects) expect(Object.keys(object)).toEqual(FIELDS)
    }
  )

  const FIELDS = [
    "id",
    "name",
    "server",
    "answers",
    "age",
    "client",
    "since",
    "address",
    "program",
    "directory",
    "title"
  ]

  it("tells what is known, in whole seconds, oldest first", () => {
    const details = {
      _tag: "Told",
      told: told({
        name: "work",
        foreground: "vim\u009b2J",
        directory: "~/src",
        since: { attached: true, age: 61_999 },
        contact: { age: 1000, from: "192.0.2.7" }
      })
    } as const
    const rest = {
      name: null,
      age: null,
      client: null,
      since: null,
      address: null,
      program: null,
      directory: null,
      title: null
    }
    expect(
      JSON.parse(
        SessionJson.format([
          { pid: 8, age: null, details: { _tag: "Stock" } },
          { pid: 9, age: null, details: { _tag: "Silent", name: "busy" } },
          { pid: 7, age: 90_500, details }
        ])
      )
    ).toEqual([
      {
        id: 7,
        name: "work",
        server: "effect-mosh",
        answers: true,
        age: 90,
        client: "attached",
        since: 61,
        address: "192.0.2.7",
        program: "vim\u009b2J",
        directory: "~/src",
        title: null
      },
      { ...rest, id: 8, server: "stock", answers: false },
      { ...rest, id: 9, name: "busy", server: "effect-mosh", answers: false }
    ])
  })
})

describe("RequestOrigin", () => {
  it.prop("reads what it writes, and nothing else", [Schema.String, Schema.String], ([session, host]) => {
    const text = RequestOrigin.format(session, host)
    if (text !== undefined) expect(RequestOrigin.parse(text)).toEqual({ session, host })
    const read = RequestOrigin.parse(`inside=${session}@${host}`)
    expect(read === undefined).toBe(text === undefined)
  })

  it("names the user and the ssh client for the log, in bounded printable text", () => {
    expect(RequestOrigin.requester("ann", "192.0.2.7 5000 192.0.2.1 22")).toBe("ann by ssh from 192.0.2.7")
    expect(RequestOrigin.requester("ann", undefined)).toBe("ann")
    expect(RequestOrigin.requester("ann", "\u001b[2J" + "x".repeat(999))).toMatch(/^[ -~…]{1,200}$/)
  })

  it("distinguishes hosts, because both may have a session of that name", () => {
    expect(RequestOrigin.parse(RequestOrigin.format("work", "a.host") ?? "")).toEqual({
      session: "work",
      host: "a.host"
    })
    expect(RequestOrigin.format(undefined, "a.host")).toBeUndefined()
    expect(RequestOrigin.parse("detachable")).toBeUndefined()
  })
})

describe("DetachedLimit", () => {
  it("refuses a further session from the limit on; unset, 0 and nonsense are no limit", () => {
    expect(DetachedLimit.read("V", "5")).toEqual({ limit: 5, warning: undefined })
    for (const text of [undefined, "", "0"])
      expect(DetachedLimit.read("V", text)).toEqual({ limit: undefined, warning: undefined })
    for (const text of ["-1", "many", "1e9", "1234567"])
      expect(DetachedLimit.read("V", text)).toEqual({ limit: undefined, warning: "V not a valid number, ignoring" })
    expect(DetachedLimit.refusal("V", 4, 5)).toBeUndefined()
    expect(DetachedLimit.refusal("V", 5, 5)).toContain("you have 5 detached sessions here, and V allows 5")
  })
})
