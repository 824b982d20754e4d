import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { BootstrapError } from "../../../src/domain/bootstrap/BootstrapError.ts"
import * as SessionReply from "../../../src/domain/registry/SessionReply.ts"
import * as Transcript from "../../../src/domain/bootstrap/BootstrapTranscript.ts"

const CONNECT = "MOSH CONNECT 60001 AAAAAAAAAAAAAAAAAAAAAA"
const endpoint = { port: 60_001, key: "AAAAAAAAAAAAAAAAAAAAAA" }

const begin = (options: Partial<Parameters<typeof Transcript.begin>[0]> = {}) =>
  Transcript.begin({
    destination: "me@host",
    server: "mosh-server",
    askedForRange: false,
    address: undefined,
    ...options
  })

interface Heard {
  readonly transcript: Transcript.Transcript
  readonly shown: ReadonlyArray<string>
  readonly result: Result.Result<Transcript.ServerEndpoint, BootstrapError> | undefined
}

/** Reads lines up to the last one, or up to the one that decides. */
const hear = (transcript: Transcript.Transcript, lines: ReadonlyArray<string>): Heard => {
  const shown: Array<string> = []
  let now = transcript
  for (const line of lines) {
    const progress = Transcript.readLine(now, line)
    if (progress._tag === "Ended") return { transcript: now, shown, result: progress.result }
    now = progress.transcript
    if (progress._tag === "Show") shown.push(progress.text)
  }
  return { transcript: now, shown, result: undefined }
}

const why = (lines: ReadonlyArray<string>, code: number | undefined, options: Parameters<typeof begin>[0] = {}) =>
  Transcript.diagnose(hear(begin(options), lines).transcript, {
    code,
    signal: code === undefined ? "SIGKILL" : undefined
  })

const Other = Schema.String.check(Schema.isPattern(/^(?!MOSH )[\u0020-\u007e\u00a0-\u1fff]*$/))

describe("BootstrapTranscript", () => {
  it.prop("shows the user every line that is not for us", [Schema.Array(Other)], ([lines]) => {
    const { result, shown } = hear(begin(), [...lines, "MOSH IP 192.0.2.1\r", ...lines, CONNECT, "MOSH IP x"])
    expect(shown).toEqual([...lines, ...lines])
    expect(result).toEqual(Result.succeed({ ...endpoint, address: "192.0.2.1", addressUncertain: false }))
  })

  it.prop("keeps a bounded memory of them", [Schema.Array(Schema.String)], ([lines]) => {
    const many = Array.from({ length: 100 }, () => lines.map((line) => line.repeat(100))).flat()
    const { lines: kept } = hear(begin(), many).transcript
    expect(kept.length).toBeLessThanOrEqual(50)
    expect(Math.max(0, ...kept.map((line) => line.length))).toBeLessThanOrEqual(300)
  })

  it.prop(
    "always has a reason, in one to three lines without control characters",
    [Schema.Array(Schema.String), Schema.UndefinedOr(Schema.Int), Schema.Boolean],
    ([lines, code, askedForRange]) => {
      const error = why(lines, code, { askedForRange })
      expect(error.message.split("\n").length).toBeLessThanOrEqual(3)
      expect(error.fault).toMatch(/environment|network|server|request/)
    }
  )

  it("uses the address that sshd reports if there is no other", () => {
    const told = "MOSH SSH_CONNECTION 10.0.0.1 50000 192.0.2.7 22"
    expect(hear(begin(), [told, CONNECT]).result).toEqual(
      Result.succeed({ ...endpoint, address: "192.0.2.7", addressUncertain: true })
    )
    expect(hear(begin({ address: "192.0.2.1" }), [told, CONNECT]).result).toEqual(
      Result.succeed({ ...endpoint, address: "192.0.2.1", addressUncertain: false })
    )
  })

  it.each([
    [[CONNECT], "AddressUnknown"],
    [["MOSH IP 192.0.2.1", "MOSH IP 192.0.2.2"], "AddressRepeated"],
    [["MOSH CONNECT 60001 short"], "LineMalformed"],
    [["MOSH IP two words"], "LineMalformed"],
    [["MOSH SSH_CONNECTION too few"], "LineMalformed"]
  ])("%j fails: %s", (lines, reason) => {
    expect(hear(begin(), lines).result).toMatchObject({ failure: { reason } })
  })

  it("lets no malformed line control the terminal", () => {
    const { result } = hear(begin(), ["MOSH CONNECT \u001b]0;title\u0007\u009b31m"])
    expect(result).toMatchObject({ failure: { detail: "MOSH CONNECT" } })
  })

  it.each<[string, number | undefined, string]>([
    ["Connection closed by 192.0.2.1 port 22", 255, "SshFailed"],
    ["", undefined, "SshFailed"],
    ["ssh: Could not resolve hostname host: Name or service not known", 255, "NameUnknown"],
    ["mosh: no address of host: name or service not known", 255, "NameUnknown"],
    ["ssh: connect to host host port 22: Connection refused", 255, "SshRefused"],
    ["mosh: no connection to host (192.0.2.1) port 22: connection refused", 255, "SshRefused"],
    ["ssh: connect to host host port 22: Connection timed out", 255, "SshUnreachable"],
    ["ssh: connect to host host port 22: No route to host", 255, "SshUnreachable"],
    ["mosh: no connection to host (192.0.2.1) port 22: host is unreachable", 255, "SshUnreachable"],
    ["me@host: Permission denied (publickey).", 255, "NotLetIn"],
    ["Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures", 255, "NotLetIn"],
    ["@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @", 255, "HostKeyChanged"],
    ["Host key verification failed.", 255, "HostKeyUnknown"],
    ["Connection refused", 1, "ServerFailed"],
    [`Welcome to host.${CONNECT}`, 0, "LineMalformed"],
    ["bash: line 1: mosh-server: command not found", 127, "ServerNotFound"],
    ["sh: 1: mosh-server: not found", 127, "ServerNotFound"],
    ["zsh:1: command not found: mosh-server", 127, "ServerNotFound"],
    ["fish: Unknown command: mosh-server", 127, "ServerNotFound"],
    ["mosh-server: Command not found.", 1, "ServerNotFound"],
    ["env: 'mosh-server': No such file or directory", 127, "ServerNotFound"],
    ["'mosh-server' is not recognized as an internal or external command,", 1, "ServerNotFound"],
    ["", 127, "ServerNotFound"],
    ["mosh-server needs a UTF-8 native locale to run.", 1, "LocaleNotUtf8"],
    ["mosh-server needs a UTF-8 locale to run.", 1, "LocaleNotUtf8"],
    ["Error binding to any interface: bind: Address already in use", 1, "PortsTaken"],
    ["mosh-server: cannot use UDP port 60001 on 0.0.0.0: Address already in use.", 1, "PortsTaken"],
    ["mosh-server: Bad UDP port range (60000:61000)", 1, "ServerFailed"],
    ["This account is currently not available.", 1, "ServerFailed"],
    ["", 0, "ServerFailed"]
  ])("recognises %j with status %s: %s", (line, code, reason) => {
    expect(why(["Welcome!", line], code).reason).toBe(reason)
  })

  it("explains what a changed host key means, not only that it was refused", () => {
    const { transcript } = hear(begin(), ["REMOTE HOST IDENTIFICATION HAS CHANGED!", "Host key verification failed."])
    expect(Transcript.diagnose(transcript, { code: 255, signal: undefined }).reason).toBe("HostKeyChanged")
  })

  it("shows no key in the report", () => {
    const { result } = hear(begin(), [`${CONNECT} and more`])
    expect(result).toMatchObject({ failure: { detail: "MOSH CONNECT 60001 (a key) and more" } })
    expect(why([`hello ${CONNECT}`], 0).detail).toBe("hello MOSH CONNECT 60001 (a key)")
  })

  const Part = Schema.Union([
    Schema.String,
    Schema.Literals(["Welcome", "\r", "\u001b[1m", "\u001b]0;", "\u0007", "\u001b[?1049h", " ", "MOSH CONNECT 1 "])
  ])
  const Parts = Schema.Array(Part)
  it.prop(
    "shows no key, whatever stands before and after it in its line",
    [Parts, Parts, Schema.Int.check(Schema.isBetween({ minimum: 8, maximum: 22 }))],
    ([before, after, length]) => {
      const key = "k3y+/AbCdEfGhIjKlMnOpQ".slice(0, length)
      const line = `${before.join("")}MOSH CONNECT 60001 ${key}${after.join("")}`
      const { result, shown, transcript } = hear(begin({ address: "192.0.2.1" }), line.split("\n"))
      const told = result !== undefined && Result.isSuccess(result) ? "" : JSON.stringify([result, transcript.lines])
      expect(shown.join("\n") + told).not.toContain(key)
    }
  )

  it("filters what is for the user, and ends each line in the default style", () => {
    const { shown } = hear(begin(), [
      "\u001b[31mred\u001b]52;c;aGk=\u0007",
      "still\u001b[?1049h",
      "\u001b[m\u001b[6nplain"
    ])
    expect(shown).toEqual(["\u001b[31mred\u001b[m", "\u001b[31mstill\u001b[m", "\u001b[31m\u001b[mplain"])
  })

  it("shows how to log in as the user does", () => {
    const options = { login: "ssh -F config -p 2222 me@host" }
    expect(why(["Connection closed"], 255, options).message).toContain('once "ssh -F config -p 2222 me@host" works')
    expect(why(["Permission denied"], 255, options).message).toContain("ssh -v -F config -p 2222 me@host")
    expect(why([`hello ${CONNECT}`], 0, options).message).toContain("Look: ssh -F config -p 2222 me@host true")
  })

  it("recognises a server that supports no port ranges, when it was given one", () => {
    expect(why(["mosh-server: Bad UDP port (60000:61000)"], 1, { askedForRange: true }).reason).toBe(
      "PortRangeNotUnderstood"
    )
  })

  it("says in one line that a server knows no sessions, without its usage", () => {
    const options = { asksForSession: true }
    const usage = "Usage: /usr/bin/mosh-server new [-s] [-v] [-i LOCALADDR]"
    expect(hear(begin(options), ["Welcome!", usage]).shown).toEqual(["Welcome!"])
    const error = why([usage], 1, options)
    expect(error).toMatchObject({ reason: "SessionsUnsupported", fault: "server" })
    expect(error.message).toMatch(/^mosh-server on me@host is stock mosh's.* tmux \(mosh me@host -- tmux [^\n]+$/)
    expect(why([usage], 1).reason).toBe("ServerFailed")
  })

  it("does not suggest to try again what a server refused", () => {
    const refusal = "mosh-server: no session of yours here is called work."
    expect(why([refusal], 1, { asksForSession: true }).reason).toBe("SessionRefused")
    expect(why(["mosh-server: command not found"], 127, { asksForSession: true }).reason).toBe("ServerNotFound")
    expect(
      why(["mosh-server: you have 3 detached sessions here, and MOSH_SERVER_MAX_DETACHED allows 3"], 1).reason
    ).toBe("SessionRefused")
  })

  it("keeps the sessions among which to choose, only if one was asked for", () => {
    const lines = SessionReply.listLines([{ pid: 7, age: 0, details: { _tag: "Silent" } }])
    const { shown, transcript } = hear(begin({ asksForSession: true }), lines)
    expect(shown).toEqual([])
    expect(transcript.offered.sessions.map(({ pid }) => pid)).toEqual([7])
    expect(hear(begin(), lines).shown).toEqual(lines)
  })

  it("looks for the name of the requested server", () => {
    const options = { server: "env X=1 /opt/mosh/bin/mosh-server-2" }
    expect(why(["sh: /opt/mosh/bin/mosh-server-2: not found"], 1, options).reason).toBe("ServerNotFound")
    expect(why(["-bash: warning: locale not found"], 1, options).reason).toBe("ServerFailed")
  })

  it("names this machine if there was no ssh", () => {
    const error = why([""], 127, { destination: null })
    expect(error.message).toContain("no mosh-server on this machine")
    expect(error.message).toContain("mosh --server=/path/to/mosh-server --local")
    expect(why([""], 255, { destination: null }).reason).toBe("ServerFailed")
  })
})
