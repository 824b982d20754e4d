/**
 * `mosh --doctor` with real programs: for this machine, and through a real sshd on loopback, with Debian's server and ours.
 */
import { createSocket } from "node:dgram"
import { once } from "node:events"
import * as Fs from "node:fs"
import { afterAll, beforeAll, describe, type ExpectStatic, it, type TestContext } from "vitest"
import { program, requirePrograms } from "../../support/peers.ts"
import { quoted } from "../../support/peers-shell.ts"
import { type Sshd, startSshd } from "../../support/sshd.ts"
import { KEY, mosh, type Ran, start, Workshop } from "./workshop.ts"
import { Narrows } from "./doctor-narrows.ts"

const command = (...words: ReadonlyArray<string>): string => words.map(quoted).join(" ")
const ourServer = command(...program("ours", "mosh-server"))
const STOCK = "/usr/bin/mosh-server"

/** One line of the table. */
const line = ({ stdout }: Ran, check: string): string =>
  new RegExp(`^  ${check} +(ok|warning|failed|skipped) .*`, "m").exec(stdout)?.[0].replace(/ {2,}/g, " ").trim() ?? ""

/** With the whole report where the line is another one. */
const expectLine = (expect: ExpectStatic, ran: Ran, check: string) => expect(line(ran, check), ran.stdout)

/** Whether a process has a certain port range on its command line. */
const isServing = (ports: string): boolean =>
  Fs.readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && Fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(ports)
    } catch {
      return false
    }
  })

const nothingLeft = (expect: ExpectStatic, ports: string) =>
  expect.poll(() => isServing(ports), { timeout: 30_000, interval: 50 }).toBe(false)

describe.concurrent("mosh --doctor", { timeout: 180_000 }, () => {
  let workshop: Workshop
  let sshd: Promise<Sshd> | undefined
  let bare: Promise<Sshd> | undefined
  beforeAll(() => {
    workshop = new Workshop()
  })
  afterAll(async () => {
    ;(await sshd)?.[Symbol.dispose]()
    ;(await bare)?.[Symbol.dispose]()
    workshop[Symbol.dispose]()
  })

  const ssh = async (context: TestContext): Promise<string> => {
    requirePrograms(context, "mosh", "ssh", "sshd")
    const remote = await (sshd ??= startSshd({ environment: { LANG: "C" } }))
    const config = workshop.path("config")
    // Written once: an ssh of another test may be reading it.
    if (!Fs.existsSync(config)) Fs.writeFileSync(config, hostsOf(remote))
    return `--ssh=${command("ssh", "-F", config)}`
  }

  const hostsOf = ({ clientConfig, host }: Sshd): string => {
    const own = Fs.readFileSync(clientConfig, "utf8")
    const also = (name: string) => own.replace(host, name)
    const hosts = [
      own,
      `${also("behind")}  ProxyJump ${host}\n`,
      also("stranger").replace(/IdentityFile .*\n/, "IdentityFile /dev/null\n"),
      also("closed").replace(/Port \d+/, "Port 1")
    ]
    return hosts.join("\n")
  }

  it.for<[string, string, RegExp, ReadonlyArray<string>]>([
    ["Debian's", STOCK, /^mosh-server ok stock mosh 1\.\d/, ["-p", "61310:61319", "loopback"]],
    ["our", ourServer, /^mosh-server ok effect-mosh \d/, ["-p", "61320", "behind"]]
  ])("finds %s server well", async ([_name, server, version, where], context) => {
    const { expect } = context
    const ran = await mosh(["--doctor", await ssh(context), `--server=${server}`, ...where])
    expect(ran, ran.stdout).toMatchObject({ code: 0, stderr: "" })
    expectLine(expect, ran, "locale").toBe("locale ok UTF-8 (LANG=C.UTF-8)")
    expectLine(expect, ran, "ssh").toMatch(/^ssh ok OpenSSH_/)
    expectLine(expect, ran, "way").toMatch(
      where.includes("behind") ? /^way ok through loopback to / : /^way ok directly to /
    )
    expectLine(expect, ran, "login").toMatch(/^login ok in \d+\.\d s, to 127\.0\.0\.1( by the server's own account)?$/)
    expectLine(expect, ran, "mosh-server").toMatch(version)
    expect(ran.stdout).toMatch(/^ {2}locale +ok +UTF-8 from the local LANG=C\.UTF-8; the server's own is ANSI/m)
    expectLine(expect, ran, "clock").toMatch(
      /^clock ok (as here, to a second|\d+ s (ahead of|behind) this one); no session depends on it$/
    )
    expectLine(expect, ran, "contact").toMatch(/^contact ok UDP port 613\d\d of 127\.0\.0\.1 answers, after \d+ ms$/)
    expectLine(expect, ran, "round trip").toMatch(/^round trip ok least \d+, .* 32 of 32 keys; datagrams alone \d+ ms$/)
    expectLine(expect, ran, "loss").toMatch(/^loss ok 0 % /)
    expectLine(expect, ran, "over IPv4").toMatch(
      /^over IPv4 ok UDP port 613\d\d of 127\.0\.0\.1 answers, after \d+ ms$/
    )
    expectLine(expect, ran, "over IPv6").toBe("over IPv6 skipped no IPv6 address of the host is known here")
    // Stock's server has no relay.
    expectLine(expect, ran, "relay").toMatch(
      server === STOCK ? /^relay skipped .* no relay/ : /^relay ok .* through ssh, after/
    )
    expectLine(expect, ran, "path").toMatch(/^path ok a session uses UDP to 127\.0\.0\.1, which /)
    expectLine(expect, ran, "path").toMatch(server === STOCK ? /; no other is known$/ : /, the session also tries ssh$/)
    expectLine(expect, ran, "full size").toMatch(/^full size ok .* in both directions(; of \d+ from the server)?$/)
    expectLine(expect, ran, "end").toMatch(/^end ok /)
    expectLine(expect, ran, "highest port").toMatch(
      where.includes("behind") ? /^$/ : /^highest port ok UDP port 61319 /
    )
    expect(ran.stdout).toMatch(/^A session would work\.$/m)
    // It contains no path but those of this test.
    expect(ran.stdout).not.toMatch(/MOSH CONNECT|[\s=][A-Za-z0-9+]{22}(\s|$)/)
    await nothingLeft(expect, where[1] ?? "")
  })

  it("checks this machine without ssh, and a signal ends it and the session that it opened", async ({ expect }) => {
    const ports = "61330:61339"
    const running = start([...program("ours", "mosh"), "--doctor", "-p", ports])
    let stdout = ""
    running.child.stdout?.on("data", (bytes: Buffer) => (stdout += bytes.toString()))
    await expect.poll(() => stdout, { timeout: 60_000, interval: 20 }).toMatch(/ contact +ok/)
    running.child.kill("SIGINT")
    const ran = await running.ended
    expect(ran, ran.stdout).toMatchObject({ code: 130, stderr: "" })
    expectLine(expect, ran, "login").toMatch(/^login skipped /)
    expectLine(expect, ran, "mosh-server").toMatch(/^mosh-server ok effect-mosh /)
    await nothingLeft(expect, ports)
  })

  it("finds no server", async (context) => {
    const { expect } = context
    const ran = await mosh(["--doctor", await ssh(context), "--server=no-such-server", "loopback"])
    expect(ran.code, ran.stdout).toBe(1)
    expectLine(expect, ran, "mosh-server").toBe("mosh-server failed no no-such-server")
    expectLine(expect, ran, "contact").toBe("contact skipped no server to connect to")
    expect(ran.stdout).toMatch(/^What to do:$[^]*mosh --server=\/path\/to\/mosh-server loopback/m)
    expect(ran.stdout).toMatch(/^A session would not work: 1 of \d+ checks failed\.$/m)
  })

  it("finds a server outside the PATH that commands have there", async (context) => {
    const { expect } = context
    requirePrograms(context, "mosh", "ssh", "sshd")
    Fs.mkdirSync(workshop.path("bin"))
    for (const name of ["sh", "date", "uname", "sed", "id", "locale", "grep"]) {
      Fs.symlinkSync(`/usr/bin/${name}`, workshop.path(`bin/${name}`))
    }
    const { clientConfig } = await (bare ??= startSshd({
      environment: { PATH: workshop.path("bin"), LANG: "C.UTF-8" }
    }))
    const ran = await mosh(["--doctor", `--ssh=${command("ssh", "-F", clientConfig)}`, "loopback"])
    expect(ran.code, ran.stdout).toBe(1)
    expectLine(expect, ran, "mosh-server").toBe(
      `mosh-server failed there is ${STOCK}, but not on the PATH: ${workshop.path("bin")}`
    )
    expect(ran.stdout).toContain(`mosh --server=${STOCK} loopback`)
  })

  it("finds no UTF-8 locale at either end", async (context) => {
    const { expect } = context
    const line = ["--doctor", await ssh(context), `--server=${STOCK}`, "loopback"]
    const ran = await mosh(line, { environment: { LC_ALL: "xx_XX.ISO8859-1" } })
    expect(ran.code, ran.stdout).toBe(1)
    expect(ran.stdout).toMatch(/^ {2}locale +failed +ISO8859-1, not UTF-8 \(LC_ALL=xx_XX\.ISO8859-1\)$/m)
    expect(ran.stdout).toMatch(
      /^ {2}locale +warning +ANSI_X3\.4-1968 \(LANG=C\), and the local LC_ALL=xx_XX.* is not UTF-8 there$/m
    )
    expect(ran.stdout).toMatch(/^ {2}start +failed +mosh-server on loopback found no UTF-8 locale/m)
    expect(ran.stdout).toContain(`mosh --server="env LC_ALL=C.UTF-8 ${STOCK}" loopback`)
  })

  it("receives nothing by UDP", async (context) => {
    const { expect } = context
    const silent = createSocket("udp4")
    silent.bind(0, "127.0.0.1")
    await once(silent, "listening")
    const { port } = silent.address()
    const server = workshop.script(
      "silent-server",
      `case $1 in new) echo 'MOSH CONNECT ${port} ${KEY}' ;; *) exec ${STOCK} "$@" ;; esac`
    )
    const ran = await mosh(["--doctor", await ssh(context), `--server=${server}`, "-p", "61340:61349", "loopback"])
    silent.close()
    expect(ran.code, ran.stdout).toBe(1)
    expectLine(expect, ran, "contact").toBe(
      `contact failed nothing came back on UDP port ${port} of 127.0.0.1 within 8 s`
    )
    expectLine(expect, ran, "relay").toMatch(/^relay failed .* no relay/)
    expectLine(expect, ran, "path").toBe("path skipped neither UDP nor ssh carries a session")
    expectLine(expect, ran, "highest port").toBe("highest port skipped UDP port 61349 was not tried")
    expect(ran.stdout).toContain("sudo ufw allow 61340:61349/udp")
  })

  it("receives nothing by UDP, and goes through ssh to a program that starts late", async (context) => {
    const { expect } = context
    const silent = createSocket("udp4")
    silent.bind(0, "127.0.0.1")
    await once(silent, "listening")
    const server = workshop.script(
      "relayed-server",
      'late() { sleep 5; exec "$@"; }',
      'if [ "$1" = late ]; then "$@"; fi',
      `for word; do shift; if [ "$word" = -- ]; then set -- "$@" -- sh "$0" late; else set -- "$@" "$word"; fi; done`,
      `case $1 in new) ${ourServer} "$@" | grep CONNECT > "$here/relayed"`,
      'read _ _ port key < "$here/relayed"',
      `echo "MOSH CONNECT ${silent.address().port} $key" ;;`,
      `relay) read _ _ port key < "$here/relayed"; exec ${ourServer} relay "$port" "$3" ;;`,
      `*) exec ${ourServer} "$@" ;; esac`
    )
    const ran = await mosh(["--doctor", await ssh(context), `--server=${server}`, "-p", "61350", "loopback"])
    silent.close()
    expect(ran, ran.stdout).toMatchObject({ code: 0, stderr: "" })
    expectLine(expect, ran, "contact").toMatch(/^contact warning nothing came back /)
    expectLine(expect, ran, "relay").toMatch(/^relay ok the server answers through ssh, after \d+ ms$/)
    expectLine(expect, ran, "round trip").toMatch(/^round trip ok .* 32 of 32 keys/)
    expectLine(expect, ran, "path").toMatch(/^path ok a session uses ssh, because UDP is silent/)
    expectLine(expect, ran, "end").toMatch(/^end ok /)
    await nothingLeft(expect, "61350")
  })

  it.for<["server" | "client", RegExp]>([
    [
      "server",
      /^full size warning packets of 1280 bytes do not pass: from the server only (\d{3}|1[012]\d\d) bytes; the session adapts$/
    ],
    [
      "client",
      /^full size warning packets of 1280 bytes do not pass: to the server only (\d{3}|1[012]\d\d) bytes; the session adapts$/
    ]
  ])("meets a network that loses what is large from the %s", async ([from, verdict], { expect }) => {
    await using narrows = await Narrows.start(from, 1200)
    const server = workshop.script(
      `narrow-server-${from}`,
      `case $1 in new) ${ourServer} "$@" > "$here/${from}" || exit`,
      `read _ _ port key < "$here/${from}"`,
      `printf %s "$port" > ${quoted(narrows.portFile)}`,
      `echo "MOSH CONNECT ${narrows.port} $key" ;;`,
      `*) exec ${ourServer} "$@" ;; esac`
    )
    const ran = await mosh(["--doctor", `--server=${server}`])
    expectLine(expect, ran, "round trip").toMatch(/^round trip ok .* 32 of 32 keys/)
    expectLine(expect, ran, "full size").toMatch(verdict)
    expect(ran.code, ran.stdout).toBe(0)
  })

  it.for<[string, string, RegExp]>([
    ["not let in", "stranger", /ssh: .*Permission denied/],
    ["a closed port", "closed", /ssh: mosh: no connection to 127\.0\.0\.1 .* port 1: connection refused/]
  ])("gets no login: %s", async ([_name, host, words], context) => {
    const { expect } = context
    const ran = await mosh(["--doctor", await ssh(context), host])
    expect(ran, ran.stdout).toMatchObject({ code: 1, stderr: "" })
    expectLine(expect, ran, "login").toBe(`login failed ssh opened no session on ${host} (exit status 255)`)
    expectLine(expect, ran, "contact").toMatch(/^contact skipped /)
    expect(ran.stdout).toMatch(words)
  })

  it("refuses invalid options", async ({ expect }) => {
    const ran = await mosh(["--doctor", "host", "top"])
    expect(ran, ran.stdout).toMatchObject({
      code: 255,
      stdout: "",
      stderr: expect.stringContaining("top has no meaning")
    })
  })
})
