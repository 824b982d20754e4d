/**
 * Logging in on a terminal: what ssh asks there, what the user types, and what the terminal shows meanwhile.
 */
import { describe, expect, it, type TestContext } from "vitest"
import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Net from "node:net"
import { userInfo } from "node:os"
import { quoted } from "../../support/peers-shell.ts"
import { program, requirePrograms } from "../../support/peers.ts"
import { type SshdOptions, startSshd } from "../../support/sshd.ts"
import { Tmux } from "../../support/tmux.ts"
import { CONNECT, Workshop } from "./workshop.ts"

const PATH = process.env["PATH"] ?? ""
const server = program("ours", "mosh-server").map(quoted).join(" ")

/** Any account without privileges; the client runs as it. */
const UNPRIVILEGED = "nobody"

/** A directory, an sshd, and an ssh configuration with which ssh asks. */
const scene = async (context: TestContext, options: Partial<SshdOptions> = {}, client?: typeof UNPRIVILEGED) => {
  requirePrograms(context, "ssh", "sshd", "tmux")
  if (client !== undefined && userInfo().uid !== 0) context.skip("only root can run a client as another user")
  const stack = new AsyncDisposableStack()
  const workshop = stack.use(new Workshop())
  const environment = { PATH, HOME: workshop.directory, LANG: "C.UTF-8", SHELL: "/bin/sh", PS1: "prompt$ " }
  Fs.writeFileSync(workshop.path(".hushlogin"), "")
  const sshd = stack.use(await startSshd({ environment, isReadable: client !== undefined, ...options }))
  const config = Fs.readFileSync(sshd.clientConfig, "utf8").replace("BatchMode yes", "BatchMode no")
  const configure = (...changes: ReadonlyArray<readonly [RegExp, string]>) =>
    Fs.writeFileSync(
      workshop.path("config"),
      changes.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), config)
    )
  configure()
  const privileges = client === undefined ? [] : ["setpriv", `--reuid=${client}`, "--clear-groups", "--"]
  if (client !== undefined) {
    const [key, known] = [workshop.path("user_key"), workshop.path("known")]
    Fs.copyFileSync(`${sshd.directory}/user_key`, key)
    Fs.chmodSync(key, 0o600)
    configure([/IdentityFile .*/, `IdentityFile ${key}`], [/UserKnownHostsFile .*/, `UserKnownHostsFile ${known}`])
    execFileSync("chown", ["-R", client, workshop.directory])
  }
  const open = (command: ReadonlyArray<string>): Tmux =>
    stack.use(Tmux.start({ size: { columns: 100, rows: 24 }, command, environment }))
  const mosh = (...line: ReadonlyArray<string>): Tmux =>
    open([...privileges, ...program("ours", "mosh"), `--ssh=ssh -F ${workshop.path("config")}`, ...line])
  return { workshop, sshd, configure, mosh, open, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe.concurrent("mosh on a terminal", () => {
  it("lets ssh ask for a host key and a passphrase, and takes no key that is typed there", async (context) => {
    await using place = await scene(context)
    const key = place.workshop.path("key")
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "open sesame", "-C", "", "-f", key])
    Fs.appendFileSync(`${place.sshd.directory}/authorized_keys`, Fs.readFileSync(`${key}.pub`))
    const known = place.workshop.path("known")
    place.configure(
      [/StrictHostKeyChecking no/, "StrictHostKeyChecking ask"],
      [/UserKnownHostsFile .*/, `UserKnownHostsFile ${known}`],
      [/IdentityFile .*/, `IdentityFile ${key}`]
    )
    const terminal = place.mosh(`--server=${server}`, "loopback", "--", "/bin/sh")
    await terminal.see("Are you sure you want to continue connecting (yes/no/[fingerprint])?")
    // The answer is echoed, and may be corrected.
    await terminal.type("yex")
    await terminal.see("(yes/no/[fingerprint])? yex")
    await terminal.type("\u007fs")
    await terminal.see("(yes/no/[fingerprint])? yes")
    await terminal.type("\r")
    const wanted = await terminal.see(`Enter passphrase for key '${key}':`)
    // ssh's lines are exactly as ssh printed them.
    expect(wanted.text[0]).toMatch(/^The authenticity of host '\[127\.0\.0\.1\]:\d+ .*' can't be established\.$/)
    await terminal.type("open sesamf\u007fe\r")
    await terminal.see("prompt$ ")
    // No answer to ssh reached the shell, and every later key did.
    await terminal.type('echo a$((1+1))b; read line; echo "<$line>"\r')
    await terminal.see("a2b")
    await terminal.type("all of this\r")
    const session = await terminal.see("<all of this>")
    expect(session.text.join("\n")).not.toContain("sesame")
    await terminal.type("exit\r")
    expect(await terminal.exit()).toBe(0)
    expect(Fs.readFileSync(known, "utf8")).toContain("ssh-ed25519")
  })

  it("lets ssh ask for a password", async (context) => {
    if (process.env["CI"] !== "true" || userInfo().uid !== 0) {
      const reason = "only CI, as root, makes a user with a password"
      console.warn(`${reason}; a test is skipped`)
      context.skip(reason)
    }
    requirePrograms(context, "mosh")
    await using place = await scene(context, { passwords: true })
    const user = `mosh-test-${randomBytes(3).toString("hex")}`
    execFileSync("useradd", ["--no-create-home", "--home-dir", "/tmp", "--shell", "/bin/sh", user])
    try {
      execFileSync("chpasswd", { input: `${user}:swordfish\n` })
      place.configure([/User .*/, `User ${user}`], [/IdentityFile .*/, "IdentityFile none"])
      const terminal = place.mosh("--server=/usr/bin/mosh-server", "loopback", "--", "sh", "-c", "id -un; read line")
      await terminal.see(`${user}@127.0.0.1's password:`)
      await terminal.type("wrong\r")
      await terminal.see("Permission denied, please try again.")
      await terminal.type("swordfish\r")
      const { text } = await terminal.until("the session", (view) => view.text.includes(user))
      expect(text.join("\n")).not.toMatch(/wrong|swordfish/)
      await terminal.type("\r")
      expect(await terminal.exit()).toBe(0)
    } finally {
      execFileSync("userdel", [user])
    }
  })

  it("shows what the shell there prints, line below line", async (context) => {
    await using place = await scene(context)
    const terminal = place.mosh(`--server=echo one; echo two; sleep 1; ${server}`, "loopback", "--", "/bin/sh")
    const { text } = await terminal.see("two")
    const first = text.indexOf("one")
    expect(text.slice(first, first + 2)).toEqual(["one", "two"])
    await terminal.see("prompt$ ")
    await terminal.type("exit\r")
    expect(await terminal.exit()).toBe(0)
  })

  it("shows what it waits for, and removes that afterwards", async (context) => {
    requirePrograms(context, "tmux")
    using workshop = new Workshop()
    const slow = workshop.script(
      "slow-ssh",
      'until [ -e "$here/go" ]; do sleep 0.05; done; echo MOSH IP 192.0.2.1',
      "sleep 0.7; printf 'A question? ' > /dev/tty; read answer < /dev/tty",
      `echo ${CONNECT}`
    )
    const client = workshop.script("client", 'if [ "$1" = -c ]; then echo 8; exit; fi', "echo session; sleep 0.3")
    await using terminal = Tmux.start({
      size: { columns: 60, rows: 10 },
      command: [...program("ours", "mosh"), `--ssh=${slow}`, `--client=${client}`, "me@host"],
      environment: { PATH, LANG: "C.UTF-8" }
    })
    const rows = (lines: ReadonlyArray<string>) => lines.filter((row) => row !== "")
    const started = await terminal.see("by ssh…")
    expect(rows(started.text)).toEqual(["mosh: logging in to me@host by ssh…"])
    Fs.writeFileSync(workshop.path("go"), "")
    const reached = await terminal.see("A question?")
    expect(rows(reached.text)).toEqual(["A question?", "mosh: logging in to me@host (192.0.2.1) by ssh…"])
    await terminal.type("answer\r")
    const { text } = await terminal.see("session")
    expect(rows(text)).toEqual(["A question? answer", "session"])
    // The cursor was in the first cell of the screen, from where tmux moves what ED erases into its history.
    expect(rows(await terminal.all())).toEqual(["A question? answer", "session"])
    expect(await terminal.exit()).toBe(0)
  })
})

// One after the other: each starts an sshd, and ssh waits for both ends.
describe("the terminal during a login", () => {
  it.for([
    ["the user of the tests", undefined],
    ["a user without privileges", UNPRIVILEGED]
  ] as const)("keeps what %s types while ssh logs in for the session, unechoed", async ([, client], context) => {
    await using place = await scene(context, {}, client)
    const [reached, go] = ["reached", "go"].map((name) => place.workshop.path(name))
    const wait = `echo here; : > ${reached}; until [ -e ${go} ]; do sleep 0.05; done; echo there`
    const terminal = place.mosh(`--server=${wait}; ${server}`, "loopback", "--", "/bin/sh")
    await terminal.see("here")
    await terminal.type('echo a$((1+1))b; IFS= read -r line; echo "<$line>"\r')
    await terminal.type("c\u0004\u007fd\u0017e")
    Fs.writeFileSync(String(go), "")
    // If the terminal had echoed, it would have done so before this.
    const { text } = await terminal.see("there")
    expect(text.join("\n")).not.toContain("echo a")
    const session = await terminal.see("a2b")
    // Echoed once, by the session's terminal: before the prompt if the keystrokes arrived before the shell started.
    const echoes = session.text.filter((row) => row.includes("echo a$"))
    expect(echoes.map((row) => row.replace("prompt$ ", "").slice(0, 8))).toEqual(["echo a$("])
    await terminal.type("f\r")
    // The session's own terminal edits: Ctrl-D ends its read after "c", and neither backspace nor Ctrl-W reaches behind that.
    await terminal.see("<cef>")
    await terminal.type("exit\r")
    expect(await terminal.exit()).toBe(0)
  })

  it.for([
    ["a signal of the keyboard", "Silent", 130],
    ["a server that does not start", "/no/such/server", 255],
    ["a session", server, 0]
  ] as const)("restores the terminal after %s", async ([, command, status], context) => {
    await using stack = new AsyncDisposableStack()
    const place = stack.use(await scene(context))
    const silent = Net.createServer().listen(0, "127.0.0.1")
    stack.defer(() => void silent.close())
    await once(silent, "listening")
    if (command === "Silent") place.configure([/Port .*/, `Port ${(silent.address() as Net.AddressInfo).port}`])
    const modes = (name: string) => place.workshop.path(name)
    const line = `trap : INT; stty -g > ${modes("before")}; "$@"; echo "status $?"; stty -g > ${modes("after")}; echo done`
    const mosh = [...program("ours", "mosh"), `--ssh=ssh -F ${modes("config")}`, `--server=${command}`, "loopback"]
    const terminal = place.open(["/bin/sh", "-c", line, "sh", ...mosh, "--", "/bin/true"])
    if (command === "Silent") {
      await once(silent, "connection")
      await terminal.type("\u0003")
    }
    const { text } = await terminal.until("the end", (view) => view.text.includes("done"), 25_000)
    expect(text).toContain(`status ${status}`)
    expect(Fs.readFileSync(modes("after"), "utf8")).toBe(Fs.readFileSync(modes("before"), "utf8"))
  })
})
