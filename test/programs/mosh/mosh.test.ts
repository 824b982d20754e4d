/**
 * The wrapper as a program, with scripts in place of `ssh` and the client.
 */
import { describe, expect, it } from "vitest"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { program } from "../../support/peers.ts"
import { CONNECT, KEY, mosh, start, Workshop } from "./workshop.ts"

const IP = "MOSH IP 192.0.2.1"

describe("mosh", () => {
  it("prints its help on stdout", async () => {
    const help = await mosh(["--help"])
    expect(help).toMatchObject({ code: 0, stderr: "" })
    expect(help.stdout).toContain("mosh user@host")
    expect(Math.max(...help.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(105)
    expect((await mosh(["host", "--version"])).stdout).toMatch(/^mosh \(effect-mosh \d+\.\d+\.\d+\)\n/)
  })

  it("reports what is wrong with a command line", async () => {
    expect(await mosh([])).toEqual({
      code: 255,
      stdout: "",
      stderr: "mosh: Which host? Usage: mosh [user@]host\nmosh --help shows how it is used.\n"
    })
  })

  it("hands the session to the client as stock mosh does", async () => {
    using workshop = new Workshop()
    const line = [
      `--ssh=${workshop.ssh([IP, CONNECT])}`,
      `--client=${workshop.client(7)}`,
      "-n",
      "me@host",
      "--",
      "cat",
      "-n"
    ]
    const ran = await mosh(line, { environment: { MOSH_PREDICTION_DISPLAY: "always", MOSH_KEY: "x" } })
    expect(ran).toEqual({ code: 7, stdout: "", stderr: "" })
    expect(workshop.words("client-words")).toEqual([`-# ${line.join(" ")} |`, "192.0.2.1", "60001"])
    const client = workshop.environment("client-environment")
    expect(client.get("MOSH_KEY")).toBe(KEY)
    expect(client.get("MOSH_PREDICTION_DISPLAY")).toBe("never")
    expect(client.has("MOSH_NO_TERM_INIT")).toBe(false)

    const words = workshop.words("ssh-words")
    expect(words.slice(0, 5)).toEqual(["-n", "-tt", "-S", "none", "-o"])
    expect(words[5]).toMatch(/^ProxyCommand='.*mosh\.cjs' '--family=prefer-inet' --fake-proxy -- %h %p$/)
    expect(words.slice(6)).toEqual([
      "me@host",
      "--",
      "mosh-server 'new' '-c' '256' '-s' '-l' 'LANG=C.UTF-8' '-l' 'LC_ALL=' '--' 'cat' '-n'"
    ])
    const ssh = workshop.environment("ssh-environment")
    expect(ssh.get("SHELL")).toBe("/bin/sh")
    expect(ssh.get("MOSH_CLIENT_PID")).toBe(client.get("MOSH_CLIENT_PID"))
    expect(ssh.has("MOSH_PREDICTION_DISPLAY")).toBe(false)
    expect(ssh.has("MOSH_KEY")).toBe(false)
  })

  it("passes the client's options to it", async () => {
    using workshop = new Workshop()
    const ran = await mosh([
      `--ssh=${workshop.ssh([IP, CONNECT])}`,
      `--client=${workshop.client()}`,
      ..."-o --no-init --predict=experimental host".split(" ")
    ])
    expect(ran.code).toBe(0)
    const client = workshop.environment("client-environment")
    expect(client.get("MOSH_PREDICTION_OVERWRITE")).toBe("yes")
    expect(client.get("MOSH_NO_TERM_INIT")).toBe("1")
    expect(client.get("MOSH_PREDICTION_DISPLAY")).toBe("experimental")
  })

  it("passes on ssh's output up to the line with the port and the key", async () => {
    using workshop = new Workshop()
    const ssh = workshop.ssh(["Welcome to héllo\r", "", "MOSH XYZ", IP, " MOSH IP x", CONNECT, "not shown", "MOSH IP"])
    const ran = await mosh([`--ssh=${ssh}`, `--client=${workshop.client()}`, "host"])
    expect(ran).toEqual({ code: 0, stdout: "Welcome to héllo\n\nMOSH XYZ\n MOSH IP x\n", stderr: "" })
  })

  it("filters what ssh and the server print, and shows no key", async () => {
    using workshop = new Workshop()
    const ssh = workshop.script(
      "ssh-hostile",
      // Printed in two pieces, in the middle of a character and of a sequence.
      "printf 'gr\\303'; sleep 0.1; printf '\\274n\\033]52;c;aGk='; sleep 0.1; printf '\\007\\033[?1049h\\033[6n!\\n'",
      `printf '\\033[32mcolour\\nno line feed ${CONNECT}\\n'`,
      `echo ${IP}; echo ${CONNECT}`
    )
    const ran = await mosh([`--ssh=${ssh}`, `--client=${workshop.client()}`, "host"])
    const hidden = CONNECT.replace(KEY, "(a key)")
    const shown = `grün!\n\u001b[32mcolour\u001b[m\n\u001b[32mno line feed ${hidden}\u001b[m\n`
    expect(ran).toEqual({ code: 0, stdout: shown, stderr: "" })
  })

  it("reports each step with --verbose", async () => {
    using workshop = new Workshop()
    const line = [`--ssh=${workshop.ssh([IP, CONNECT])}`, `--client=${workshop.client()}`, "me@host"]
    const ran = await mosh(["--verbose", ...line])
    expect(ran).toMatchObject({ code: 0, stdout: "" })
    const reported = [
      /^[\d:.]+ logging in to me@host by ssh… .*fake-ssh -n -tt -S none -o 'ProxyCommand=.*' me@host -- 'mosh-server /,
      /logging in to me@host \(192\.0\.2\.1\) by ssh…$/,
      /mosh-server listens on UDP port 60001 of 192\.0\.2\.1$/
    ]
    expect(ran.stderr.trimEnd().split("\n")).toEqual(reported.map((pattern) => expect.stringMatching(pattern)))
    expect(await mosh([`--verbose=${workshop.path("log")}`, ...line])).toEqual({ code: 0, stdout: "", stderr: "" })
    expect(Fs.readFileSync(workshop.path("log"), "utf8")).toMatch(/ mosh-server listens on UDP port 60001/)
    expect(ran.stderr).not.toContain(KEY)
  })

  it("keeps stdout and stderr of ssh in order", async () => {
    using workshop = new Workshop()
    const ssh = workshop.script("ssh-both", `echo ${IP} >&2`, `echo ${CONNECT}`, "echo late >&2")
    for (let time = 0; time < 5; time++) {
      const ran = await mosh([`--ssh=${ssh}`, `--client=${workshop.client()}`, "host"])
      expect(ran).toEqual({ code: 0, stdout: "", stderr: "" })
    }
  })

  it("does not wait for an ssh that does not exit", async () => {
    using workshop = new Workshop()
    const ssh = workshop.script("ssh-stays", `echo ${IP}`, `echo ${CONNECT}`, 'echo $$ > "$here/pid"', "exec sleep 60")
    const ran = await mosh([`--ssh=${ssh}`, `--client=${workshop.client()}`, "host"])
    expect(ran.code).toBe(0)
    const pid = Number(Fs.readFileSync(workshop.path("pid"), "utf8"))
    expect(process.kill(pid, "SIGKILL")).toBe(true)
  })

  it("assumes a UTF-8 locale if none is chosen", async () => {
    using workshop = new Workshop()
    const ran = await mosh([`--ssh=${workshop.ssh([IP, CONNECT])}`, `--client=${workshop.client()}`, "host"], {
      environment: { LANG: undefined, LC_ALL: undefined, LC_CTYPE: undefined }
    })
    expect(ran.code).toBe(0)
    expect(workshop.words("ssh-words").at(-1)).toContain("'-l' 'LANG=C.UTF-8'")
  })

  it("asks the server for its address where ssh goes through another host", async () => {
    using workshop = new Workshop()
    const client = workshop.client()
    workshop.script(
      "ssh",
      'if [ "$1" = -G ]; then echo "proxyjump bastion"; exit; fi',
      `echo MOSH SSH_CONNECTION 10.0.0.1 50000 192.0.2.7 22`,
      `echo ${CONNECT}`
    )
    const ran = await mosh([`--client=${client}`, "host"], {
      environment: { PATH: `${workshop.directory}:${process.env["PATH"] ?? ""}` }
    })
    expect(ran.code).toBe(0)
    expect(ran.stderr).toContain("192.0.2.7")
    expect(workshop.words("client-words").slice(1)).toEqual(["192.0.2.7", "60001"])
  })

  it("is ended by a signal while ssh logs in", async () => {
    using workshop = new Workshop()
    const ssh = workshop.script("ssh-hangs", 'echo $$ > "$here/pid"', "echo waiting", "exec sleep 60")
    const { child, ended } = start([...program("ours", "mosh"), `--ssh=${ssh}`, "--client=true", "host"])
    if (child.stdout !== null) await once(child.stdout, "data")
    child.kill("SIGTERM")
    expect(await ended).toMatchObject({ code: 128 + 15, stderr: "" })
    const pid = Number(Fs.readFileSync(workshop.path("pid"), "utf8"))
    await expect.poll(() => Fs.existsSync(`/proc/${pid}/fd/0`)).toBe(false)
  })
})

describe("mosh fails, and reports why:", () => {
  it.each<[string, ReadonlyArray<string>, number, RegExp]>([
    [
      "ssh failed",
      ["Connection closed by 192.0.2.1 port 22"],
      255,
      /ssh could not open a session on me@host \(exit status 255\)/
    ],
    ["no server", ["sh: 1: mosh-server: not found"], 127, /no mosh-server on me@host.*\n.*\n.*--server=/],
    ["server failed", ["mosh-server: broken"], 1, /mosh-server on me@host did not start a session \(exit status 1\)/],
    ["no locale", ["mosh-server needs a UTF-8 native locale to run."], 1, /no UTF-8 locale.*\n.*LC_ALL=C.UTF-8/],
    [
      "ports taken",
      ["Error binding to any interface: bind: Address already in use"],
      1,
      /no free UDP port.*\n.*-p 60000:/
    ],
    ["no address", [CONNECT], 0, /ssh did not report its address/],
    ["two addresses", [IP, IP], 0, /reported two addresses/],
    ["malformed", [IP, "MOSH CONNECT soon"], 0, /in the expected form:\n {2}MOSH CONNECT soon/]
  ])("%s", async (_name, said, status, message) => {
    using workshop = new Workshop()
    const ran = await mosh([`--ssh=${workshop.ssh(said, status)}`, `--client=${workshop.client()}`, "me@host"])
    expect(ran.code).toBe(255)
    expect(ran.stderr).toMatch(/^mosh: /)
    expect(ran.stderr).toMatch(message)
    expect(ran.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3)
    expect(ran.stderr).not.toMatch(/^\s+at /m)
    // ssh's own output is shown to the user.
    for (const line of said.filter((text) => !text.startsWith("MOSH "))) expect(ran.stdout).toContain(line)
    expect(workshop.has("client-words")).toBe(false)
  })

  it("there is no such ssh", async () => {
    const ran = await mosh(["--ssh=/nonexistent/ssh", "host"])
    expect(ran).toMatchObject({ code: 255, stdout: "" })
    expect(ran.stderr).toMatch(
      /^mosh: ssh could not be started: there is no program \/nonexistent\/ssh\.\n.*--ssh=COMMAND/
    )
  })

  it("there is no such client, or it refuses", async () => {
    using workshop = new Workshop()
    const ssh = workshop.ssh([IP, CONNECT])
    const missing = await mosh([`--ssh=${ssh}`, "--client=/nonexistent/client", "host"])
    expect(missing).toMatchObject({ code: 255 })
    expect(missing.stderr).toMatch(/^mosh: the client \/nonexistent\/client cannot be used: .*ENOENT/)
    const refusing = workshop.script("client-refuses", "echo no terminal >&2", "exit 1")
    const refused = await mosh([`--ssh=${ssh}`, `--client=${refusing}`, "host"])
    expect(refused.stderr).toMatch(/^no terminal\nmosh: the client .* ended with exit status 1/)
    expect(workshop.has("ssh-words")).toBe(false)
  })

  it("the name is unknown here", async () => {
    const ran = await mosh(["--experimental-remote-ip=local", "--ssh=true", "--client=echo", "name.invalid"])
    expect(ran.code).toBe(255)
    expect(ran.stderr).toMatch(/^mosh: The address of name.invalid could not be found: /)
  })

  it("there is no such server here", async () => {
    const ran = await mosh(["--local", "--server=/nonexistent/server", "--client=echo"])
    expect(ran.code).toBe(255)
    expect(ran.stderr).toContain("There is no mosh-server on this machine")
  })
})

describe("a launcher", () => {
  const bin = (name: string) => Path.resolve(import.meta.dirname, "../../../bin", name)

  it("reports which Node it needs", async () => {
    using workshop = new Workshop()
    const pretence = workshop.path("old-node.cjs")
    Fs.writeFileSync(
      pretence,
      'Object.defineProperty(process, "versions", { value: Object.assign({}, process.versions, { node: "12.22.0" }) })'
    )
    for (const name of ["mosh", "mosh-client", "mosh-server"]) {
      expect(await start([process.execPath, "-r", pretence, bin(`${name}.cjs`), "--version"]).ended).toEqual({
        code: 1,
        stdout: "",
        stderr: `${name}: Node.js 24 or later is needed, and this is 12.22.0.\n`
      })
    }
  })

  it("is written so that old ones can read it", async () => {
    const { transform } = await import("esbuild")
    for (const name of ["launch.cjs", "mosh.cjs", "mosh-client.cjs", "mosh-server.cjs"]) {
      const code = Fs.readFileSync(bin(name), "utf8")
      const supported = { "dynamic-import": true }
      // Newer syntax would be rewritten.
      const old = await transform(code, { target: "es2015", supported, minify: true })
      const as = await transform(code, { target: "esnext", minify: true })
      expect(old.code).toBe(as.code)
    }
  })

  it("reports that there is nothing to run before the build", async () => {
    using workshop = new Workshop()
    Fs.mkdirSync(workshop.path("bin"))
    for (const name of ["launch.cjs", "mosh.cjs"]) Fs.copyFileSync(bin(name), workshop.path(`bin/${name}`))
    expect(await start([process.execPath, workshop.path("bin/mosh.cjs")]).ended).toEqual({
      code: 1,
      stdout: "",
      stderr: `mosh: not built yet: run \`npm run build\` in ${Fs.realpathSync(workshop.directory)}\n`
    })
  })
})
