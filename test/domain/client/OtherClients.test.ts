import { describe, expect, it } from "@effect/vitest"
import * as OtherClients from "../../../src/domain/client/OtherClients.ts"

const client = (from: string, more: object = {}) => ({ from, isOwn: false, isViewer: false, leads: false, ...more })
const own = client("192.0.2.1", { isOwn: true })

describe("OtherClients", () => {
  it("reports who is attached when that changes, and nothing else", () => {
    const other = client("192.0.2.7")
    const viewer = client("2001:db8::1", { isViewer: true })
    expect(OtherClients.change([], [own, other])).toBe("Also attached: 192.0.2.7.")
    expect(OtherClients.change([own, other], [own, other, viewer])).toBe(
      "Also attached: 192.0.2.7 and 2001:db8::1 (watching)."
    )
    expect(OtherClients.change([own, other, viewer], [viewer, { ...own, leads: true }, other])).toBe(undefined)
    expect(OtherClients.change([own, other], [own])).toBe("No other client is attached now.")
    expect(OtherClients.change([], [own])).toBe(undefined)
    expect(OtherClients.change([], [own, ...Array.from({ length: 15 }, () => other)])).toBe(
      "Also attached: 15 other clients."
    )
    expect(OtherClients.change([], [own, client("\x1b[2J")])).toBe("Also attached: ?[2J.")
  })
})
