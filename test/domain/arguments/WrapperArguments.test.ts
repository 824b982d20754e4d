import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as ForwardSpec from "../../../src/domain/forwarding/ForwardSpec.ts"
import * as WrapperArguments from "../../../src/domain/arguments/WrapperArguments.ts"

const parse = (line: ReadonlyArray<string>, predictionDisplay?: string) =>
  WrapperArguments.parse(line, { predictionDisplay })

const request = (...line: ReadonlyArray<string>): WrapperArguments.SessionRequest => {
  const read = Result.getOrThrow(parse(line))
  if (read._tag !== "Open") throw new Error(`${line.join(" ")} opens no session`)
  return read.request
}

const place = {
  _tag: "Ssh",
  destination: "host",
  ssh: ["ssh"],
  sshPort: undefined,
  pty: true,
  addressFrom: undefined
}

describe("WrapperArguments", () => {
  it.prop("is total", [Schema.Array(Schema.String), Schema.UndefinedOr(Schema.String)], ([line, prediction]) => {
    const read = parse(line, prediction)
    if (Result.isFailure(read)) expect(read.failure).toMatch(/\S/)
    else expect(read.success._tag).toMatch(/Help|Version|FakeProxy|Open|Run|Doctor|List|Kill/)
  })

  it.prop("passes any command unchanged", [Schema.Array(Schema.String)], ([command]) => {
    expect(request("host", "--", ...command).command).toEqual(command)
    expect(request("--", "host", ...command).command).toEqual(command)
  })

  it("has stock mosh's defaults", () => {
    expect(request("host")).toEqual({
      place,
      command: [],
      server: undefined,
      client: undefined,
      ports: undefined,
      bind: { _tag: "Ssh" },
      family: "prefer-inet",
      prediction: "adaptive",
      attach: undefined,
      mode: "TakeOver",
      session: undefined,
      detachable: false,
      predictOverwrite: false,
      initTerminal: true,
      scrollback: undefined,
      forwards: [],
      verbose: undefined,
      transport: "auto",
      fallback: undefined
    })
  })

  it.each<[ReadonlyArray<string>, object]>([
    [["me@host", "ls"], { place: { ...place, destination: "me@host" }, command: ["ls"] }],
    [["-p", "60001", "host"], { ports: { low: 60_001, high: 60_001 } }],
    [["host", "-por=60000:61000"], { ports: { low: 60_000, high: 61_000 } }],
    [["-P", "2222", "host"], { place: { ...place, sshPort: 2222 }, ports: undefined }],
    [["--ssh-port=2222", "host"], { place: { ...place, sshPort: 2222 } }],
    [["--ssh=ssh -i 'a key'", "host"], { place: { ...place, ssh: ["ssh", "-i", "a key"] } }],
    [["--ssh-p", "host"], { place }],
    [["--no-ssh", "host"], { place: { ...place, pty: false } }],
    [["--server=env X=1 mosh-server", "host"], { server: "env X=1 mosh-server" }],
    [["--client=/bin/c", "host"], { client: "/bin/c" }],
    [["-a", "host"], { prediction: "always" }],
    [["-a", "-n", "host"], { prediction: "never" }],
    [["-n", "--predict=experimental", "host"], { prediction: "experimental" }],
    [["-o", "host"], { predictOverwrite: true }],
    [["-o", "--no-o", "host"], { predictOverwrite: false }],
    [["-4", "host"], { family: "inet" }],
    [["-4", "-6", "host"], { family: "inet6" }],
    [["--family=ALL", "host"], { family: "all" }],
    [["--bind=ANY", "host"], { bind: { _tag: "Any" } }],
    [["--bind-server=192.0.2.1", "host"], { bind: { _tag: "Address", address: "192.0.2.1" } }],
    [["--no-init", "host"], { initTerminal: false }],
    [["--scrollback=off", "host"], { scrollback: "off" }],
    [["--attach", "host"], { attach: { which: undefined }, place }],
    [["--attach=4711", "host"], { attach: { which: 4711 } }],
    [["--attach=4711", "--share", "host"], { attach: { which: 4711 }, mode: "Share" }],
    [["--view", "host"], { attach: { which: undefined }, mode: "View" }],
    [["--attach=work", "host"], { attach: { which: "work" } }],
    [["--session=work", "host", "--", "vim"], { session: "work", command: ["vim"], attach: undefined }],
    [["--session", "work", "--local"], { session: "work", place: { _tag: "Local", address: "127.0.0.1" } }],
    [["--detachable", "host"], { detachable: true, session: undefined }],
    [["--verbose", "me@host"], { verbose: { file: undefined }, place: { ...place, destination: "me@host" } }],
    [["--verbose=log", "host"], { verbose: { file: "log" } }],
    [["host", "--fallback=ssh"], { fallback: "ssh", transport: "udp" }],
    [["host", "--fallback=ssh", "--transport=auto"], { fallback: "ssh", transport: "auto" }],
    [["--transport=ssh", "host"], { transport: "ssh" }],
    [["--local"], { transport: "udp" }],
    [["--exp=remote", "host"], { place: { ...place, addressFrom: "remote" } }],
    [["--local"], { place: { _tag: "Local", address: "127.0.0.1" } }],
    [["--local", "--", "top", "-d1"], { place: { _tag: "Local", address: "127.0.0.1" }, command: ["top", "-d1"] }],
    [["--local", "--", "::1", "top"], { place: { _tag: "Local", address: "::1" }, command: ["top"] }],
    [["--local", "::1", "--", "cat", "-n"], { place: { _tag: "Local", address: "::1" }, command: ["cat", "-n"] }]
  ])("%j", (line, part) => {
    expect(request(...line)).toMatchObject(part)
  })

  it("takes what to forward, with capital letters only, and attached to them as with ssh", () => {
    const forwards = (...line: ReadonlyArray<string>) => request(...line).forwards?.map(ForwardSpec.display)
    expect(forwards("-L", "1:a:2", "-L", "3:b:4", "host", "-D1080", "-R*:5:/s", "-L[::1]:6:c:7")).toEqual([
      "-L 1:a:2",
      "-L 3:b:4",
      "-D 1080",
      "-R *:5:/s",
      "-L [::1]:6:c:7"
    ])
    expect(forwards("-D=1080", "-L=1:a:2", "host")).toEqual(["-D 1080", "-L 1:a:2"])
    expect(forwards("-D", "1080", "--no-forwarding", "host")).toBeUndefined()
    expect(forwards("--noforw", "host")).toBeUndefined()
    expect(parse(["-L", "1:a", "host"])).toEqual(Result.fail("-L 1:a is not a forwarding: its destination is missing."))
    // Small letters keep their meaning, and after two dashes capital letters are the same.
    expect(request("--L").place).toEqual({ _tag: "Local", address: "127.0.0.1" })
    expect(request("-l").place).toEqual({ _tag: "Local", address: "127.0.0.1" })
    expect(parse(["-do", "host"])).toMatchObject({ success: { _tag: "Doctor" } })
    expect(Result.isFailure(parse(["-r", "1", "host"]))).toBe(true)
  })

  it("takes the prediction mode from the environment, but the option has priority", () => {
    expect(parse(["host"], "never")).toMatchObject({ success: { request: { prediction: "never" } } })
    expect(parse(["-a", "host"], "nonsense")).toMatchObject({ success: { request: { prediction: "always" } } })
  })

  it("takes from the environment that sessions keep running after their client left", () => {
    const detachable = (value: string | undefined) =>
      WrapperArguments.parse(["host"], { predictionDisplay: undefined, detachable: value })
    expect(detachable("1")).toMatchObject({ success: { request: { detachable: true } } })
    for (const value of [undefined, "", "0", "no"])
      expect(detachable(value)).toMatchObject({ success: { request: { detachable: false } } })
  })

  it("answers --help and the like whatever else is requested", () => {
    expect(parse(["--help", "-p", "nonsense"])).toEqual(Result.succeed({ _tag: "Help" }))
    expect(parse(["-v"])).toEqual(Result.succeed({ _tag: "Version" }))
    expect(parse(["--family=inet", "--fake-proxy", "--", "host", "22"])).toEqual(
      Result.succeed({ _tag: "FakeProxy", family: "inet", host: "host", port: 22 })
    )
  })

  it.each<[ReadonlyArray<string>, object]>([
    [["--doctor", "me@host"], { _tag: "Doctor", request: { place: { ...place, destination: "me@host" } } }],
    [["--doctor", "doctor"], { _tag: "Doctor", request: { place: { ...place, destination: "doctor" } } }],
    [["--doctor"], { _tag: "Doctor", request: { place: { _tag: "Local" } } }],
    [["--list"], { _tag: "List", json: false, request: { place: { _tag: "Local" } } }],
    [["--list", "--json", "host"], { _tag: "List", json: true, request: { place } }],
    [["-P", "2222", "host", "--list"], { _tag: "List", request: { place: { ...place, sshPort: 2222 } } }],
    [["--kill", "4711", "host"], { _tag: "Kill", which: "4711", force: false, request: { place } }],
    [["--kill=all", "--force", "host"], { _tag: "Kill", which: "all", force: true, request: { place } }],
    [["--kill=4711"], { _tag: "Kill", which: "4711", request: { place: { _tag: "Local" } } }]
  ])("%j asks something else than a session", (line, part) => {
    expect(Result.getOrThrow(parse(line))).toMatchObject(part)
  })

  it.each<[string, object]>([
    ["-v", { _tag: "Version" }],
    ["--ver", { _tag: "Version" }],
    ["-l", { _tag: "Open", request: { place: { _tag: "Local" } } }],
    ["--ssh-p", { _tag: "Open", request: { place } }]
  ])("%s is short for what it is short for in stock mosh", (option, part) => {
    const line = option === "-l" ? [option] : [option, "host"]
    expect(Result.getOrThrow(parse(line))).toMatchObject(part)
  })

  it.each<[ReadonlyArray<string>, RegExp]>([
    [["--list", "host", "ls"], /No command is run/],
    [["--kill"], /needs a value/],
    [["--session", "host"], /Which host/],
    [["--session=4711", "host"], /^--session=4711: A session's name has 1 to 32 letters/],
    [["--session=\u001b[2J", "host"], /^--session=\?\[2J: A session's name/],
    [["--session=a", "--attach", "host"], /^--session=a attaches if the session exists, and excludes --attach\.$/],
    [
      ["--view", "-L", "1:a:2", "host"],
      /^A client that only watches forwards nothing: -L 1:a:2 has no meaning with --view\.$/
    ],
    [["--view", "-A", "host"], /forwards nothing: -A has no meaning with --view\.$/],
    [["--session=a", "--view", "host"], /excludes --attach; to share or watch it, use --attach=a\.$/],
    [["--attach=\u0007", "host"], /^--attach=\? is neither the name nor the ID/],
    [["--fallback=telnet", "host"], /not one of ssh/],
    [["--transport=tcp", "host"], /not one of auto, udp, ssh/],
    [["--transport=ssh", "--client=/bin/c", "host"], /built in/],
    [[], /Which host/],
    [[""], /Which host/],
    [["--", "-oProxyCommand=x"], /cannot be called/],
    [["host", "ls", "-l"], /^Put -- before a command that has options of its own\. With --local/],
    [["host", "ls", "--color"], /^Put -- before a command .* There is no option --color\.$/],
    [["--no", "host"], /could be any of --no-ssh-pty, --no-predict-overwrite, --no-init\.$/],
    [["--fake", "host"], /There is no option --fake/],
    [["-p", "0:5", "host"], /incompatible with port ranges/],
    [["-p", "5:4", "host"], /greater than high port/],
    [["-p", "70000", "host"], /outside valid range/],
    [["-p", "", "host"], /neither a UDP port nor a range/],
    [["-p", "+5", "host"], /neither a UDP port nor a range/],
    [["-P", "0", "host"], /not a TCP port/],
    [["-P", "22x", "host"], /not a TCP port/],
    [["--ssh=ssh 'a", "host"], /single quote has no end/],
    [["--ssh= ", "host"], /needs a command/],
    [["--predict=ALWAYS", "host"], /Unknown prediction mode ALWAYS/],
    [["--family=ipx", "host"], /not one of prefer-inet|not one of inet/],
    [["--exp=guess", "host"], /not one of proxy, local, remote/],
    [["--local", "top"], /must be an address of this machine/],
    [["--local", "host"], /must be an address of this machine/],
    [["--fake-proxy", "host"], /HOST PORT/]
  ])("%j is refused", (line, problem) => {
    const read = parse(line)
    expect(Result.isFailure(read) ? read.failure : read.success).toMatch(problem)
  })
})

describe("MOSH_PREDICTION_OVERWRITE", () => {
  it("is the default of --predict-overwrite, if it is yes", () => {
    const of = (line: ReadonlyArray<string>, predictionOverwrite?: string) => {
      const read = Result.getOrThrow(
        WrapperArguments.parse(line, { predictionDisplay: undefined, predictionOverwrite })
      )
      return read._tag === "Open" && read.request.predictOverwrite
    }
    expect([of(["host"], "yes"), of(["host"], "no"), of(["host"]), of(["-o", "host"])]).toEqual([
      true,
      false,
      false,
      true
    ])
  })
})
