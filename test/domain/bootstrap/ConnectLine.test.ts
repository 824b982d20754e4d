import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ConnectLine from "../../../src/domain/bootstrap/ConnectLine.ts"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"

const Beginning = Schema.Literals(["", " ", "MOSH", "MOSH CONNECT ", "MOSH IP ", "MOSH SSH_CONNECTION ", "MOSH XYZ "])
const Key = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9+/]{22}$/))
const Port = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))
const End = Schema.Literals(["", "\r", " ", " \t\r"])

describe("ConnectLine", () => {
  it.prop(
    "is total, and takes nothing for ours but by its beginning",
    [Beginning, Schema.String],
    ([beginning, rest]) => {
      const line = beginning + rest
      const ours = /^MOSH (CONNECT|IP|SSH_CONNECTION) /.test(line)
      expect(ConnectLine.parse(line)._tag === "Other").toBe(!ours)
    }
  )

  it.prop("reads port and key", [Port, Key, End], ([port, key, end]) => {
    expect(ConnectLine.parse(`MOSH CONNECT ${port} ${key}${end}`)).toEqual({ _tag: "Connect", port, key })
  })

  it.prop("reads back an address", [Schema.Literals(["127.0.0.1", "::1", "fe80::1%eth0"]), End], ([address, end]) => {
    expect(ConnectLine.parse(ConnectLine.formatAddress(address) + end)).toEqual({ _tag: "Address", address })
  })

  it("accepts every session key", () => {
    const key = SessionKey.fromBytes(Uint8Array.from({ length: 16 }, (_, at) => at * 17))
    if (key === undefined) throw new Error("16 bytes are a key")
    const text = SessionKey.format(key)
    expect(ConnectLine.parse(`MOSH CONNECT 60001 ${text}`)).toMatchObject({ _tag: "Connect", key: text })
  })

  it("reads sshd's address of the connection", () => {
    expect(ConnectLine.parse("MOSH SSH_CONNECTION 10.0.0.1 50000 192.0.2.7 22\r")).toEqual({
      _tag: "SshConnection",
      address: "192.0.2.7"
    })
  })

  it.each([
    "MOSH CONNECT 60001 AAAAAAAAAAAAAAAAAAAAAA trailing",
    "MOSH CONNECT 60001 AAAAAAAAAAAAAAAAAAAAA",
    "MOSH CONNECT 60001 AAAAAAAAAAAAAAAAAAAAAAA",
    "MOSH CONNECT 0 AAAAAAAAAAAAAAAAAAAAAA",
    "MOSH CONNECT 65536 AAAAAAAAAAAAAAAAAAAAAA",
    "MOSH CONNECT  60001 AAAAAAAAAAAAAAAAAAAAAA",
    "MOSH CONNECT 60001 AAAAAAAAAAAAAAAAAAAAA_",
    "MOSH IP ",
    "MOSH IP a b",
    "MOSH IP -x",
    "MOSH IP \u001b[2J",
    `MOSH IP ${"1".repeat(65)}`,
    "MOSH SSH_CONNECTION 10.0.0.1 50000 UNKNOWN 22",
    "MOSH SSH_CONNECTION 10.0.0.1 50000 192.0.2.7"
  ])("%j is malformed", (line) => {
    expect(ConnectLine.parse(line)).toEqual({ _tag: "Malformed", text: line })
  })
})
