import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as ClientArguments from "../../../src/domain/arguments/ClientArguments.ts"
import * as ForwardSpec from "../../../src/domain/forwarding/ForwardSpec.ts"
import type { SessionEnding } from "../../../src/domain/wire/SessionEnding.ts"
import * as ExitMessage from "../../../src/domain/client/ExitMessage.ts"
import * as Requirements from "../../../src/domain/client/Requirements.ts"
import * as DisplayPreference from "../../../src/domain/prediction/trust/DisplayPreference.ts"

const connect = { _tag: "Connect", host: "192.0.2.1", port: 60001, verbose: false, agent: false, forwards: [] }

describe("ClientArguments", () => {
  it("takes an address and a port, and what stock mosh passes along", () => {
    expect(ClientArguments.parse(["192.0.2.1", "60001"])).toEqual(connect)
    expect(ClientArguments.parse(["-# -v --help host |", "192.0.2.1", "60001"])).toEqual(connect)
    expect(ClientArguments.parse(["-#", "--help", "192.0.2.1", "60001"])).toEqual(connect)
    expect(ClientArguments.parse(["-A", "192.0.2.1", "60001"])).toEqual({ ...connect, agent: true })
    expect(ClientArguments.parse(["-vv", "--", "192.0.2.1", "60001"])).toEqual({ ...connect, verbose: true })
  })

  it("takes what to forward, and refuses what is no forwarding", () => {
    const parsed = ClientArguments.parse(["-L", "1:a:2", "-D3", "-R", "4:/s", "192.0.2.1", "60001"])
    const forwards = parsed._tag === "Connect" ? parsed.forwards.map(ForwardSpec.display) : parsed
    expect(forwards).toEqual(["-L 1:a:2", "-D 3", "-R 4:/s"])
    expect(ClientArguments.parse(["-L", "1:a", "192.0.2.1", "60001"])).toEqual({
      _tag: "Wrong",
      complaint: "mosh-client: -L 1:a is not a forwarding: its destination is missing."
    })
  })

  it("accepts --help, --version and the like", () => {
    expect(ClientArguments.parse(["-c"])).toEqual({ _tag: "Colors" })
    expect(ClientArguments.parse(["x", "-vc", "-z"])).toEqual({ _tag: "Colors" })
    expect(ClientArguments.parse(["-z", "-c"])._tag).toBe("Wrong")
    expect(ClientArguments.parse(["--help", "x"])).toEqual({ _tag: "Help" })
    expect(ClientArguments.parse(["--version"])).toEqual({ _tag: "Version" })
  })

  it("refuses everything else in one line", () => {
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
    expect(Requirements.obstacles({ LC_ALL: "C" }, false).at(-1)).toContain("LC_ALL=C.UTF-8 mosh …")
    expect(Requirements.obstacles({}, false)[2]).toContain("[no charset variables]")
    expect(Requirements.obstacles({ LANG: "C.UTF-8" }, true)).toEqual(["TERM environment variable not set."])
    expect(Requirements.obstacles({ LANG: "C.UTF-8" }, false)).toEqual([])
  })
})

describe("DisplayPreference", () => {
  it("accepts stock mosh's words and no others", () => {
    expect(DisplayPreference.parse(undefined)).toEqual(Result.succeed("adaptive"))
    for (const known of ["adaptive", "always", "never", "experimental"])
      expect(DisplayPreference.parse(known)).toEqual(Result.succeed(known))
    expect(DisplayPreference.parse("foo")).toEqual(
      Result.fail("Unknown prediction mode foo: use one of adaptive, always, never, experimental.")
    )
    expect(Result.isFailure(DisplayPreference.parse(""))).toBe(true)
  })
})

describe("ExitMessage", () => {
  const clean: ExitMessage.Ending = {
    host: "::1",
    port: 60001,
    how: "Acknowledged",
    silentFor: 100,
    unsent: undefined,
    refused: false,
    reported: undefined,
    signal: undefined,
    typing: true,
    undelivered: false,
    detaching: false
  }

  it("prints nothing after a clean end", () => {
    expect(ExitMessage.lines(clean)).toEqual([])
    expect(ExitMessage.lines({ ...clean, how: "PeerShutdown" })).toEqual([])
  })

  it("prints one line if the user did not end the session", () => {
    const ended = (ending: Partial<ExitMessage.Ending>) =>
      ExitMessage.lines({ ...clean, how: "PeerShutdown", ...ending })
    const because = (why: SessionEnding["why"], status?: number) => ended({ reported: { why, status }, typing: true })
    expect(because("ProgramEnded", 130)).toEqual([])
    expect(because("Terminated")).toEqual(["mosh: a signal ended the session on ::1 (mosh --kill, or a shutdown)."])
    expect(because("ProgramKilled", 137)[0]).toContain("by signal 9.")
    for (const why of ["ProgramNotStarted", "HungUp", "ClientSilent", undefined] as const)
      expect(because(why)).toHaveLength(1)
    // A stock server gives no reason.
    expect(ended({ typing: true })).toEqual([])
    expect(ended({ typing: false })).toHaveLength(1)
    expect(ExitMessage.lines({ ...clean, signal: "SIGTERM" })).toEqual(["mosh: this client was ended by SIGTERM."])
  })

  it("prints the command that attaches again, with the session's name if the server reports a valid one", () => {
    const ended = (ending: Partial<ExitMessage.Ending>, session?: string) =>
      ExitMessage.lines({
        ...clean,
        how: "PeerShutdown",
        reported: { why: "Detached", status: undefined, session },
        ...ending
      })
    const attachCommand = (which: string | number | undefined) => `attach to ${which}`
    expect(ended({}, "work")).toEqual([
      "mosh: detached; the session on ::1 keeps running. To attach again: mosh --attach=work [user@]host"
    ])
    expect(ended({ attachCommand }, "4711")[0]).toContain("To attach again: attach to 4711")
    for (const session of [undefined, "$(reboot)", "a b", "--", "", "\x1b[2J"])
      expect(ended({}, session)[0]).toContain("To attach again: mosh --attach [user@]host")
    expect(ended({ how: "Abandoned", detaching: true, reported: undefined, attachCommand })).toEqual([
      "mosh: ::1 did not confirm the detach; the session keeps running there. To attach again: attach to undefined"
    ])
    const taken = ended({
      attachCommand,
      reported: { why: "TakenOver", status: undefined, from: "192.0.2.7", session: "work" }
    })
    expect(taken).toEqual([
      "mosh: another client, at 192.0.2.7, took over the session on ::1. To take it back: attach to work"
    ])
  })

  it("names the address and port to check if nothing was received, and how to open the port", () => {
    const said = ExitMessage.lines({ ...clean, silentFor: undefined, how: "TimedOut" })
    expect(said[0]).toBe("mosh did not make a successful connection to [::1]:60001:")
    expect(said[1]).toBe("the server at ::1 never answered on UDP port 60001.")
    for (const way of ["ufw allow", "nft insert rule", "firewall-cmd", "security group", "-p PORT", "mosh --doctor"])
      expect(said.join("\n")).toContain(way)
  })

  it("does not blame the server's firewall if this machine cannot send", () => {
    const unsent = "sendto: Network is unreachable"
    const said = ExitMessage.lines({ ...clean, silentFor: undefined, how: "TimedOut", unsent })
    expect(said[1]).toBe("nothing could be sent to ::1: sendto: Network is unreachable.")
    expect(said.join("\n")).not.toContain("ufw")
  })

  it("names a closed port as the cause", () => {
    const never = ExitMessage.lines({ ...clean, silentFor: undefined, how: "TimedOut", refused: true })
    expect(never[1]).toBe("::1 answers that its UDP port 60001 is closed.")
    const later = ExitMessage.lines({ ...clean, how: "TimedOut", refused: true })
    expect(later[0]).toBe("mosh did not shut down cleanly: UDP port 60001 of ::1 is closed.")
  })

  it("warns of what may be left behind, and names the next step", () => {
    const said = ExitMessage.lines({ ...clean, how: "TimedOut", undelivered: true }).join("\n")
    expect(said).toContain("mosh did not shut down cleanly: the server at ::1 did not confirm the end")
    expect(said).toContain("mosh --kill")
    expect(said).toContain("may not have reached the server")
    expect(ExitMessage.lines({ ...clean, how: "Abandoned", silentFor: 133_000 })[0]).toContain("silent for 2:13")
    expect(ExitMessage.lines({ ...clean, how: "KeyExhausted" })[0]).toContain("Connect anew")
  })

  it("has an exit status of 0 for clean ends alone", () => {
    const hows = ["Acknowledged", "PeerShutdown", "TimedOut", "Abandoned", "KeyExhausted"] as const
    expect(hows.filter(ExitMessage.isClean)).toEqual(["Acknowledged", "PeerShutdown"])
    expect(hows.map((how) => ExitMessage.words(how, false)).slice(1, 3)).toEqual([
      "the server ended the session",
      "the server never answered"
    ])
  })
})
