import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as PortRange from "../../../src/domain/arguments/PortRange.ts"
import * as ServerArguments from "../../../src/domain/arguments/ServerArguments.ts"

const Port = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65535 }))

const started = (...line: ReadonlyArray<string>) => {
  const parsed = ServerArguments.parse(line)
  if (parsed._tag !== "Start") throw new Error(`${line.join(" ")}: ${parsed._tag}`)
  return parsed
}

describe("PortRange", () => {
  it.prop("reads what it formats", [Port, Port], ([a, b]) => {
    const range = { low: Math.min(a, b), high: Math.max(a, b) }
    const valid = range.low > 0 || range.high === 0
    const read = PortRange.parse(PortRange.format(range))
    expect(Result.isSuccess(read)).toBe(valid)
    if (Result.isSuccess(read)) expect(read.success).toEqual(range)
  })

  it.prop("returns a valid range or a reason for any text", [Schema.String], ([text]) => {
    const read = PortRange.parse(text)
    if (Result.isFailure(read)) expect(read.failure).not.toBe("")
    else {
      expect(read.success.low).toBeLessThanOrEqual(read.success.high)
      expect(read.success.high).toBeLessThanOrEqual(65535)
    }
  })

  it.each([
    ["70000", "(Low) port number 70000 outside valid range [0..65535]"],
    ["-5", "(Low) port number -5 outside valid range [0..65535]"],
    ["5:3", "Low port 5 greater than high port 3"],
    ["0:3", "Low port 0 incompatible with port ranges"],
    ["abc", "Invalid (low) port number (abc)"],
    ["61240:x", "Invalid high port number (x)"],
    ["61240:70000", "High port number 70000 outside valid range [0..65535]"]
  ])("refuses %s", (text, reason) => {
    expect(PortRange.parse(text)).toEqual(Result.fail(reason))
  })
})

describe("ServerArguments", () => {
  const Words = Schema.Array(
    Schema.Union([Schema.String, Schema.Literals(["new", "-s", "-p", "0", "-c", "-l", "-i", "-@", "-v", "--"])])
  )

  it.prop("returns a result for every line, and passes the command unchanged", [Words, Words], ([own, command]) => {
    const line = [...own, "--", ...command]
    const parsed = ServerArguments.parse(line)
    if (parsed._tag === "Start") expect(parsed.request.command).toEqual(line.slice(line.indexOf("--") + 1))
    if (parsed._tag === "Refused") expect(parsed.complaints).toContain(ServerArguments.USAGE)
  })

  it("reads the wrapper's command line", () => {
    const { complaints, request } = started(
      ..."new -c 256 -s -p 60010:60020 -l LANG=C.UTF-8 -l LC_ALL= -@ x -- ls -l a'b".split(" ")
    )
    expect(complaints).toEqual([])
    expect(request).toEqual({
      bind: { _tag: "Ssh" },
      ports: { low: 60010, high: 60020 },
      colors: 256,
      verbosity: 0,
      locale: ["LANG=C.UTF-8", "LC_ALL="],
      command: ["ls", "-l", "a'b"],
      detachable: false,
      choose: false,
      inside: undefined,
      agent: false,
      withoutTerminal: false
    })
    expect(started("new", "-@", "commands", "--", "true").request.withoutTerminal).toBe(true)
  })

  it("takes from -@ what it knows, and ignores the rest", () => {
    const line = [
      "new",
      "-@",
      "detachable",
      "-@",
      "choose",
      "-@",
      "inside=work@a.host",
      "-@",
      "inside=;@x",
      "-@",
      "later"
    ]
    expect(started(...line)).toMatchObject({
      complaints: [],
      request: { detachable: true, choose: true, inside: { session: "work", host: "a.host" } }
    })
  })

  it("attaches to a session by its name or ID, or starts the one with a name", () => {
    const { parse } = ServerArguments
    expect(parse(["attach", "new", "-p", "0"])).toMatchObject({ _tag: "Attach", which: undefined })
    expect(parse(["attach", "4711", "new"])).toMatchObject({ _tag: "Attach", which: 4711 })
    expect(parse(["attach", "work", "-s"])).toMatchObject({ _tag: "Attach", which: "work" })
    const session = ["session", "work", "new", "-i", "::1", "-p", "0", "--", "vim", "-R"]
    expect(parse(session)).toMatchObject({
      _tag: "Session",
      name: "work",
      request: { bind: { address: "::1" }, ports: { low: 0, high: 0 }, command: ["vim", "-R"] }
    })
    expect(parse(["session", "work"])).toMatchObject({ _tag: "Session", name: "work", request: { command: [] } })
    for (const name of ["4711", "new", "all", "-p", "../x", "a b", "x".repeat(33), "\u001b[2J", ""])
      expect(parse(["session", name])).toMatchObject({
        _tag: "Refused",
        complaints: [expect.stringContaining("A session's name has 1 to 32 letters")]
      })
    expect(parse(["session"])._tag).toBe("Refused")
  })

  it("uses the last of -i and -s, and counts -v", () => {
    expect(started("new", "-s", "-i", "::1").request.bind).toEqual({ _tag: "Address", address: "::1" })
    expect(started("new", "-i", "::1", "-svv").request).toMatchObject({ bind: { _tag: "Ssh" }, verbosity: 2 })
  })

  it("accepts the forms from before `new`", () => {
    expect(started().request).toMatchObject({ bind: { _tag: "Any" }, ports: PortRange.DEFAULT, command: [] })
    expect(started("::1", "--", "true").request).toMatchObject({ bind: { address: "::1" }, command: ["true"] })
    expect(started("::1", "0").request).toMatchObject({ bind: { address: "::1" }, ports: { low: 0, high: 0 } })
    expect(ServerArguments.parse(["a", "b", "c"])).toEqual({ _tag: "Refused", complaints: [ServerArguments.USAGE] })
  })

  it("reports unknown options, and goes on", () => {
    const { complaints, request } = started("new", "-x", "operand", "-p", "0", "-c")
    expect(request.ports).toEqual({ low: 0, high: 0 })
    expect(complaints).toEqual([
      "mosh-server: invalid option -- 'x'",
      ServerArguments.USAGE,
      "mosh-server: option requires an argument -- 'c'",
      ServerArguments.USAGE
    ])
  })

  it("refuses bad ports and colours", () => {
    expect(ServerArguments.parse(["new", "-p", "5:3"])).toEqual({
      _tag: "Refused",
      complaints: [
        "Low port 5 greater than high port 3",
        "mosh-server: Bad UDP port range (5:3)",
        ServerArguments.USAGE
      ]
    })
    expect(ServerArguments.parse(["new", "-c", "many"])).toEqual({
      _tag: "Refused",
      complaints: ["mosh-server: Bad number of colors (many)", ServerArguments.USAGE]
    })
  })

  it("lists and ends sessions only if that is the first argument", () => {
    const { parse } = ServerArguments
    expect(parse(["--list"])).toEqual({ _tag: "List", form: "Table" })
    expect(parse(["--list", "--json"])).toEqual({ _tag: "List", form: "Json" })
    expect(parse(["--list", "--version"])).toEqual({ _tag: "List", form: "Lines" })
    expect(parse(["--kill=work"])).toMatchObject({ _tag: "Kill", kill: { which: "work", force: false } })
    expect(parse(["--kill=77"])).toEqual({ _tag: "Kill", kill: { which: 77, force: false }, forPrograms: false })
    expect(parse(["--kill", "all", "--version"])).toEqual({
      _tag: "Kill",
      kill: { which: "all", force: false },
      forPrograms: true
    })
    for (const line of [
      ["--kill=all", "--force"],
      ["--kill", "all", "--force", "--version"]
    ])
      expect(parse(line)).toMatchObject({ _tag: "Kill", kill: { which: "all", force: true } })
    for (const line of [
      ["--list", "x"],
      ["--list", "--version", "x"],
      ["--kill"],
      ["--kill=1"],
      ["--kill=7", "8"],
      ["--list", "--force"]
    ])
      expect(parse(line)._tag).toBe("Refused")
    expect(parse(["--list", "--help"])._tag).toBe("Help")
    // An unknown option of a new session, as in stock.
    expect(parse(["new", "--list", "-p", "0"])).toMatchObject({ _tag: "Start", complaints: expect.any(Array) })
    expect(parse(["new", "--", "x", "--list"])).toMatchObject({ _tag: "Start", request: { command: ["x", "--list"] } })
    expect(parse(["--listing"])).toMatchObject({ _tag: "Start", request: { bind: { address: "--listing" } } })
  })

  it("answers --help and the like before all else, but not those of the command", () => {
    expect(ServerArguments.parse(["new", "-p", "bad", "--version"])._tag).toBe("Version")
    expect(ServerArguments.parse(["new", "-h", "--version"])._tag).toBe("Help")
    expect(ServerArguments.parse(["new", "--", "ls", "--help"])._tag).toBe("Start")
  })

  it.each([
    ["1.2.3.4 5 10.0.0.1 22", Result.succeed("10.0.0.1")],
    ["::1 5 ::FFff:127.0.0.1 22", Result.succeed("127.0.0.1")],
    ["fe80::1%eth0 5 fe80::2%eth0 22", Result.succeed("fe80::2%eth0")],
    ["1.2.3.4 5", Result.fail("Warning: Could not parse SSH_CONNECTION; binding to any interface.")],
    ["", Result.fail("Warning: SSH_CONNECTION not found; binding to any interface.")],
    [undefined, Result.fail("Warning: SSH_CONNECTION not found; binding to any interface.")]
  ])("finds the server's address in SSH_CONNECTION=%s", (connection, expected) => {
    expect(ServerArguments.sshAddress(connection)).toEqual(expected)
  })
})
