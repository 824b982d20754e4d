/**
 * `mosh -T`: commands without a terminal, run here and through a real sshd, and by the programs that otherwise run ssh.
 */
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Util from "node:util"
import { program, requirePrograms } from "../../support/peers.ts"
import { quoted } from "../../support/peers-shell.ts"
import { type Sshd, startSshd } from "../../support/sshd.ts"
import { mosh, type Ran, Workshop } from "./workshop.ts"

const ourServer = program("ours", "mosh-server").map(quoted).join(" ")
const LOCAL = ["--local", "-T"]
const environment = { SHELL: "/bin/sh" }

/** Bytes that a terminal would change. */
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919 + (i >> 8)) & 0xff))

/** A command that is still running, with raw input and output. */
const running = (...line: ReadonlyArray<string>) => {
  const [file = "", ...words] = [...program("ours", "mosh"), ...line]
  const child = spawn(file, words, { env: { ...process.env, LANG: "C.UTF-8", ...environment } })
  const output: Array<Buffer> = []
  let errors = ""
  child.stdout.on("data", (piece: Buffer) => void output.push(piece))
  child.stderr.on("data", (piece: Buffer) => (errors += piece.toString()))
  child.stdin.on("error", () => undefined)
  const printed = () => Buffer.concat(output)
  return {
    child,
    printed,
    until: async (text: string) => {
      while (!printed().toString().includes(text)) await once(child.stdout, "data")
    },
    ended: once(child, "close").then(([code]) => ({ code, output: printed(), errors }))
  }
}

/** A server that returns what it receives. */
const echo = async () => {
  const server = Net.createServer((socket) => socket.on("error", () => undefined).pipe(socket))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return { port: (server.address() as Net.AddressInfo).port, [Symbol.dispose]: () => void server.close() }
}

const freePort = async (): Promise<number> => {
  using server = await echo()
  return server.port
}

/** Connects, also to a port on which nothing listens yet. Sends a text, or the end, and returns what comes back. */
const talk = async (port: number) => {
  for (;;) {
    const socket = Net.connect(port, "127.0.0.1")
    try {
      await once(socket, "connect")
    } catch {
      continue
    }
    return async (text?: string): Promise<string> => {
      if (text === undefined) {
        socket.end()
        socket.resume()
        await once(socket, "close")
        return ""
      }
      socket.write(text)
      const [bytes] = (await once(socket, "data")) as [Buffer]
      return bytes.toString()
    }
  }
}

describe("mosh -T on this machine", () => {
  it("passes input, output and standard error as they are, and returns the exit status", async () => {
    const { child, ended } = running(...LOCAL, "cat; echo to stderr > /dev/stderr; [ -t 0 ] || exit 7")
    child.stdin.end(bytes)
    const { code, errors, output } = await ended
    expect([code, errors, Buffer.compare(output, bytes)]).toEqual([7, "to stderr\n", 0])
  })

  it("copies on after its processes were suspended in the middle", async () => {
    const large = Buffer.concat(Array.from({ length: 8 }, () => bytes))
    const { child, ended } = running(...LOCAL, "echo $PPID >&2; cat")
    const [line] = (await once(child.stderr, "data")) as [Buffer]
    const pids = [child.pid ?? 0, Number(line)]
    child.stdin.end(large)
    await once(child.stdout, "data")
    for (const pid of pids) {
      process.kill(pid, "SIGSTOP")
      // Longer than timers and pacing allow for.
      await new Promise((resolve) => setTimeout(resolve, 300))
      process.kill(pid, "SIGCONT")
    }
    const { code, output } = await ended
    expect([code, Buffer.compare(output, large)]).toEqual([0, 0])
  })

  it("joins the words of a command, and passes them to the user's shell", async () => {
    const ran = await mosh([...LOCAL, "echo", "a   b", '"c   d"', "$((6*7))", ";", "exit 3"], { environment })
    expect(ran).toEqual({ code: 3, stdout: "a b c   d 42\n", stderr: "" })
  })

  it("passes input to a login shell if no command is named, and none with -n", async () => {
    const ran = await mosh(LOCAL, { stdin: "echo $0; exit 4\n", environment: { SHELL: "/bin/sh" } })
    expect(ran).toEqual({ code: 4, stdout: expect.stringMatching(/^-?(\/bin\/)?sh\n$/), stderr: "" })
    expect(await mosh([...LOCAL, "-n", "wc -c"], { stdin: "lost", environment })).toMatchObject({
      code: 0,
      stdout: "0\n"
    })
  })

  it("forwards signals, and exits with 255 if one ended the command, as ssh does", async () => {
    const caught = running(...LOCAL, "trap 'echo got it; exit 9' TERM; echo ready; while :; do sleep 0.05; done")
    await caught.until("ready")
    caught.child.kill("SIGTERM")
    expect(await caught.ended).toMatchObject({ code: 9, output: Buffer.from("ready\ngot it\n") })
    expect(await mosh([...LOCAL, "kill -KILL $$"], { environment })).toEqual({ code: 255, stdout: "", stderr: "" })
  })

  it("ends the command with SIGPIPE when its reader exits, and with SIGHUP when mosh is ended", async () => {
    using workshop = new Workshop()
    const piped = running(...LOCAL, `yes; echo $? > ${workshop.path("status")}`)
    await once(piped.child.stdout, "data")
    piped.child.stdout.destroy()
    expect((await piped.ended).code).toBe(0)
    expect(Fs.readFileSync(workshop.path("status"), "utf8")).toBe("141\n")

    const left = running(
      ...LOCAL,
      `exec 2>/dev/null; trap 'echo hung up > ${workshop.path("hup")}; exit' HUP; echo ready; while :; do sleep 0.05; done`
    )
    await left.until("ready")
    left.child.kill("SIGHUP")
    expect((await left.ended).code).toBe(255)
    while (!workshop.has("hup")) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(workshop.has("hup")).toBe(true)
  })

  it("forwards beside a command until its connections have ended, and with -N without one", async () => {
    using service = await echo()
    const here = await freePort()
    const forwarding = running(
      ...LOCAL,
      "-L",
      `${here}:127.0.0.1:${service.port}`,
      "-R",
      `0:127.0.0.1:${service.port}`,
      "cat"
    )
    let errors = ""
    forwarding.child.stderr.on("data", (piece: Buffer) => (errors += piece.toString()))
    forwarding.child.stdin.write("ready")
    await forwarding.until("ready")
    while (!/-R \d+/.test(errors)) await once(forwarding.child.stderr, "data")
    const there = Number(/-R (\d+)/.exec(errors)?.[1])
    const [first, second] = [await talk(here), await talk(there)]
    expect([await first("one"), await second("two")]).toEqual(["one", "two"])
    forwarding.child.stdin.end()
    // The command has ended, and mosh stays for the connections.
    await expect.poll(() => forwarding.child.stdin.destroyed).toBe(true)
    expect([await first("three"), await second("four")]).toEqual(["three", "four"])
    expect(forwarding.child.exitCode).toBe(null)
    expect([await first(), await second()]).toEqual(["", ""])
    expect((await forwarding.ended).code).toBe(0)

    const only = running(...LOCAL, "-N", "-L", `${here}:127.0.0.1:${service.port}`)
    const third = await talk(here)
    expect(await third("five")).toBe("five")
    await third()
    only.child.kill("SIGTERM")
    expect((await only.ended).code).toBe(255)
  })

  it("reports what to do where the server is stock mosh's", async (context) => {
    requirePrograms(context, "mosh")
    const ran = await mosh(["--local", "--server=/usr/bin/mosh-server", "-T", "echo never"], { environment })
    expect(ran).toMatchObject({ code: 255, stdout: "" })
    expect(ran.stderr).toMatch(/^mosh: stock mosh's server on this machine .*: install effect-mosh there.*\n$/)
  })
})

describe("mosh -T instead of ssh", () => {
  let workshop: Workshop
  let sshd: Promise<Sshd> | undefined
  beforeAll(() => {
    workshop = new Workshop()
  })
  afterAll(async () => {
    ;(await sshd)?.[Symbol.dispose]()
    workshop[Symbol.dispose]()
  })

  /** A script that is `mosh` for this sshd and this server; the host for it. */
  const ours = async (context: TestContext, ...programs: ReadonlyArray<string>) => {
    requirePrograms(context, "ssh", "sshd", ...programs)
    const { clientConfig, host } = await (sshd ??= startSshd({ environment: { PATH: process.env["PATH"] ?? "" } }))
    const words = program("ours", "mosh").map(quoted).join(" ")
    const options = [`--ssh=ssh -F ${clientConfig}`, `--server=${ourServer}`].map(quoted).join(" ")
    return { script: workshop.script("mosh", `exec ${words} ${options} "$@"`), host }
  }

  const run = async (file: string, ...words: ReadonlyArray<string>): Promise<Ran> => {
    const env = { ...process.env, LANG: "C.UTF-8", GIT_CONFIG_GLOBAL: "/dev/null", HOME: workshop.directory }
    try {
      return { code: 0, ...(await Util.promisify(execFile)(file, words, { env, encoding: "utf8" })) }
    } catch (error) {
      const { code, stderr, stdout } = error as Ran
      return { code, stdout, stderr }
    }
  }

  it("carries scp and sftp", async (context) => {
    const { host, script } = await ours(context, "scp", "sftp")
    Fs.writeFileSync(workshop.path("from"), bytes)
    expect(await run("scp", "-q", "-S", script, workshop.path("from"), `${host}:${workshop.path("to")}`)).toEqual({
      code: 0,
      stdout: "",
      stderr: ""
    })
    expect(Buffer.compare(Fs.readFileSync(workshop.path("to")), bytes)).toBe(0)
    Fs.writeFileSync(workshop.path("batch"), `get ${workshop.path("to")} ${workshop.path("back")}\n`)
    expect((await run("sftp", "-q", "-S", script, "-b", workshop.path("batch"), host)).code).toBe(0)
    expect(Buffer.compare(Fs.readFileSync(workshop.path("back")), bytes)).toBe(0)
  })

  it("carries git, which sends variables and asks for options", async (context) => {
    const { host, script } = await ours(context, "git")
    const repository = workshop.path("repository")
    await run("git", "init", "-q", "-b", "main", repository)
    const commit = ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty"]
    await run("git", ...commit, "-m", "the first")
    const clone = await run(
      "env",
      `GIT_SSH_COMMAND=${script} -T`,
      "git",
      "clone",
      "-q",
      `${host}:${repository}`,
      workshop.path("clone")
    )
    expect(clone).toEqual({ code: 0, stdout: "", stderr: "" })
    expect((await run("git", "-C", workshop.path("clone"), "log", "--format=%s")).stdout).toBe("the first\n")
    const sent = await run("env", "GREETING=well met", script, "-T", "-o", "SendEnv=GREETING", host, "echo $GREETING")
    expect(sent).toEqual({ code: 0, stdout: "well met\n", stderr: "" })
  })

  it("carries rsync", async (context) => {
    const { host, script } = await ours(context, "rsync")
    Fs.mkdirSync(workshop.path("tree/deep"), { recursive: true })
    Fs.writeFileSync(workshop.path("tree/deep/file"), bytes)
    const from = `${workshop.path("tree")}/`
    expect(await run("rsync", "-a", "-e", `${script} -T`, from, `${host}:${workshop.path("copy")}`)).toMatchObject({
      code: 0,
      stderr: ""
    })
    expect(Buffer.compare(Fs.readFileSync(workshop.path("copy/deep/file")), bytes)).toBe(0)
  })

  it("leaves the command to ssh with --fallback=ssh, where the server is stock mosh's", async (context) => {
    const { host, script } = await ours(context)
    requirePrograms(context, "mosh")
    const ran = await run(script, "--server=/usr/bin/mosh-server", "--fallback=ssh", "-T", host, "echo by ssh; exit 5")
    expect(ran).toEqual({ code: 5, stdout: "by ssh\n", stderr: "" })
  })

  it("fails as ssh does: 255, and one line of its own", async (context) => {
    const { script } = await ours(context)
    const ran = await run(script, "-T", "-p", "1", "127.0.0.1", "true")
    expect(ran).toMatchObject({ code: 255, stdout: "" })
    expect((await run(script, "-T", "-f", "host")).stderr).toBe(
      "mosh: mosh -T has no option -f: use ssh for it.\nmosh --help shows how it is used.\n"
    )
  })
})
