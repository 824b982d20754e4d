import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as OpenPorts from "../../../src/domain/arguments/OpenPorts.ts"

const Port = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))

describe("OpenPorts", () => {
  it.prop("shows for every firewall how to open the requested port, in lines that fit a terminal", [Port], ([port]) => {
    const lines = OpenPorts.openPortAdvice(port)
    expect(lines.map((line) => line.split(":")[0]?.trim()).slice(1)).toEqual([
      "ufw",
      "nftables",
      "firewalld",
      "a cloud"
    ])
    for (const line of lines.slice(1)) {
      const [, low, high = low] = /(\d+)(?:[:-](\d+))?/.exec(line) ?? []
      expect(Number(low)).toBeLessThanOrEqual(port)
      expect(Number(high)).toBeGreaterThanOrEqual(port)
    }
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(110)
  })

  it("without a requested port, opens all that servers choose from", () => {
    expect(OpenPorts.openPortAdvice(60_001).join("\n")).toContain("sudo ufw allow 60001:60999/udp")
    expect(OpenPorts.openPortAdvice(443).join("\n")).toContain("sudo ufw allow 443/udp")
  })

  it("opens a range in the syntax of each firewall", () => {
    const lines = OpenPorts.openRangeAdvice({ low: 60_000, high: 60_010 }).join("\n")
    expect(lines).toContain("sudo ufw allow 60000:60010/udp")
    expect(lines).toContain("udp dport 60000-60010 accept")
    expect(lines).toContain("--add-port=60000-60010/udp")
  })
})
