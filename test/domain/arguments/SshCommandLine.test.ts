import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SshCommandLine from "../../../src/domain/arguments/SshCommandLine.ts"
import * as WrapperArguments from "../../../src/domain/arguments/WrapperArguments.ts"
import * as ForwardSpec from "../../../src/domain/forwarding/ForwardSpec.ts"
import * as SshCommand from "../../../src/domain/bootstrap/SshCommand.ts"

const parse = (...line: ReadonlyArray<string>) => Result.getOrThrow(SshCommandLine.parse(line))
const refusal = (...line: ReadonlyArray<string>) => Result.getOrThrow(Result.flip(SshCommandLine.parse(line)))

const run = (...line: ReadonlyArray<string>) => {
  const read = Result.getOrThrow(WrapperArguments.parse(line, { predictionDisplay: undefined }))
  if (read._tag !== "Run") throw new Error(`${line.join(" ")} runs no command`)
  return read
}

const PLAIN = {
  mosh: [],
  ssh: [],
  what: "command",
  readsInput: true,
  forwardsOnly: false,
  forwards: [],
  isSettingsQuery: false
}

describe("SshCommandLine", () => {
  it.prop("is total", [Schema.Array(Schema.String)], ([line]) => {
    const read = SshCommandLine.parse(line)
    if (Result.isFailure(read)) expect(read.failure).toMatch(/\S/)
    else expect(line.join(" ")).toContain(read.success.text)
  })

  it.prop("joins the words of a command by blanks, as ssh does", [Schema.Array(Schema.String)], ([words]) => {
    const { destination, text } = parse("-T", "host", "--", "x", ...words)
    expect([destination, text]).toEqual(["host", ["x", ...words].join(" ")])
  })

  it.each<[string, ReadonlyArray<string>, Partial<SshCommandLine.SshCommandLine>]>([
    [
      "rsync -e 'mosh -T'",
      ["-T", "-l", "me", "host", "rsync", "--server", "--sender", "-vlogDtpre.iLsfxCIvu", ".", "src/"],
      {
        ssh: ["-l", "me"],
        destination: "host",
        text: "rsync --server --sender -vlogDtpre.iLsfxCIvu . src/"
      }
    ],
    [
      "scp -S mosh",
      ["-x", "-oPermitLocalCommand=no", "-oClearAllForwardings=yes", "-oRequestTTY=no", "-p", "22", "-l", "me"].concat([
        "-s",
        "--",
        "host",
        "sftp"
      ]),
      {
        ssh: ["-x", "-o", "PermitLocalCommand=no", "-o", "ClearAllForwardings=yes", "-o", "RequestTTY=no"].concat([
          "-p",
          "22",
          "-l",
          "me"
        ]),
        destination: "host",
        what: "subsystem",
        text: "sftp"
      }
    ],
    [
      "sftp -S mosh",
      ["-oForwardX11 no", "-oPermitLocalCommand no", "-oClearAllForwardings yes", "-s", "--", "host", "sftp"],
      {
        ssh: ["-o", "ForwardX11 no", "-o", "PermitLocalCommand no", "-o", "ClearAllForwardings yes"],
        destination: "host",
        what: "subsystem",
        text: "sftp"
      }
    ],
    [
      "GIT_SSH_COMMAND='mosh -T'",
      ["-T", "-o", "SendEnv=GIT_PROTOCOL", "-p", "2222", "git@host", "git-upload-pack 'a b'"],
      { ssh: ["-o", "SendEnv=GIT_PROTOCOL", "-p", "2222"], destination: "git@host", text: "git-upload-pack 'a b'" }
    ],
    ["git's question", ["-T", "-G", "host"], { destination: "host", what: "shell", text: "", isSettingsQuery: true }],
    [
      "options after the host",
      ["-T", "host", "-n", "-p", "1", "ls", "-l"],
      {
        ssh: ["-p", "1"],
        destination: "host",
        text: "ls -l",
        readsInput: false
      }
    ],
    [
      "mosh's own options",
      ["--server=x y", "-Ta", "--port=60001", "host"],
      {
        mosh: ["--server=x y", "--port=60001"],
        agent: false,
        destination: "host",
        what: "shell",
        text: ""
      }
    ],
    ["no host here", ["--local", "-T", "ls", "-l"], { mosh: ["--local"], destination: undefined, text: "ls -l" }],
    [
      "no host here, after --",
      ["--local", "-T", "--", "ls", "-l"],
      {
        mosh: ["--local"],
        destination: undefined,
        text: "ls -l"
      }
    ]
  ])("understands %s", (_, line, expected) => {
    expect(SshCommandLine.isSshCommandLine(line)).toBe(true)
    expect(parse(...line)).toEqual({ ...PLAIN, ...expected })
  })

  it.each([
    ["-N", "-L", "1:a:2", "host"],
    ["-D", "3", "-N", "--port=60001", "host"],
    ["-NR0", "host"],
    ["-nN", "host"],
    ["-nNT", "host"],
    ["-4", "-l", "me", "-L1:a:2", "-T", "host", "ls"],
    ["-A", "-p", "22", "-T", "host"]
  ])("recognizes ssh's options wherever -T or -N is among them: %s", (...line) => {
    expect(SshCommandLine.isSshCommandLine(line)).toBe(true)
    expect(parse(...line).destination).toBe("host")
  })

  it("leaves mosh's own command lines alone", () => {
    const lines = [
      ["host"],
      ["-p", "60001", "host"],
      ["-o", "host"],
      ["-a"],
      ["host", "-T"],
      ["--", "-T"],
      ["-N", "host"],
      ["-L", "1:a:2", "host", "-N"],
      ["-p", "-T", "host"],
      ["-L", "-N"],
      []
    ]
    expect(lines.filter((line) => SshCommandLine.isSshCommandLine(line))).toEqual([])
    expect(SshCommandLine.isSshCommandLine(["--server", "-x", "host"], (argument) => argument === "--server")).toBe(
      false
    )
  })

  it("refuses what ssh does and mosh does not, and what neither knows", () => {
    expect(refusal("-T", "-f", "host")).toContain("no option -f")
    expect(refusal("-T", "-L", "1:a", "host")).toBe("-L 1:a is not a forwarding: its destination is missing.")
    expect(refusal("-T", "-N", "host", "ls")).toContain("-N runs no command")
    expect(refusal("-Tt", "host")).toContain("mosh without -T")
    expect(refusal("-T", "-z", "host")).toContain("-z")
    expect(refusal("-T", "-p")).toContain("needs a value")
    expect(refusal("-T", "-s", "host")).toContain("subsystem")
  })

  it("becomes a login whose server runs commands, and no program of its own", () => {
    const { request } = run("-T", "--server=/opt/mosh-server", "-p", "2222", "-l", "me", "host", "ls", "*")
    expect(request).toMatchObject({
      place: { _tag: "Ssh", destination: "host", ssh: ["ssh", "-p", "2222", "-l", "me"], pty: false },
      server: "/opt/mosh-server",
      withoutTerminal: true
    })
    // A stock server ignores the mode, and runs a program that ends.
    expect(SshCommand.serverArguments(request, 0, {}).slice(-4)).toEqual(["-@", "commands", "--", "true"])
    expect(run("--local", "-T", "ls").request.place._tag).toBe("Local")
    const refused = [["host", "-T"], ["-T"], ["-T", "--client=x", "host"]]
    const results = refused.map((line) => WrapperArguments.parse(line, { predictionDisplay: undefined }))
    expect(results.map(Result.isFailure)).toEqual([true, true, true])
  })

  it("takes what to forward, and with -N no command", () => {
    const { forwards, forwardsOnly } = parse("-TN", "-L1:a:2", "-R", "0", "host", "-D", "3")
    expect([forwardsOnly, forwards.map(ForwardSpec.display)]).toEqual([true, ["-L 1:a:2", "-R 0", "-D 3"]])
    expect(run("-T", "-D", "3", "host").request.forwards?.map(ForwardSpec.display)).toEqual(["-D 3"])
    expect(run("--no-forwarding", "-T", "-D", "3", "host").request.forwards).toBe(undefined)
  })

  it("becomes the ssh that does the same", () => {
    const forwarding = run("-TNA", "-L", "1:a:2", "-g", "host")
    expect(
      forwarding.request.place._tag === "Ssh" && SshCommand.plainRun(forwarding.request.place, forwarding.run)
    ).toEqual(["ssh", "-g", "-T", "-A", "-L", "1:a:2", "-N", "host"])
    const { request, run: line } = run("-T", "-l", "me", "-s", "host", "sftp")
    if (request.place._tag !== "Ssh") throw new Error("no ssh")
    expect(SshCommand.plainRun(request.place, line)).toEqual(["ssh", "-l", "me", "-T", "-s", "host", "--", "sftp"])
  })
})
