import { describe, expect, it } from "@effect/vitest"
import * as Exit from "effect/Exit"
import * as ReportedEnding from "../../../src/domain/session/ReportedEnding.ts"

describe("ReportedEnding", () => {
  it("reports the exit status of a program as a shell does", () => {
    const exited = (code: number, signal: number) =>
      ReportedEnding.ofProgram({ _tag: "Exited", exit: { code, signal } })
    expect(exited(3, 0)).toEqual({ why: "ProgramEnded", status: 3 })
    expect(exited(256, 0)).toEqual({ why: "ProgramEnded", status: 0 })
    expect(exited(0, 9)).toEqual({ why: "ProgramKilled", status: 137 })
    expect(ReportedEnding.ofProgram({ _tag: "NotStarted" })).toEqual({ why: "ProgramNotStarted", status: 127 })
    const finished = (exit: Exit.Exit<void, string>) => ReportedEnding.ofProgram({ _tag: "Finished", exit })
    expect(finished(Exit.void)).toEqual({ why: "ProgramEnded", status: 0 })
    expect(finished(Exit.fail("no"))).toEqual({ why: "ProgramEnded", status: 1 })
  })

  it("names the session where a client can attach to it again", () => {
    const closed = { by: "192.0.2.7", name: "work" }
    expect(ReportedEnding.ofTransport("TakenOver", undefined, closed)).toEqual({
      why: "TakenOver",
      status: undefined,
      from: "192.0.2.7",
      session: "work"
    })
    expect(ReportedEnding.ofTransport("ClientLeft", undefined, { by: undefined, name: "work" })).toEqual({
      why: "ClientLeft",
      status: undefined
    })
    expect(ReportedEnding.ofTransport("Terminated", undefined, undefined)).toEqual({
      why: "Terminated",
      status: undefined
    })
  })

  it("adds nothing to an end that its program's end explains, or that no client sees", () => {
    expect(ReportedEnding.ofTransport("ProgramEnded", undefined, undefined)).toBeUndefined()
    expect(ReportedEnding.ofTransport("NoClient", undefined, undefined)).toBeUndefined()
  })
})
