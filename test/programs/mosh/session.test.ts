/**
 * Whole sessions started by the wrapper: on this machine, and through a real sshd on loopback, with Debian's mosh at either
 * end. Input and output are pipes.
 */
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest"
import { execFileSync } from "node:child_process"
import { createSocket } from "node:dgram"
import { once } from "node:events"
import { createServer } from "node:net"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { program, requirePrograms } from "../../support/peers.ts"
import { quoted } from "../../support/peers-shell.ts"
import { type Sshd, startSshd } from "../../support/sshd.ts"
import { mosh, start, Workshop } from "./workshop.ts"

const command = (...words: ReadonlyArray<string>): string => words.map(quoted).join(" ")
const ourServer = command(...program("ours", "mosh-server"))
const shell = ["--", "/bin/sh", "-c", "echo ready; read line; echo got $line"]
const talk = { stdin: "some words\n" }
const talked = expect.stringMatching(/ready[^]*got some words/)

describe("mosh --local", () => {
  it.for(["127.0.0.1", "::1"])("opens a session on %s", async (address, context) => {
    const own = Object.values(Os.networkInterfaces()).flatMap((addresses) => addresses ?? [])
    if (!own.some((known) => known.address === address)) context.skip(`this machine has no ${address}`)
    expect(await mosh(["--local", address, ...shell], talk)).toEqual({ code: 0, stdout: talked, stderr: "" })
  })

  it("passes input to a login shell, and its output back", async () => {
    const ran = await mosh(["--local"], {
      stdin: "echo $((6*7)) from $0; exit\n",
      environment: { SHELL: "/bin/sh", LANG: undefined, LC_ALL: undefined, TERM: undefined }
    })
    expect(ran.stdout).toMatch(/\b42 from /)
    expect(ran).toMatchObject({ code: 0, stderr: "" })
  })

  it("returns the program's exit status, where our server reports it", async (context) => {
    const ran = (...line: ReadonlyArray<string>) => mosh(["--local", ...line], { stdin: "" })
    expect((await ran("--", "/bin/sh", "-c", "echo seen; exit 3")).code).toBe(3)
    expect((await ran("--", "/bin/sh", "-c", "kill -TERM $$")).code).toBe(143)
    expect((await ran("--", "true")).code).toBe(0)
    requirePrograms(context, "mosh")
    expect((await ran("--server=/usr/bin/mosh-server", "--", "/bin/sh", "-c", "exit 3")).code).toBe(0)
  })

  it("starts another server with a shell, in the home directory, as ssh would", async () => {
    using workshop = new Workshop()
    const server = workshop.script(
      "server",
      'pwd > "$here/directory"',
      'env > "$here/environment"',
      `exec ${ourServer} "$@"`
    )
    const ran = await mosh(["--local", `--server=MARK='a b' ${server}`, ...shell], {
      ...talk,
      environment: { HOME: workshop.directory, SSH_CONNECTION: "a 1 b 2" }
    })
    expect(ran).toEqual({ code: 0, stdout: talked, stderr: "" })
    expect(Fs.readFileSync(workshop.path("directory"), "utf8").trim()).toBe(Fs.realpathSync(workshop.directory))
    const environment = workshop.environment("environment")
    expect(environment.get("MARK")).toBe("a b")
    expect(environment.has("SSH_CONNECTION")).toBe(false)
  })

  it("starts Debian's server", async (context) => {
    requirePrograms(context, "mosh")
    const ran = await mosh(["--local", "--server=/usr/bin/mosh-server", ...shell], talk)
    expect(ran).toEqual({ code: 0, stdout: talked, stderr: "" })
  })
})

describe("npm start", () => {
  it("is a session on this machine", async () => {
    const line = [process.execPath, Path.resolve(import.meta.dirname, "../../../scripts/start.ts")]
    const ran = await start(line, { stdin: "echo $((6*7)); exit\n", environment: { SHELL: "/bin/sh" } }).ended
    expect(ran.stdout).toMatch(/\b42$/m)
    expect(ran).toMatchObject({ code: 0, stderr: "" })
    expect(await start([...line, "--version"]).ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("mosh (")
    })
  })
})

describe("mosh through sshd", () => {
  let workshop: Workshop
  let sshd: Promise<Sshd> | undefined
  beforeAll(() => {
    workshop = new Workshop()
  })
  afterAll(async () => {
    closing.close()
    ;(await sshd)?.[Symbol.dispose]()
    workshop[Symbol.dispose]()
  })

  /** Accepts every connection, and closes it. */
  const closing = createServer((socket) => socket.destroy())
  const closingPort = async (): Promise<number> => {
    if (!closing.listening) await once(closing.listen(0, "127.0.0.1"), "listening")
    const address = closing.address()
    return address !== null && typeof address === "object" ? address.port : 0
  }

  /** The ssh command that finds the hosts of these tests. Its sshd is started when first needed, if installed. */
  const ssh = async (context: TestContext): Promise<string> => {
    requirePrograms(context, "mosh", "ssh", "sshd")
    const { clientConfig, directory, host } = await (sshd ??= startSshd({ environment: { LANG: "C" } }))
    const own = Fs.readFileSync(clientConfig, "utf8")
    const also = (name: string, ...lines: ReadonlyArray<string>) =>
      [own.replace(host, name), ...lines.map((line) => `  ${line}`)].join("\n")
    const hosts = [
      own,
      also("127.0.0.1"),
      also("behind", `ProxyJump ${host}`),
      also("shared", "ControlMaster auto", "ControlPersist 60", `ControlPath ${workshop.path("control")}`),
      also("stranger").replace(/IdentityFile .*\n/, "IdentityFile /dev/null\n"),
      also("closed").replace(/Port \d+/, "Port 1"),
      // No connection leads to a multicast address.
      also("closing").replace(/Port \d+/, `Port ${await closingPort()}`),
      also("nowhere").replace("127.0.0.1", "224.0.0.1"),
      also("unknown")
        .replace(/(StrictHostKeyChecking) no/, "$1 yes")
        .replace(/(UserKnownHostsFile) .*/, "$1 /dev/null"),
      also("changed")
        .replace(/(StrictHostKeyChecking) no/, "$1 yes")
        .replace(/(UserKnownHostsFile) .*/, `$1 ${workshop.path("changed-hosts")}`)
    ]
    const [type, key] = Fs.readFileSync(Path.join(directory, "user_key.pub"), "utf8").split(" ")
    const port = /Port (\d+)/.exec(own)?.[1]
    Fs.writeFileSync(workshop.path("changed-hosts"), `[127.0.0.1]:${port} ${type} ${key}\n`)
    Fs.writeFileSync(workshop.path("config"), hosts.join("\n"))
    return `--ssh=${command("ssh", "-F", workshop.path("config"))}`
  }
  const stock = "--server=/usr/bin/mosh-server"

  for (const [name, line] of [
    ["by a proxy command", ["loopback"]],
    ["by looking the name up", ["--experimental-remote-ip=local", "127.0.0.1"]],
    ["by asking the server", ["--experimental-remote-ip=remote", "loopback"]],
    ["without a pty", ["--no-ssh-pty", "loopback"]],
    ["on a given port", ["-p", "61100:61199", "loopback"]],
    ["on any interface", ["--bind-server=any", "loopback"]]
  ] satisfies ReadonlyArray<[string, ReadonlyArray<string>]>) {
    it(`opens a session with Debian's server: ${name}`, async (context) => {
      const ran = await mosh([await ssh(context), stock, ...line, ...shell], talk)
      expect(ran).toMatchObject({ code: 0, stdout: talked })
    })
  }

  it("opens a session with our server, whose machine has another locale", async (context) => {
    const ran = await mosh([await ssh(context), `--server=${ourServer}`, "loopback", ...shell], talk)
    expect(ran).toEqual({ code: 0, stdout: talked, stderr: "" })
  })

  it("works from a directory whose name has characters that are special to shells and to ssh", async (context) => {
    const installed = workshop.path("it's 100%h odd")
    const root = Path.resolve(import.meta.dirname, "../../..")
    for (const part of ["bin", "dist", "package.json"]) {
      Fs.cpSync(Path.join(root, part), Path.join(installed, part), { recursive: true })
    }
    const line = [
      process.execPath,
      Path.join(installed, "bin/mosh.cjs"),
      await ssh(context),
      stock,
      "loopback",
      ...shell
    ]
    expect(await start(line, talk).ended).toEqual({ code: 0, stdout: talked, stderr: "" })
  })

  it("goes through a jump host", async (context) => {
    const ran = await mosh([await ssh(context), stock, "behind", ...shell], talk)
    expect(ran).toMatchObject({ code: 0, stdout: talked })
    expect(ran.stderr).toMatch(/^mosh: .*127\.0\.0\.1/)
  })

  it("shares a connection of ssh, and does not wait for its end", async (context) => {
    const shared = [await ssh(context), "--experimental-remote-ip=remote"]
    try {
      expect(await mosh([...shared, stock, "shared", ...shell], talk)).toMatchObject({ code: 0, stdout: talked })
      expect(Fs.existsSync(workshop.path("control"))).toBe(true)
      const ran = await mosh([...shared, "--server=/nonexistent/mosh-server", "shared"], talk)
      expect(ran.stderr).toContain("There is no mosh-server on shared")
    } finally {
      execFileSync("ssh", ["-F", workshop.path("config"), "-O", "exit", "shared"], { stdio: "ignore" })
    }
  })

  it("is Debian's, with our server and our client", async (context) => {
    const [client = "", ...rest] = program("ours", "mosh-client")
    const script = workshop.script("client", `exec ${command(client, ...rest)} "$@"`)
    const line = [
      "/usr/bin/mosh",
      await ssh(context),
      `--server=${ourServer}`,
      `--client=${script}`,
      "loopback",
      ...shell
    ]
    const ran = await start(line, talk).ended
    expect(ran).toMatchObject({ code: 0, stdout: talked })
  })

  describe("fails, and reports why:", () => {
    it.for<[string, ReadonlyArray<string>, RegExp]>([
      ["no server there", ["--server=no-such-server", "loopback"], /^mosh: There is no mosh-server on loopback/m],
      ["not let in", ["stranger"], /^mosh: sshd on stranger did not let you in.*\n.*mosh --ssh=.*\n.*ssh -v -F/m],
      ["a closed port", ["closed"], /^mosh: closed is there, but refuses connections.*\n.*\n.*mosh -P PORT closed/m],
      ["no sshd", ["closing"], /^mosh: ssh could not open a session on closing \(exit status 255\).*\n.*once "ssh -F/m],
      ["no route", ["nowhere"], /^mosh: nowhere does not answer ssh.*\nIs it switched on and online/m],
      ["no such name", ["name.invalid"], /^mosh: ssh finds no machine called name.invalid.*\nIs it spelt right/m],
      ["host key unknown", ["unknown"], /^mosh: ssh does not know the host key of unknown.*\nLog in once by ssh -F/m],
      ["host key changed", ["changed"], /^mosh: ssh does not trust changed: its host key is not the one known/m]
    ])("%s", async ([_name, line, message], context) => {
      const ran = await mosh([await ssh(context), ...line])
      expect(ran.code).toBe(255)
      expect(ran.stderr).toMatch(message)
      // The messages of ssh or of the shell.
      expect(ran.stdout).toMatch(
        /not found|Permission denied|no connection|no address|Could not resolve|Host key verification failed|closed/
      )
    })

    it("the shell there prints something before the server's line", async (context) => {
      Fs.writeFileSync(workshop.path("noise"), "echo one; echo two; printf 'three '\n")
      const noisy = `. ${workshop.path("noise")}; ${ourServer}`
      const ran = await mosh([await ssh(context), "--no-ssh-pty", `--server=${noisy}`, "loopback"])
      expect(ran.code).toBe(255)
      expect(ran.stdout).toContain("one\ntwo\n")
      expect(ran.stderr).toMatch(
        /^mosh: The answer of loopback .* expected form:\n {2}three MOSH CONNECT \d+ \(a key\)\nDoes a start-up file .* ssh -F .* loopback true\n$/
      )
      // On a terminal the server's line is found even if text precedes it in the same line.
      const line = [await ssh(context), `--server=${noisy}`, "loopback", ...shell]
      expect(await mosh(line, talk)).toMatchObject({ code: 0, stdout: talked })
    })

    it.for<[string, string]>([
      ["Debian's", stock],
      ["our", `--server=${ourServer}`]
    ])("the port of %s server is taken", async ([_name, server], context) => {
      const taken = createSocket("udp4")
      // Then no other program can bind it on all addresses either.
      taken.bind(0, "127.0.0.1")
      await once(taken, "listening")
      const line = [await ssh(context), server, "-p", String(taken.address().port), "loopback", ...shell]
      const ran = await mosh(line)
      taken.close()
      expect(ran.stderr).toMatch(/^mosh: mosh-server on loopback found no free UDP port/m)
      expect(ran.code).toBe(255)
    })

    it("Debian's server finds no UTF-8 locale", async (context) => {
      const line = [await ssh(context), stock, `--client=${workshop.client()}`, "loopback", ...shell]
      const ran = await mosh(line, { environment: { LC_ALL: "C" } })
      expect(ran.stderr).toMatch(/^mosh: mosh-server on loopback found no UTF-8 locale/m)
      expect(ran.code).toBe(255)
    })
  })
})
