import { describe, expect, it } from "@effect/vitest"
import * as RelayFailure from "../../../src/domain/relay/RelayFailure.ts"
import * as UdpTable from "../../../src/domain/relay/UdpTable.ts"

const ended = (code: number, ...lines: ReadonlyArray<string>) =>
  RelayFailure.diagnose({ code, signal: undefined }, lines)

describe("RelayFailure", () => {
  it("knows a server without a relay, a missing one, and a session that has ended", () => {
    const stock = ended(1, "Usage: /usr/bin/mosh-server new [-s] [-v] [-i LOCALADDR] [-p PORT[:PORT2]] [-c COLORS]")
    expect([stock.reason, RelayFailure.isFinal(stock)]).toEqual(["Unsupported", true])
    const missing = ended(127, "sh: 1: mosh-server: not found")
    expect([missing.reason, RelayFailure.isFinal(missing)]).toEqual(["ServerNotFound", true])
    expect(ended(RelayFailure.NO_SESSION, "mosh-server: no session").reason).toBe("NoSession")
  })

  it("reports ssh's own last line, without what controls a terminal", () => {
    expect(ended(255, "banner", "\u001b[2Jroot@host: Permission denied (publickey).\r")).toEqual({
      reason: "NotLetIn",
      text: "root@host: Permission denied (publickey)."
    })
    expect(ended(255, "ssh: connect to host h port 22: Connection timed out").reason).toBe("SshFailed")
    expect(RelayFailure.diagnose({ code: undefined, signal: "SIGKILL" }, []).text).toBe("ssh was ended by SIGKILL")
    expect(ended(255, "x".repeat(10_000)).text.length).toBeLessThanOrEqual(200)
  })
})

describe("UdpTable", () => {
  const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
  10: 0100007F:EA61 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 1 2 0000 0
  11: 0100007F:EA61 0200007F:1234 01 00000000:00000000 00:00000000 00000000  1000        0 1 2 0000 0
  12: 0500000A:EA61 00000000:0000 07 00000000:00000000 00:00000000 00000000  1001        0 1 2 0000 0
  13: 00000000:EA62 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 1 2 0000 0
`
  const table6 = `head
   1: 00000000000000000000000001000000:EA61 00000000000000000000000000000000:0000 07 0:0 00:0 0  1000 0 1 2 0 0
   2: B80D0120000000000000000001000000:EA61 00000000000000000000000000000000:0000 07 0:0 00:0 0  1000 0 1 2 0 0
   3: zz:EA61 x
`

  it("lists the addresses of a user's sockets on a port, and of no other user's", () => {
    expect(UdpTable.boundAddresses(table, 60_001, 1000)).toEqual(["127.0.0.1"])
    expect(UdpTable.boundAddresses(table, 60_001, 1001)).toEqual(["10.0.0.5"])
    expect(UdpTable.boundAddresses(table, 60_002, 1000)).toEqual(["0.0.0.0"])
    expect(UdpTable.boundAddresses(table, 60_003, 1000)).toEqual([])
    expect(UdpTable.boundAddresses(table6, 60_001, 1000)).toEqual(["0:0:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:1"])
  })
})
