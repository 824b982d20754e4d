import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as AgentChoice from "../../../src/domain/forwarding/AgentChoice.ts"
import * as AgentMessage from "../../../src/domain/forwarding/AgentMessage.ts"

const Body = Schema.Uint8Array.check(Schema.makeFilter((bytes) => bytes.length > 0))
const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 })))

const message = (body: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(4 + body.length)
  bytes.writeUInt32BE(body.length)
  bytes.set(body, 4)
  return bytes
}

const string = (text: string | Uint8Array): Uint8Array => message(Buffer.from(text))

const readAll = (bytes: Uint8Array, sizes: ReadonlyArray<number>) => {
  const splitter = AgentMessage.splitter()
  const messages: Array<string> = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length
    const read = AgentMessage.read(splitter, bytes.subarray(at, at + size))
    if (Result.isFailure(read)) return read.failure
    messages.push(...read.success.map((one) => Buffer.from(one).toString("hex")))
    at += size
  }
  return messages
}

describe("AgentMessage", () => {
  it.prop(
    "cuts a stream into the messages that were sent, however it arrives",
    [Schema.Array(Body), Sizes],
    ([all, sizes]) => {
      const messages = all.map(message)
      expect(readAll(Buffer.concat(messages), sizes)).toEqual(messages.map((one) => Buffer.from(one).toString("hex")))
    }
  )

  it.prop("reads any bytes without throwing", [Schema.Uint8Array, Sizes], ([bytes, sizes]) => {
    expect(readAll(bytes, sizes)).toBeDefined()
  })

  it("refuses a message without a type, and one that is too long, by its length alone", () => {
    expect(readAll(Buffer.from("00000000", "hex"), [1])).toMatchObject({ _tag: "MalformedAgentMessage", length: 0 })
    expect(readAll(Buffer.from("00040001", "hex"), [])).toMatchObject({ length: AgentMessage.MAX_LENGTH + 1 })
    expect(readAll(Buffer.from("ffffffff", "hex"), [3])).toMatchObject({ length: 0xffff_ffff })
    const longest = new Uint8Array(AgentMessage.MAX_LENGTH).fill(1)
    expect(readAll(message(longest), [5000])).toHaveLength(1)
  })

  it("grows with what arrives, not with what a length promises", () => {
    const splitter = AgentMessage.splitter()
    AgentMessage.read(splitter, Buffer.from("00040000aa", "hex"))
    expect(splitter.pending.length).toBeLessThan(64)
  })

  it("shows the type of the key of a request for a signature, and nothing else of it", () => {
    const request = (name: string) =>
      message(
        Buffer.concat([Uint8Array.of(AgentMessage.SIGN_REQUEST), string(string(name)), string("data"), Buffer.alloc(4)])
      )
    expect(AgentMessage.signingKey(request("ssh-ed25519"))).toBe("ssh-ed25519")
    expect(AgentMessage.signingKey(request("sk-ssh-ed25519@openssh.com"))).toBe("sk-ssh-ed25519@openssh.com")
    for (const name of ["", "\u001b[2J", "a b", "x".repeat(65)])
      expect(AgentMessage.signingKey(request(name))).toBeUndefined()
    expect(AgentMessage.signingKey(message(Uint8Array.of(AgentMessage.REQUEST_IDENTITIES)))).toBeUndefined()
    expect(AgentMessage.signingKey(request("ssh-ed25519").subarray(0, 12))).toBeUndefined()
  })
})

describe("AgentChoice", () => {
  const environment = { SSH_AUTH_SOCK: "/agent", OTHER: "/other" }
  it.each([
    [undefined, undefined, "Off"],
    [undefined, "no", "Off"],
    [undefined, "yes", "/agent"],
    [undefined, "/path", "/path"],
    [undefined, "$OTHER", "/other"],
    [undefined, "$NONE", "Off"],
    [true, "no", "/agent"],
    [true, "$NONE", "Missing"],
    [false, "yes", "Off"]
  ])("of -A %s and ForwardAgent %s is %s", (asked, forwardAgent, expected) => {
    const choice = AgentChoice.choose({ asked, forwardAgent, environment })
    expect(choice._tag === "Offer" ? choice.path : choice._tag).toBe(expected)
  })
})
