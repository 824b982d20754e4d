import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as ClientArguments from "../../src/domain/client/ClientArguments.ts"
import * as ExitMessage from "../../src/domain/client/ExitMessage.ts"
import * as Requirements from "../../src/domain/client/Requirements.ts"
import * as DisplayPreference from "../../src/domain/prediction/DisplayPreference.ts"

const connect = { _tag: "Connect", host: "192.0.2.1", port: 60001, verbose: false }

describe("ClientArguments", () => {
  it("takes an address and a port, and what stock mosh passes along", () => {
    expect(ClientArguments.parse(["192.0.2.1", "60001"])).toEqual(connect)
    expect(ClientArguments.parse(["-# -v --help host |", "192.0.2.1", "60001"])).toEqual(connect)
    expect(ClientArguments.parse(["-#", "--help", "192.0.2.1", "60001"])).toEqual(connect)
    expect(ClientArguments.parse(["-vv", "--", "192.0.2.1", "60001"])).toEqual({ ...connect, verbose: true })
  })

  it("answers questions", () => {
    expect(ClientArguments.parse(["-c"])).toEqual({ _tag: "Colors" })
    expect(ClientArguments.parse(["--help", "x"])).toEqual({ _tag: "Help" })
    expect(ClientArguments.parse(["--version"])).toEqual({ _tag: "Version" })
  })

  it("refuses the rest in a line", () => {
    const complaint = (...line: ReadonlyArray<string>) => {
      const asked = ClientArguments.parse(line)
      return asked._tag === "Wrong" ? asked.complaint : asked
    }
    expect(complaint()).toBe(undefined)
    expect(complaint("1")).toBe(undefined)
    expect(complaint("1", "2", "3")).toBe(undefined)
    expect(complaint("-z")).toBe("mosh-client: invalid option -- 'z'")
    for (const port of ["6000x", "", "0", "65536", "-1", "123456"])
      expect(complaint("--", "::1", port)).toBe(`mosh-client: Bad UDP port (${port})`)
  })
})

describe("Requirements", () => {
  it("needs UTF-8, and to know the terminal that it draws on", () => {
    expect(Requirements.obstacles({ LANG: "en_US.UTF-8", TERM: "xterm" }, true)).toEqual([])
    expect(Requirements.obstacles({ LC_ALL: "C", LANG: "C.UTF-8" }, false)[2]).toContain("(LC_ALL=C)")
    expect(Requirements.obstacles({}, false)[2]).toContain("[no charset variables]")
    expect(Requirements.obstacles({ LANG: "C.UTF-8" }, true)).toEqual(["TERM environment variable not set."])
    expect(Requirements.obstacles({ LANG: "C.UTF-8" }, false)).toEqual([])
  })
})

describe("DisplayPreference", () => {
  it("knows stock mosh's words and no others", () => {
    expect(DisplayPreference.parse(undefined)).toEqual(Result.succeed("adaptive"))
    for (const known of ["adaptive", "always", "never", "experimental"])
      expect(DisplayPreference.parse(known)).toEqual(Result.succeed(known))
    expect(DisplayPreference.parse("foo")).toEqual(Result.fail("Unknown prediction mode foo."))
    expect(Result.isFailure(DisplayPreference.parse(""))).toBe(true)
  })
})

describe("ExitMessage", () => {
  const clean: ExitMessage.Ending = {
    host: "::1",
    port: 60001,
    connected: true,
    clean: true,
    undelivered: false,
    keyExhausted: false
  }

  it("has nothing to say about a clean end", () => {
    expect(ExitMessage.lines(clean)).toEqual([])
  })

  it("names the port to look at when nothing was received", () => {
    const said = ExitMessage.lines({ ...clean, connected: false, clean: false })
    expect(said[0]).toBe("mosh: the server at ::1 never answered on UDP port 60001.")
    expect(said).toContain("  sudo ufw allow 60001/udp")
  })

  it("warns of what may be left behind", () => {
    const said = ExitMessage.lines({ ...clean, clean: false, undelivered: true }).join("\n")
    expect(said).toContain("did not confirm the end")
    expect(said).toContain("may not have reached the server")
    expect(ExitMessage.lines({ ...clean, clean: false, keyExhausted: true })[0]).toContain("connect anew")
  })
})
