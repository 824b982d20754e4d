import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { execFileSync } from "node:child_process"
import * as RemoteAddress from "../../../src/domain/bootstrap/RemoteAddress.ts"
import * as SshCommand from "../../../src/domain/bootstrap/SshCommand.ts"
import * as WrapperArguments from "../../../src/domain/arguments/WrapperArguments.ts"

const request = (...line: ReadonlyArray<string>): WrapperArguments.SessionRequest => {
  const read = Result.getOrThrow(WrapperArguments.parse(line, { predictionDisplay: undefined }))
  if (read._tag !== "Open") throw new Error("no session")
  return read.request
}

const server = (line: ReadonlyArray<string>, environment: Readonly<Record<string, string>> = {}) =>
  SshCommand.serverCommand("mosh-server", SshCommand.serverArguments(request(...line), 256, environment))

const ssh = (line: ReadonlyArray<string>, addressFrom: WrapperArguments.AddressSource) => {
  const { family, place } = request(...line)
  if (place._tag !== "Ssh") throw new Error("no ssh")
  const { destination } = place
  return SshCommand.sshCommand({ place, destination, addressFrom, family, self: ["/opt/it's 100%/mosh"], command: "S" })
}

const Word = Schema.Array(
  Schema.Literals(["'", '"', "\\", " ", "$HOME", "`", "\n", "a", "é", "😀", "*", "~", "--", ";", "%h"])
)
const runs = { arbitrary: { runs: 30 } }

describe("SshCommand", () => {
  it.prop(
    "a shell hands the server exactly its arguments",
    [Schema.Array(Word), Word],
    ([words, language]) => {
      const command = words.map((word) => word.join(""))
      const wanted = SshCommand.serverArguments(request("host", "--", ...command), 8, { LANG: language.join("") })
      // A shell function of this name prints its arguments.
      const text = SshCommand.serverCommand("tell", wanted)
      const told = execFileSync("/bin/sh", ["-c", `tell() { printf '%s\\0' "$@"; }; ${text}`], { encoding: "utf8" })
      expect(told.split("\0").slice(0, -1)).toEqual(wanted)
    },
    runs
  )

  it("attaches to a running session", () => {
    expect(server(["--attach", "h"], {})).toBe("mosh-server 'attach' 'new' '-c' '256' '-s' '-@' 'choose'")
    expect(server(["--attach=4711", "h"], {})).toBe("mosh-server 'attach' '4711' 'new' '-c' '256' '-s'")
    expect(server(["--attach=4711", "--share", "h"], {})).toBe(
      "mosh-server 'attach' '--share' '4711' 'new' '-c' '256' '-s'"
    )
    expect(server(["--view", "h"], {})).toBe("mosh-server 'attach' '--view' 'new' '-c' '256' '-s' '-@' 'choose'")
    expect(server(["--session=work", "h", "vim"], {})).toBe(
      "mosh-server 'session' 'work' 'new' '-c' '256' '-s' '--' 'vim'"
    )
    expect(server(["--detachable", "h"], {})).toBe("mosh-server 'new' '-c' '256' '-s' '-@' 'detachable'")
  })

  it("says that the terminal shows 24-bit colours, if it does", () => {
    expect(server(["h"], { LANG: "C.UTF-8", COLORTERM: "truecolor" })).toBe(
      "mosh-server 'new' '-c' '256' '-s' '-l' 'LANG=C.UTF-8' '-l' 'COLORTERM=truecolor'"
    )
    expect(server(["h"], { COLORTERM: "yes" })).toBe("mosh-server 'new' '-c' '256' '-s'")
  })

  it("names the session that the user is in, if the request is for one", () => {
    const words = (line: ReadonlyArray<string>, session: string) =>
      SshCommand.serverArguments(request(...line), 256, { MOSH_SESSION: session }, "a.host")
    expect(words(["--attach=4711", "h"], "work").slice(-2)).toEqual(["-@", "inside=work@a.host"])
    expect(words(["--session=other", "h"], "4711").slice(-2)).toEqual(["-@", "inside=4711@a.host"])
    expect(words(["h"], "work")).not.toContain("-@")
    expect(words(["--attach=4711", "h"], "$(x)")).not.toContain("-@")
  })

  it.each<[ReadonlyArray<string>, Readonly<Record<string, string>>, string]>([
    [["h", "--", "ls", "-l", "a'b"], { LANG: "C.UTF-8" }, `'-s' '-l' 'LANG=C.UTF-8' '--' 'ls' '-l' 'a'\\''b'`],
    [["h"], { LC_ALL: "x", HOME: "/", LC_CTYPE: "", LANG: "y" }, `'-s' '-l' 'LANG=y' '-l' 'LC_CTYPE=' '-l' 'LC_ALL=x'`],
    [["-p", "60000:60010", "--bind-server=any", "h"], {}, `'-p' '60000:60010'`],
    [["-p", "0", "--bind-server=::1", "h"], {}, `'-i' '::1' '-p' '0'`],
    [["--local"], {}, `'-i' '127.0.0.1'`],
    [["--local", "--bind-server=any"], {}, ``]
  ])("%j with %j", (line, environment, end) => {
    expect(server(line, environment)).toBe(["mosh-server 'new' '-c' '256'", ...(end === "" ? [] : [end])].join(" "))
  })

  it("makes ssh use our proxy command", () => {
    expect(ssh(["-P", "2222", "me@host"], "proxy")).toEqual([
      ..."ssh -p 2222 -n -tt -S none -o".split(" "),
      `ProxyCommand='/opt/it'\\''s 100%%/mosh' '--family=prefer-inet' --fake-proxy -- %h %p`,
      "me@host",
      "--",
      "S"
    ])
  })

  it.each<[ReadonlyArray<string>, WrapperArguments.AddressSource, ReadonlyArray<string>]>([
    [["host"], "local", ["ssh", "-n", "-tt", "host", "--", "S"]],
    [["-4", "host"], "local", ["ssh", "-n", "-tt", "host", "--", "S"]],
    [["--ssh=a 'b c'", "--no-ssh-pty", "host"], "local", ["a", "b c", "-n", "host", "--", "S"]]
  ])("%j, address from %s", (line, addressFrom, words) => {
    expect(ssh(line, addressFrom)).toEqual(words)
  })

  const Name = Schema.Array(Schema.Literals([..."ab.-_:%@é;&|<>(){}$`'\"\\ \n\t\u007f", "$(touch x)", "${x}"]))
  it.prop(
    "hands the proxy command's shell a host as one word, unless it refuses the host",
    [Name],
    ([pieces]) => {
      const destination = pieces.join("")
      if (!RemoteAddress.isSafeDestination(destination)) return
      const host = destination.slice(destination.lastIndexOf("@") + 1)
      // As ssh does: the template, with the host inserted, is run by a shell.
      const template = (ssh([destination === "" ? "x" : destination], "proxy")[6] ?? "").replace(/^.*--fake-proxy/, "")
      const text = `printf '%s\\0'${template.replace("%h", () => host).replace("%p", "22")}`
      const told = execFileSync("/bin/sh", ["-c", text], { encoding: "utf8" })
      expect(told.split("\0").slice(-3)).toEqual(host === "" ? ["--", "22", ""] : [host, "22", ""])
    },
    { arbitrary: { runs: 200 } }
  )

  it.each([
    "host;id",
    "a$(id)",
    "a`id`",
    "me@a|id",
    "a b",
    "a\nb",
    "'a'",
    "a>b",
    "-oX=y",
    "me@-oX=y",
    "m;e@a",
    "$(id)@a"
  ])("refuses the host %j", (host) => {
    const read = WrapperArguments.parse(["--", host], { predictionDisplay: undefined })
    expect(Result.isFailure(read) && read.failure).toMatch(/^A host cannot be called .*\.$/)
  })

  it.each([
    "host",
    "me@host",
    "DOMAIN\\me@host",
    "pc$@host",
    "fe80::1%eth0",
    "ssh://me@host:22",
    "bücher.example",
    "a_b"
  ])("takes the host %j", (host) => {
    expect(request(host).place).toMatchObject({ destination: host })
  })

  it("asks the server for its address", () => {
    const words = ssh(["-6", "host"], "remote")
    expect(words.slice(0, -1)).toEqual(["ssh", "-n", "-tt", "-6", "host", "--"])
    const shell = (environment: Record<string, string>) =>
      execFileSync("/bin/sh", ["-c", (words.at(-1) ?? "").replace(/S$/, "echo S")], {
        encoding: "utf8",
        env: environment
      })
    expect(shell({ SSH_CONNECTION: "a 1 b 2" })).toBe("\nMOSH SSH_CONNECTION a 1 b 2\nS\n")
    expect(shell({})).toBe("S\n")
  })

  it.each<[ReadonlyArray<string>, ReadonlyArray<string>]>([
    [["host"], ["ssh", "-t", "host"]],
    [
      ["-D1080", "-R", "0:a:1", "host"],
      ["ssh", "-t", "-D", "1080", "-R", "0:a:1", "host"]
    ],
    [
      ["--no-forwarding", "host"],
      ["ssh", "-t", "-o", "ClearAllForwardings=yes", "host"]
    ],
    [
      ["-6", "-P", "2222", "--ssh=ssh -i 'a key'", "me@host", "--", "ls", "it's"],
      ["ssh", "-i", "a key", "-p", "2222", "-t", "-6", "me@host", "--", "'ls' 'it'\\''s'"]
    ],
    [
      ["--family=prefer-inet6", "host", "top"],
      ["ssh", "-t", "host", "--", "'top'"]
    ]
  ])("%j by plain ssh", (line, words) => {
    const wanted = request(...line)
    if (wanted.place._tag !== "Ssh") throw new Error("no ssh")
    expect(SshCommand.plainSession(wanted.place, wanted)).toEqual(words)
  })

  it("leaves the forwardings of ssh's configuration to the session", () => {
    const { place } = request("host")
    if (place._tag !== "Ssh") throw new Error("no ssh")
    const run = { place, destination: "host", addressFrom: "local", family: "inet", self: [], command: "S" } as const
    const cleared = SshCommand.sshCommand({ ...run, clearsForwardings: true })
    expect(cleared.join(" ")).toBe("ssh -n -tt -o ClearAllForwardings=yes host -- S")
    expect(SshCommand.sshCommand(run).join(" ")).toBe("ssh -n -tt host -- S")
  })

  it("shares one login between the server's start and the first relay", () => {
    const { place } = request("-6", "-P", "2222", "host")
    if (place._tag !== "Ssh") throw new Error("no ssh")
    const run = { place, destination: "host", family: "inet6", self: ["/mosh"], command: "S" } as const
    expect(SshCommand.masterCommand({ ...run, addressFrom: "remote" }, "/t/s").join(" ")).toBe(
      "ssh -p 2222 -n -N -M -S /t/s -oControlPersist=no -6 host"
    )
    // The proxy command reports the address, and only a new connection has one.
    const proxied = SshCommand.masterCommand({ ...run, addressFrom: "proxy" }, "/t/s")
    expect(proxied).toContain("ProxyCommand='/mosh' '--family=inet6' --fake-proxy -- %h %p")
    expect(proxied.at(-1)).toBe("host")
    const proxy = { ...run, addressFrom: "proxy" } as const
    expect(SshCommand.sharedCommand(proxy, "/t/s").join(" ")).toBe(
      "ssh -p 2222 -S /t/s -oControlMaster=no -tt host -- S"
    )
    // Both print the same before the server does.
    const remote = { ...run, addressFrom: "remote" } as const
    expect(SshCommand.sharedCommand(remote, "/t/s").at(-1)).toBe(SshCommand.sshCommand(remote).at(-1))
    const relay = (connection?: SshCommand.Connection) =>
      SshCommand.relayCommand(place, "prefer-inet", "S", 60_001, connection)
    expect(relay()).toContain("-Snone")
    expect(relay("Configured").filter((word) => /^-S|ControlMaster/.test(word))).toEqual([])
    expect(relay({ socket: "/t/s" }).join(" ")).toMatch(
      / -S \/t\/s -oControlMaster=no .* host -- S 'relay' '60001' '1'$/
    )
  })

  it("keeps no login where the user decides how connections are shared, or the program may be another one", () => {
    const canKeep = (line: string, addressFrom: WrapperArguments.AddressSource, settings = "controlmaster false\n") => {
      const { place } = request(`--ssh=${line}`, "host")
      return place._tag === "Ssh" && SshCommand.canKeepLogin(place, addressFrom, settings)
    }
    const shared = "controlpath /home/me/.ssh/%C\ncontrolmaster auto\n"
    expect(canKeep("/usr/bin/ssh -F config -p 22 -o StrictHostKeyChecking=no", "proxy")).toBe(true)
    expect([canKeep("ssh", "remote"), canKeep("ssh", "local")]).toEqual([true, true])
    // A login that reports the address makes a connection in any case.
    expect([canKeep("ssh", "proxy", shared), canKeep("ssh", "remote", shared)]).toEqual([true, false])
    for (const words of [
      "-M",
      "-4S none",
      "-fN",
      "-oControlMaster=no",
      "-o 'controlpath none'",
      "-o ForkAfterAuthentication=yes"
    ])
      expect(canKeep(`ssh ${words}`, "proxy")).toBe(false)
    expect(canKeep("autossh", "proxy")).toBe(false)
  })

  it("reads one of ssh's settings", () => {
    const settings = "user me\r\nhostname 192.0.2.1\nhostnames x\nproxycommand \n"
    expect(SshCommand.setting(settings, "hostname")).toBe("192.0.2.1")
    expect(SshCommand.setting(settings, "proxycommand")).toBe(undefined)
    expect(SshCommand.setting(settings, "port")).toBe(undefined)
  })

  it.each([
    ["host h\nproxyjump bastion\n", true],
    ["proxycommand nc %h %p\r\n", true],
    ["proxyusefdpass no\nproxycommand none\nhostname proxyjump\n", false],
    ["", false]
  ])("settings %j go through a proxy: %s", (settings, through) => {
    expect(SshCommand.goesThroughProxy(settings)).toBe(through)
  })
})
