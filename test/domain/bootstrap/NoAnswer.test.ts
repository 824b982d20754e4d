import { describe, expect, it } from "@effect/vitest"
import * as NoAnswer from "../../../src/domain/bootstrap/NoAnswer.ts"

const silence: NoAnswer.Silence = {
  destination: "me@host",
  login: "ssh -p 2222 me@host",
  address: "10.0.0.5",
  port: 60_001,
  addressUncertain: false,
  hostname: undefined,
  refused: undefined
}

const said = (known: Partial<NoAnswer.Silence>) => NoAnswer.lines({ ...silence, ...known }).join("\n")

describe("NoAnswer", () => {
  it("adds nothing if nothing more is known", () => {
    expect(NoAnswer.lines(silence)).toEqual([])
    expect(NoAnswer.lines({ ...silence, addressUncertain: true, hostname: "10.0.0.5" })).toEqual([])
  })

  it("compares the server's address with the one that ssh was given", () => {
    expect(said({ addressUncertain: true, hostname: "203.0.113.7" })).toBe(
      "mosh: 10.0.0.5 is how me@host calls itself, and ssh calls it 203.0.113.7. " +
        "Behind NAT, or a jump host, that may be no way to it.\n" +
        "If UDP reaches it elsewhere: mosh --experimental-remote-ip=local me@203.0.113.7"
    )
    expect(said({ addressUncertain: true, hostname: "inner.example" })).toContain("=local me@ADDRESS")
    expect(said({ addressUncertain: true })).toContain("calls itself. Behind NAT")
  })

  it("explains what may have closed a port, and how to find out", () => {
    const lines = said({ refused: "connection refused" })
    expect(lines).toContain("UDP port 60001 of 10.0.0.5 says: connection refused.")
    expect(lines).toContain("ssh -p 2222 me@host pgrep -af mosh-server")
    expect(lines).toMatch(/KillUserProcesses=yes.*loginctl enable-linger/)
  })
})
