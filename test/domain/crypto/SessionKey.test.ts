import { inspect } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import fixtures from "../../fixtures/mosh-fixtures.json" with { type: "json" }

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const KeyBytes = Schema.Array(Byte).check(Schema.isBetweenLength(16, 16))

const make = (bytes: ReadonlyArray<number>): SessionKey.SessionKey => {
  const key = SessionKey.fromBytes(Uint8Array.from(bytes))
  if (key === undefined) throw new Error("not 16 bytes")
  return key
}

const reason = (text: string) => {
  const key = SessionKey.parse(text)
  return Result.isFailure(key) ? key.failure.reason : undefined
}

describe("SessionKey", () => {
  it.prop("reads what it writes, as base64 without padding", [KeyBytes], ([bytes]) => {
    const text = SessionKey.format(make(bytes))
    expect(text).toBe(Buffer.from(bytes).toString("base64").replace("==", ""))
    expect([...SessionKey.bytes(Result.getOrThrow(SessionKey.parse(text)))]).toEqual(bytes)
  })

  it.prop("reads only what it would write", [Schema.String], ([text]) => {
    const key = SessionKey.parse(text)
    if (Result.isSuccess(key)) expect(SessionKey.format(key.success)).toBe(text)
    else expect(key.failure._tag).toBe("SessionKeyError")
  })

  it("reads the keys of the fixtures", () => {
    const { key_text, capture } = fixtures
    expect([...SessionKey.bytes(Result.getOrThrow(SessionKey.parse(key_text)))]).toEqual([...Array(16).keys()])
    const captured = Result.getOrThrow(SessionKey.parse(capture.key_text))
    expect(Buffer.from(SessionKey.bytes(captured)).toString("hex")).toBe(capture.key_hex)
  })

  it("reports what is wrong with a text", () => {
    expect(reason("")).toBe("length")
    expect(reason("AAECAwQFBgcICQoLDA0ODw==")).toBe("length")
    expect(reason("AAECAwQFBgcICQoLDA0OD-")).toBe("alphabet")
    expect(reason("AAECAwQFBgcICQoLDA0OD ")).toBe("alphabet")
    expect(reason("AAECAwQFBgcICQoLDA0ODx")).toBe("trailing bits")
    for (const last of "AQgw") expect(reason(`AAECAwQFBgcICQoLDA0OD${last}`)).toBeUndefined()
  })

  it("takes 16 bytes and nothing else", () => {
    expect(SessionKey.fromBytes(new Uint8Array(15))).toBeUndefined()
    expect(SessionKey.fromBytes(new Uint8Array(17))).toBeUndefined()
  })

  it.prop("never shows itself by accident", [KeyBytes], ([bytes]) => {
    const key = make(bytes)
    for (const shown of [String(key), JSON.stringify({ key }), inspect(key, { depth: 9, showHidden: true })]) {
      expect(shown).not.toContain(SessionKey.format(key))
      expect(shown).not.toContain(bytes.join(", "))
      expect(shown).not.toContain(bytes.join(","))
    }
  })
})
