/**
 * Messages between nodes are bounded, and nodes of two releases understand each other.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ClusterFailure from "../../../src/domain/cluster/ClusterFailure.ts"
import * as SessionIdentity from "../../../src/domain/cluster/SessionIdentity.ts"
import * as Messages from "../../../src/domain/cluster/SessionMessages.ts"
import { MachineRefusal } from "../../../src/services/cluster/MachineRpcs.ts"

const accepts = Schema.is(Messages.Request)
const variables = (count: number, value = "") =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`V${i}`, value]))

describe("a request", () => {
  it("has at most 64 words and variables, of at most 4096 characters", () => {
    const word = "x".repeat(4096)
    expect(accepts({ command: Array(64).fill(word), environment: variables(64, word) })).toBe(true)
    expect(accepts({ command: Array(65).fill(""), environment: {} })).toBe(false)
    expect(accepts({ command: [word + "x"], environment: {} })).toBe(false)
    expect(accepts({ command: [], environment: variables(65) })).toBe(false)
    expect(accepts({ command: [], environment: { A: word + "x" } })).toBe(false)
    for (const name of ["", "A=B", "A B", "1A", "A\n", "A".repeat(65)]) {
      expect(accepts({ command: [], environment: { [name]: "" } })).toBe(false)
    }
  })
})

describe("an identity", () => {
  it.prop("never contains what separates its parts", [Schema.String, SessionIdentity.Name], ([owner, name]) => {
    if (SessionIdentity.isValid({ owner, name })) expect(owner + name).toMatch(/^[A-Za-z0-9._@+-]+$/)
  })
})

/** The message with one more field in each of its objects. `environment` has any names, so one more would be no unknown one. */
const extended = (message: unknown, field: string): unknown =>
  typeof message === "object" && message !== null && !Array.isArray(message)
    ? Object.fromEntries([
        ...Object.entries(message).map(([name, value]) => [
          name,
          name === "environment" ? value : extended(value, field)
        ]),
        [`later ${field}`, { a: [] }]
      ])
    : message

describe("a message of a later release", () => {
  for (const [name, schema] of Object.entries({
    request: Messages.Request,
    opened: Messages.Opened,
    status: Messages.Status,
    machine: Messages.Machine
  })) {
    const codec = Schema.toCodecJson(schema as Schema.Codec<unknown, unknown>)
    it.prop(`may have more fields: ${name}`, [codec, Schema.String], ([message, field]) => {
      const sent = Schema.encodeSync(codec)(message)
      expect(Schema.encodeSync(codec)(Schema.decodeUnknownSync(codec)(extended(sent, field)))).toEqual(sent)
    })
  }

  it.prop("may have another reason of a failure", [Schema.String, Schema.Boolean], ([text, isKnown]) => {
    const sent = { _tag: "ClusterFailure", reason: isKnown ? "TooMany" : `later ${text}`, message: text.slice(0, 1024) }
    expect(Schema.decodeUnknownSync(Schema.toCodecJson(ClusterFailure.ClusterFailure))(sent)).toMatchObject({
      reason: isKnown ? "TooMany" : "Unavailable",
      message: sent.message
    })
    const refusal = { _tag: "MachineRefusal", reason: isKnown ? "Full" : `later ${text}` }
    expect(Schema.decodeUnknownSync(Schema.toCodecJson(MachineRefusal))(refusal).reason).toBe(
      isKnown ? "Full" : "Failed"
    )
  })

  it("may have more fields", () => {
    const decode = Schema.decodeUnknownSync(Schema.toCodecJson(Messages.Opened))
    const ticket = {
      id: "54ef8163-fdef-44c1-899c-f4854f719c9e",
      machine: "w",
      address: "192.0.2.1",
      port: 60001,
      key: "A".repeat(22)
    }
    const message = { ticket: { ...ticket, later: 1 }, isNew: true, later: { a: [] } }
    expect(decode(message)).toMatchObject({ isNew: true, ticket: { machine: "w" } })
    expect(() => decode({ ...message, ticket: { ...ticket, port: 0 } })).toThrow("ticket")
  })
})
