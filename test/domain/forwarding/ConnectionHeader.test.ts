import { describe, expect, it } from "@effect/vitest"
import * as ConnectionHeader from "../../../src/domain/forwarding/ConnectionHeader.ts"
import * as ForwardingCode from "../../../src/domain/forwarding/ForwardingCode.ts"
import * as ForwardingPolicy from "../../../src/domain/forwarding/ForwardingPolicy.ts"

const HEADERS: ReadonlyArray<readonly [ConnectionHeader.ConnectionHeader, string]> = [
  [{ _tag: "Connect", to: { _tag: "Tcp", host: "db", port: 5432 } }, "0155386462"],
  [{ _tag: "Connect", to: { _tag: "Tcp", host: "::1", port: 1 } }, "01013a3a31"],
  [{ _tag: "Connect", to: { _tag: "Unix", path: "/run/s" } }, "022f72756e2f73"],
  [{ _tag: "Accepted", listener: 300 }, "03412c"]
]

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"))

describe("the header of a forwarded connection", () => {
  it("is what the specification shows", () => {
    for (const [header, text] of HEADERS) {
      expect(Buffer.from(ConnectionHeader.encode(header)).toString("hex")).toBe(text)
      expect(ConnectionHeader.decode(hex(text))).toEqual(header)
    }
  })

  it("is refused if it names no destination", () => {
    for (const text of [
      "",
      "00",
      "01",
      "0150",
      "01006462",
      "01072a",
      "01076120",
      "0107ff",
      "0107",
      "02",
      "0261",
      "022f00",
      "03",
      "0301ff",
      "04",
      `02${"2f".repeat(108)}`,
      `0107${"61".repeat(256)}`,
      "01800100006462"
    ])
      expect([text, ConnectionHeader.decode(hex(text))]).toEqual([text, undefined])
  })

  it("asks for a listener at the loopback addresses, at one address, or at all", () => {
    for (const host of [undefined, "192.0.2.1", "*", "::"]) {
      for (const port of [0, 80]) {
        const listen = { _tag: "Tcp", host, port } as const
        expect(ConnectionHeader.decodeListener(ConnectionHeader.encodeListener(listen))).toEqual(listen)
      }
    }
    const listen = { _tag: "Unix", path: "./s" } as const
    expect(ConnectionHeader.decodeListener(ConnectionHeader.encodeListener(listen))).toEqual(listen)
    expect(ConnectionHeader.decodeListener(hex("0301"))).toBeUndefined()
  })
})

describe("the codes of forwardings", () => {
  it("are the reasons, and those that are not known are failures", () => {
    for (const [reason, code] of Object.entries(ForwardingCode.codes)) {
      expect(ForwardingCode.reasonOf(code)).toBe(reason)
      expect(code).toBeGreaterThan(1)
    }
    expect(new Set(Object.values(ForwardingCode.codes)).size).toBe(Object.keys(ForwardingCode.codes).length)
    expect([undefined, 0, 99].map(ForwardingCode.reasonOf)).toEqual(["failed", "failed", "failed"])
  })
})

describe("the policy of a server", () => {
  it("is read from a variable, and a value that is not allowed forwards nothing", () => {
    const policyOf = (value: string | undefined) => ForwardingPolicy.read("MOSH_SERVER_FORWARDING", value)
    const policies = [undefined, "yes", "NO", "local", "remote"].map((value) => policyOf(value).policy)
    expect(policies).toEqual([
      { connects: true, listens: true },
      { connects: true, listens: true },
      { connects: false, listens: false },
      { connects: true, listens: false },
      { connects: false, listens: true }
    ])
    expect(policyOf("maybe")).toEqual({
      policy: { connects: false, listens: false },
      warning: "MOSH_SERVER_FORWARDING is not one of yes, no, local, remote: nothing is forwarded"
    })
  })
})
