import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Zlib from "node:zlib"
import { BootstrapError } from "../../../src/domain/bootstrap/BootstrapError.ts"
import * as EchoTimes from "../../../src/domain/doctor/EchoTimes.ts"
import * as Finding from "../../../src/domain/doctor/Finding.ts"
import * as HereFindings from "../../../src/domain/doctor/HereFindings.ts"
import * as LinkFindings from "../../../src/domain/doctor/LinkFindings.ts"
import * as Report from "../../../src/domain/doctor/Report.ts"
import * as SessionProbe from "../../../src/domain/doctor/SessionProbe.ts"
import * as SshFindings from "../../../src/domain/doctor/SshFindings.ts"

const HERE: HereFindings.Here = {
  program: "mosh (effect-mosh 0.1.0)",
  node: "v26.1.0",
  system: "linux x64",
  terminal: { columns: 80, rows: 24 },
  colors: 256,
  environment: { TERM: "xterm-256color", LANG: "C.UTF-8" }
}
const here = (changes: Partial<HereFindings.Here>, check: string) =>
  HereFindings.findings({ ...HERE, ...changes }).find((finding) => finding.check === check)
const SERVER = { address: "192.0.2.1", port: 60001, key: "", addressUncertain: false }

/** The sizes of datagrams on a path that carries full ones. */
const FULL = { toUs: 1252, toServer: 1252 }

describe("the report", () => {
  const { failed, ok, skipped, warning } = Finding.of("UDP")

  it("has a line for each check, then the advice, and the conclusion", () => {
    const findings = [ok("contact", "fine"), skipped("x", "no"), warning("loss", "much", ["a cable"])]
    expect(findings.map((finding) => Report.row(finding, { colors: false }))).toEqual([
      "  contact        ok       fine",
      "  x              skipped  no",
      "  loss           warning  much"
    ])
    expect(Report.closing(findings)).toEqual([
      "",
      "What to do:",
      "  loss:",
      "    a cable",
      "",
      "A session would work; 1 of 3 checks warn.",
      "This report names hosts, addresses, paths and versions. It holds no key and no password."
    ])
    expect(Report.exitCode(findings)).toBe(0)
    expect(Report.exitCode([...findings, failed("contact", "none")])).toBe(1)
    expect(Report.row(ok("a", "b"), { colors: true })).toBe("  a              \x1b[32mok      \x1b[m b")
  })

  it("shows no key", () => {
    const detail = "MOSH CONNECT 60001 4NeCCgvZFe2RnPgrcU1PQw extra"
    const error = new BootstrapError({ reason: "LineMalformed", destination: "host", detail })
    const finding = LinkFindings.notStarted(error, [detail])
    expect(Report.closing([finding]).join("\n")).not.toContain("4NeCC")
    expect(Report.closing([finding]).join("\n")).toContain("MOSH CONNECT 60001 (a key)")
  })
})

describe("the findings", () => {
  it.each<[string, Partial<HereFindings.Here>, Finding.Outcome, string]>([
    ["terminal", {}, "ok", "xterm-256color, 80×24, 256 colours"],
    ["terminal", { terminal: undefined }, "ok", "none here"],
    ["terminal", { environment: {} }, "failed", "TERM is not set"],
    ["terminal", { colors: undefined }, "warning", "terminfo here does not know it"],
    ["terminal", { environment: { TERM: "dumb" }, colors: undefined }, "ok", "plain text"],
    ["locale", {}, "ok", "UTF-8 (LANG=C.UTF-8)"],
    ["locale", { environment: { LC_ALL: "C", LANG: "C.UTF-8" } }, "failed", "US-ASCII, not UTF-8 (LC_ALL=C)"],
    ["Node", { node: "v22.1.0" }, "failed", "v22.1.0"]
  ])("%s %j", (check, changes, outcome, text) => {
    expect(here(changes, check)).toMatchObject({ outcome, text: expect.stringContaining(text) })
  })

  it.each<[ReadonlyArray<string>, string | undefined]>([
    [["OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.11 19 Sep 2023"], "OpenSSH_9.2p1 Debian-2+deb12u3"],
    [["warning: x", "OpenSSH_9.6p1, LibreSSL 3.3.6"], "OpenSSH_9.6p1"],
    [["OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2"], "OpenSSH_for_Windows_8.1p1"],
    [["Dropbear v2022.83"], undefined],
    [[], undefined]
  ])("the version of ssh in %j", (said, version) => {
    expect(HereFindings.sshVersion(said)).toBe(version)
  })

  it.each([
    ["", "skipped", "does not print"],
    ["user me\nhostname h.example\nport 22\nproxyjump none", "ok", "directly to me@h.example, TCP port 22"],
    ["hostname h\nport 2222\nproxyjump bastion,b2", "ok", "through bastion,b2 to h, TCP port 2222"],
    ["hostname h\nproxycommand connect --password s3cret %h", "ok", "by a proxy command of your own to h, TCP port 22"]
  ])("the way by %j", (settings, outcome, text) => {
    const finding = SshFindings.way(settings)
    expect(finding).toMatchObject({ outcome, text: expect.stringContaining(text) })
    expect(finding.text).not.toContain("s3cret")
  })

  it("explain how to open the requested ports, and name firewalls that were found", () => {
    const silence = {
      server: SERVER,
      seconds: 8,
      trouble: "refused.",
      operand: "h",
      firewalls: ["ufw"],
      isRelayed: false
    }
    const chosen = LinkFindings.noContact({ ...silence, ports: { low: 61000, high: 61010 } })
    expect(chosen).toMatchObject({
      outcome: "failed",
      text: "nothing came back on UDP port 60001 of 192.0.2.1 within 8 s (refused)"
    })
    expect(chosen.next.join("\n")).toContain("sudo ufw allow 61000:61010/udp")
    expect(chosen.next.join("\n")).toContain("Running there: ufw")
    const relayed = LinkFindings.noContact({ ...silence, ports: undefined, isRelayed: true })
    expect(relayed).toMatchObject({ outcome: "warning", text: chosen.text })
    expect(relayed.next.join("\n")).toContain("works through ssh")
    expect(LinkFindings.noContact({ ...silence, ports: undefined }).next.join("\n")).toContain("60001:60999/udp")
  })

  it.each<[number | undefined, number, Finding.Outcome, string]>([
    [0, 33, "ok", "0 % of the server's 33 datagrams were lost; of the 50 sent to it, 2 were retransmissions"],
    [0.0625, 30, "ok", "6.3 % of the server's 32 datagrams were lost"],
    [0.25, 30, "warning", "25 % of the server's 40 datagrams were lost"],
    [undefined, 3, "ok", "too few of the server's datagrams arrived to measure loss (3)"],
    [1, 0, "warning", "100 % of the server's 0 datagrams"]
  ])("loss %d of %d", (lossIn, received, outcome, text) => {
    const finding = LinkFindings.loss({ lossIn, received, retransmissions: 2, sent: 50 })
    expect(finding).toMatchObject({ outcome, text: expect.stringContaining(text) })
  })

  it.each<[boolean | undefined, boolean | undefined, number, Finding.Outcome]>([
    [true, true, 0, "ok"],
    [true, false, 0, "failed"],
    [false, undefined, 0, "failed"],
    [false, undefined, 0.5, "warning"],
    [undefined, true, 0, "ok"],
    [undefined, false, 0, "failed"],
    [undefined, undefined, 0, "skipped"]
  ])("full size: to us %s, to the server %s, loss %d", (toUs, toServer, lossIn, outcome) => {
    const size = { server: SERVER, toUs, toServer, sizes: FULL, refused: false, seconds: 4, lossIn }
    expect(LinkFindings.fullSize(size).outcome).toBe(outcome)
  })
})

it("reports each family, and which path a session uses", () => {
  const tested = { family: "IPv6", address: "2001:db8::1", port: 60001, ms: 12, isEffectMosh: true } as const
  expect(LinkFindings.family(tested)).toMatchObject({
    check: "over IPv6",
    outcome: "ok",
    text: "UDP port 60001 of 2001:db8::1 answers, after 12 ms"
  })
  expect(LinkFindings.family({ ...tested, address: undefined }).outcome).toBe("skipped")
  const silent = LinkFindings.family({ ...tested, ms: undefined })
  expect(silent).toMatchObject({ outcome: "warning", text: "UDP port 60001 of 2001:db8::1 does not answer" })
  expect(silent.next.join(" ")).toContain("--bind-server")
  const used = {
    address: "192.0.2.1",
    isUncertain: false,
    others: ["2001:db8::1"],
    hasRelay: false,
    isRelayOnly: false
  }
  expect(LinkFindings.path(used).text).toBe(
    "a session uses UDP to 192.0.2.1, which ssh reached; if it falls silent, the session also tries 2001:db8::1"
  )
  expect(LinkFindings.path({ ...used, hasRelay: true }).text).toMatch(/also tries 2001:db8::1, ssh$/)
  const silentUdp = { ...used, address: undefined }
  expect(LinkFindings.path(silentUdp)).toMatchObject({
    outcome: "skipped",
    text: "neither UDP nor ssh carries a session"
  })
  expect(LinkFindings.path({ ...silentUdp, hasRelay: true }).text).toMatch(/^a session uses ssh, because UDP is silent/)
  expect(LinkFindings.path({ ...used, hasRelay: true, isRelayOnly: true }).outcome).toBe("ok")
  expect(LinkFindings.path({ ...used, isRelayOnly: true }).outcome).toBe("failed")
})

it.each<[LinkFindings.RelayTest["outcome"], boolean, Finding.Outcome, RegExp]>([
  [42, true, "ok", /through ssh, after 42 ms$/],
  [42, false, "ok", /through ssh, after 42 ms$/],
  [undefined, true, "warning", /did not answer through ssh within 4 s/],
  [undefined, false, "failed", /did not answer/],
  [{ reason: "Unsupported", text: "no relay" }, true, "skipped", /^no relay$/],
  [{ reason: "Unsupported", text: "no relay" }, false, "failed", /^no relay$/],
  [{ reason: "NotLetIn", text: "Permission denied" }, true, "warning", /^Permission denied$/]
])("a relay that ends in %j, with UDP: %s", (outcome, hasUdp, expected, text) => {
  const finding = LinkFindings.relay({ outcome, hasUdp, seconds: 4 })
  expect(finding).toMatchObject({ outcome: expected, text: expect.stringMatching(text) })
  expect(finding.next.length > 0).toBe(expected === "failed" || expected === "warning")
})

it("reports that this machine cannot send full-size packets", () => {
  const size = { server: SERVER, toUs: true, toServer: true, sizes: FULL, seconds: 4, lossIn: 0 }
  expect(LinkFindings.fullSize({ ...size, refused: false }).text).toBe("packets of 1280 bytes pass in both directions")
  expect(LinkFindings.fullSize({ ...size, refused: true }).text).toMatch(/too large for this machine to send/)
})

it("reports a program that does not start, and one that does not answer", () => {
  const failures = [LinkFindings.noProgram(20), LinkFindings.roundTrip(EchoTimes.typed(EchoTimes.NONE, 0), 20)]
  expect(failures).toMatchObject([
    { check: "round trip", outcome: "failed", text: "the session's program did not start within 20 s" },
    { check: "round trip", outcome: "failed", text: "none of the 1 keys typed was echoed" }
  ])
})

it("reports a path that carries only smaller packets", () => {
  const size = { server: SERVER, toUs: true, toServer: true, refused: false, seconds: 4, lossIn: 0 }
  expect(LinkFindings.fullSize({ ...size, sizes: { toUs: 1140, toServer: 1472 } })).toMatchObject({
    outcome: "warning",
    text: "packets of 1280 bytes do not pass: from the server only 1168 bytes; the session adapts"
  })
})

describe("echo times", () => {
  const Event = Schema.Union([Schema.Literal("key"), Schema.Finite])
  it.prop("belong to typed keys, in order, whatever the screen shows", [Schema.Array(Event)], ([events]) => {
    let times = EchoTimes.NONE
    events.forEach((event, now) => {
      times = event === "key" ? EchoTimes.typed(times, now) : EchoTimes.seen(times, event, now)
      expect(times.took.length).toBeLessThanOrEqual(times.typed.length)
    })
    for (const ms of times.took) expect(ms).toBeGreaterThanOrEqual(0)
    const spread = EchoTimes.spread(times)
    if (spread === undefined) expect(times.took).toEqual([])
    else expect([spread.least, spread.median, spread.most].sort((a, b) => a - b)).toEqual(Object.values(spread))
  })

  it("are the time from each key to its cell", () => {
    let times = [0, 100, 200].reduce(EchoTimes.typed, EchoTimes.NONE)
    times = EchoTimes.seen(times, 1, 250)
    times = EchoTimes.seen(times, 1, 260)
    times = EchoTimes.seen(times, 3, 300)
    expect(times.took).toEqual([250, 200, 100])
    expect(EchoTimes.spread(times)).toEqual({ least: 100, median: 200, most: 250 })
  })
})

describe("noise", () => {
  it("fills datagrams of the full size despite compression, in lines that a terminal accepts", () => {
    const noise = SessionProbe.noise()
    expect(Zlib.deflateSync(noise, { level: 9 }).length).toBeGreaterThan(1500)
    for (const line of new TextDecoder().decode(noise).split("\r")) expect(line).toMatch(/^[A-Za-z0-9+/]{0,500}$/)
  })
})
