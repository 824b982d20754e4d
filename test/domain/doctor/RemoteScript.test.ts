import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { execFileSync } from "node:child_process"
import type { Finding } from "../../../src/domain/doctor/Finding.ts"
import * as RemoteScript from "../../../src/domain/doctor/RemoteScript.ts"
import * as Report from "../../../src/domain/doctor/Report.ts"
import * as SshFindings from "../../../src/domain/doctor/SshFindings.ts"
import * as ThereFindings from "../../../src/domain/doctor/ThereFindings.ts"
import { requirePrograms } from "../../support/peers.ts"

const hear = (lines: ReadonlyArray<string>): RemoteScript.RemoteFacts =>
  lines.reduce(RemoteScript.readLine, RemoteScript.NOTHING)

const ASKED: ThereFindings.Asked = {
  operand: "host",
  server: undefined,
  environment: { LANG: "de_DE.UTF-8" },
  answeredAt: 1_000_000_500
}
const told = (answers: ReadonlyArray<string>, version: ReadonlyArray<string> = STOCK, asked = ASKED) => {
  const lines = ["begin", ...answers, "version"].map((text) => `MOSH-DOCTOR ${text}`)
  const found = ThereFindings.findings(hear([...lines, ...version, "MOSH-DOCTOR end"]), asked)
  return (check: string): Finding => found.find((finding) => finding.check === check) as Finding
}
const STOCK = ["mosh-server (mosh 1.4.0) [build mosh 1.4.0]", "Copyright"]

describe("what the other machine answers", () => {
  const Line = Schema.Array(
    Schema.Union([
      Schema.Literals(["MOSH-DOCTOR ", "MOSH IP ", "begin", "version", "end", "charmap", "kill", "b true", " ", "\r"]),
      Schema.Literals(["\x1b[2J", "\x1b]0;t\x07", "\u202e", "\u009b5n", "=", "__proto__", "constructor", "clock"]),
      Schema.String
    ])
  )

  it.prop("may be anything: the report's lines never control the terminal", [Schema.Array(Line)], ([lines]) => {
    const facts = hear(["MOSH-DOCTOR begin", ...lines.map((parts) => parts.join(""))])
    const findings = [
      ...ThereFindings.findings(facts, ASKED),
      SshFindings.login(facts, 1),
      SshFindings.noLogin("host", facts, { code: 255, signal: undefined }, 1),
      SshFindings.way(lines.map((parts) => parts.join("")).join("\n"))
    ]
    for (const line of [
      ...findings.map((finding) => Report.row(finding, { colors: false })),
      ...Report.closing(findings)
    ]) {
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/)
      expect(line.length).toBeLessThan(400)
    }
  })

  it("may be endless: only a bounded part is kept", () => {
    const flood = Array.from(
      { length: 5000 },
      (_, n) => `MOSH-DOCTOR ${n % 2 === 0 ? `k${n}` : "firewall"} ${"x".repeat(5000)}`
    )
    const facts = hear([
      "MOSH-DOCTOR begin",
      ...flood,
      "MOSH-DOCTOR version",
      ...flood.map((line) => line.slice(12)),
      "MOSH-DOCTOR end"
    ])
    expect(JSON.stringify([...facts.answers, facts.version, facts.printed]).length).toBeLessThan(100_000)
    expect(facts.stage).toBe("complete")
  })

  it.each<[string, ReadonlyArray<string>, ReadonlyArray<string>, Finding["outcome"], RegExp]>([
    ["mosh-server", ["server /usr/bin/mosh-server"], STOCK, "ok", /^stock mosh 1\.4\.0, \/usr\/bin\/mosh-server$/],
    ["mosh-server", ["server /x/mosh-server"], ["mosh-server (effect-mosh 0.1.0)"], "ok", /^effect-mosh 0\.1\.0, /],
    ["mosh-server", ["path /bin"], ["sh: 1: mosh-server: not found"], "failed", /^not on the PATH: \/bin$/],
    [
      "mosh-server",
      ["path /bin", "elsewhere /opt/homebrew/bin/mosh-server"],
      [],
      "failed",
      /^there is \/opt\/homebrew/
    ],
    ["mosh-server", ["server /x/mosh-server"], ["huh"], "warning", /prints no known version: huh/],
    ["locale", ["language LANG=en_US.UTF-8", "charmap UTF-8"], STOCK, "ok", /^UTF-8 \(LANG=en_US\.UTF-8\)$/],
    ["locale", ["charmap ANSI_X3.4-1968", "offered UTF-8"], STOCK, "ok", /from the local LANG=de_DE\.UTF-8/],
    ["locale", ["charmap US-ASCII", "offered US-ASCII", "neutral UTF-8"], STOCK, "failed", /is not UTF-8 there/],
    ["locale", [], STOCK, "ok", /de_DE/],
    ["logout", ["kill b true", "linger Linger=no", "user ann"], STOCK, "warning", /KillUserProcesses/],
    ["logout", ["kill b true", "linger Linger=yes"], STOCK, "ok", /linger/],
    ["logout", ["kill b false"], STOCK, "ok", /leaves/],
    ["logout", [], STOCK, "skipped", /no systemd/],
    ["clock", ["clock 1000001"], STOCK, "ok", /as here/],
    ["clock", ["clock 1007200"], STOCK, "ok", /^2 h ahead of this one; no session depends on it$/],
    ["clock", ["clock 999940"], STOCK, "ok", /^60 s behind this one/],
    ["clock", ["clock x"], STOCK, "skipped", /no answer/],
    ["firewall", ["firewall ufw", "firewall nftables"], STOCK, "ok", /^ufw and nftables must let UDP in/],
    ["firewall", [], STOCK, "skipped", /^no firewall service runs; rules are not read/],
    ["system", ['release "Debian"', "system Linux 6.1 x86_64"], STOCK, "ok", /^Debian, Linux 6\.1 x86_64$/]
  ])("%s by %j", (check, answers, version, outcome, text) => {
    const finding = told(answers, version)(check)
    expect(finding.text).toMatch(text)
    expect(finding.outcome).toBe(outcome)
    expect(finding.next.length > 0).toBe(outcome === "failed" || outcome === "warning")
  })

  it("leaves the check of the locale to a server that the user names", () => {
    const answers = ["charmap US-ASCII", "offered US-ASCII", "neutral UTF-8"]
    const locale = told(answers, STOCK, { ...ASKED, server: "/opt/mosh-server" })("locale")
    expect(locale).toMatchObject({ outcome: "warning", next: [expect.stringContaining("env LC_ALL=C.UTF-8 /opt/")] })
  })
})

describe("the questions", () => {
  it.for(["sh", "bash", "zsh", "fish"])("are put by %s, which changes nothing in them", (shell, context) => {
    requirePrograms(context, shell)
    const odd = `C.UTF-8' "\`$HOME\` !x`
    const command = RemoteScript.command("echo the server", { LANG: odd, LC_TIME: "C" })
    const printed = execFileSync(shell, ["-c", command], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8" }
    })
    const facts = hear(printed.split("\n"))
    expect(facts).toMatchObject({ stage: "complete", version: ["the server --version"], printed: [] })
    expect(RemoteScript.one(facts, "clock")).toMatch(/^\d+$/)
    expect(RemoteScript.one(facts, "charmap")).toBe("UTF-8")
    // A locale that does not exist.
    expect(RemoteScript.one(facts, "offered")).toBe("ANSI_X3.4-1968")
    expect(RemoteScript.all(facts, "language")).toContain("LC_ALL=C.UTF-8")
  })
})
