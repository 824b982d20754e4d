import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Detached from "../../../src/domain/registry/Detached.ts"
import * as Utmp from "../../../src/domain/registry/Utmp.ts"

const SIZE = 384

const record = (type: number, { host, line, user }: Utmp.Login): Uint8Array => {
  const bytes = Buffer.alloc(SIZE)
  bytes.writeInt16LE(type, 0)
  bytes.write(line, 8)
  bytes.write(user, 44)
  bytes.write(host, 76)
  return bytes
}

const file = (...logins: ReadonlyArray<Utmp.Login>) => Buffer.concat(logins.map((login) => record(7, login)))

const login = (host: string, user = "ann", line = "pts/1"): Utmp.Login => ({ user, line, host })

describe("Utmp", () => {
  it.prop(
    "reads any bytes",
    [Schema.Uint8Array, Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 400 }))],
    ([bytes, size]) => {
      expect(Utmp.parse(bytes, size).length).toBeLessThanOrEqual(bytes.length / size)
    }
  )

  it("finds who is logged in, and nothing else", () => {
    const logins = [login("1.2.3.4"), login("mosh [12]")]
    const bytes = Buffer.concat([record(2, login("boot")), file(...logins), record(8, login("gone")), Buffer.alloc(9)])
    expect(Utmp.parse(bytes, SIZE)).toEqual(logins)
  })

  it("warns of one's own detached sessions only", () => {
    const logins = [
      login("1.2.3.4 via mosh [11]"),
      login("mosh [12]"),
      login("mosh [13]", "bob"),
      login("mosh [14]", "ann", "pts/gone"),
      login("mosh [15]")
    ]
    const sessions = Utmp.detachedSessions(logins, "ann", (line) => line !== "pts/gone")
    expect(sessions).toEqual(["mosh [12]", "mosh [15]"])
    expect(Detached.warning(sessions)).toContain("  - mosh [15]")
    expect(Detached.warning(["mosh [12]"])).toContain("session on this server (mosh [12])")
    expect(Detached.warning([])).toBe("")
  })
})
