/**
 * Messages between nodes are bounded, and nodes of two releases understand each other.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as SessionIdentity from "../../../src/domain/cluster/SessionIdentity.ts"
import * as Messages from "../../../src/domain/cluster/SessionMessages.ts"

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

describe("a message of a later release", () => {
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
