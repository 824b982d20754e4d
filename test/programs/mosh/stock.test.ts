/**
 * Command lines of every form, read by Debian's programs and by ours: same command for ssh, same call of the client, same
 * exit status.
 */
import { beforeAll, describe, expect, it } from "vitest"
import * as Result from "effect/Result"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as ServerArguments from "../../../src/domain/arguments/ServerArguments.ts"
import * as ShellWords from "../../../src/domain/arguments/ShellWords.ts"
import * as SshCommand from "../../../src/domain/bootstrap/SshCommand.ts"
import * as WrapperArguments from "../../../src/domain/arguments/WrapperArguments.ts"
import { program, requirePrograms } from "../../support/peers.ts"
import { KEY, mosh, Workshop } from "./workshop.ts"

interface Row {
  readonly line: ReadonlyArray<string>
  readonly environment?: Readonly<Record<string, string>>
}

const row = (...line: ReadonlyArray<string>): Row => ({ line })
const predicting = (value: string, ...line: ReadonlyArray<string>): Row => ({
  line,
  environment: { MOSH_PREDICTION_DISPLAY: value }
})

const ALIKE: ReadonlyArray<Row> = [
  row("host"),
  row("me@host"),
  row("--", "host"),
  row("--", "host", "ls", "-l"),
  row("host", "--", "ls", "-l", "a'b", "", "$x y"),
  row("host", "ls", "--", "-l"),
  row("-a", "host"),
  row("-n", "host"),
  row("-a", "-n", "host"),
  row("-n", "--predict=experimental", "host"),
  row("--A", "host"),
  row("--predict=always", "host"),
  row("--PREDICT", "never", "host"),
  row("host", "-predict=adaptive"),
  row("--predict=foo", "host"),
  row("--predict=ALWAYS", "host"),
  row("--predict=", "host"),
  predicting("never", "host"),
  predicting("experimental", "-a", "host"),
  predicting("nonsense", "host"),
  predicting("nonsense", "-a", "host"),
  row("-o", "host"),
  row("--predict-overwrite", "host"),
  row("--predict-o", "host"),
  row("--no-predict-overwrite", "host"),
  row("-o", "--no-o", "host"),
  row("--noo", "host"),
  row("-4", "host"),
  row("-6", "host"),
  row("-4", "--family=all", "host"),
  row("--family=INET6", "host"),
  row("--fam=auto", "host"),
  row("--family", "prefer-inet6", "host"),
  row("-4", "--experimental-remote-ip=remote", "host"),
  row("-6", "--exp=remote", "host"),
  row("--family=prefer-inet6", "--exp=remote", "host"),
  row("--exp=guess", "host"),
  row("--exp=PROXY", "host"),
  row("-p", "60001", "host"),
  row("-p=60001", "host"),
  row("-p", "60000:60010", "host"),
  row("--port=60001:60001", "host"),
  row("--por", "60001", "host"),
  row("--p", "60001", "host"),
  row("-p", "0", "host"),
  row("-p", "1", "-p", "2", "host"),
  row("-p", "host"),
  row("-p", "70000", "host"),
  row("-p", "5:4", "host"),
  row("-p", "0:5", "host"),
  row("-p", "5:70000", "host"),
  row("-p", "5:0", "host"),
  row("-p", "5:", "host"),
  row("-p", ":5", "host"),
  row("-p", "-5", "host"),
  row("-p", "60001x", "host"),
  row("-p=", "host"),
  row("-p60001", "host"),
  row("host", "-p"),
  row("--bind-server=ssh", "host"),
  row("--bind-server=ANY", "host"),
  row("--bind=SSH", "host"),
  row("--bind-server=192.0.2.1", "host"),
  row("--bind-server", "::1", "host"),
  row("--ssh-pty", "host"),
  row("--no-ssh-pty", "host"),
  row("--nossh-pty", "host"),
  row("--ssh-p", "host"),
  row("--no-ssh", "host"),
  row("--init", "host"),
  row("--no-init", "host"),
  row("--noinit", "--init", "host"),
  row("--server=env X=1 mosh-server", "host"),
  row("--server", "-x", "host"),
  row("--local", "127.0.0.1"),
  row("--local", "127.0.0.1", "--", "ls", "-l"),
  row("--loc", "--bind-server=any", "127.0.0.1"),
  row("-l", "127.0.0.1"),
  row("--local", "-p", "60001", "127.0.0.1"),
  row(),
  row("--"),
  row("--help"),
  row("--he"),
  row("-h"),
  row("host", "--help"),
  row("--version"),
  row("-v"),
  row("-V"),
  row("--vers", "host"),
  row("-c", "host"),
  row("-x", "host"),
  row("--foo", "host"),
  row("-an", "host"),
  row("-a=1", "host"),
  row("--help=1"),
  row("--pre", "host"),
  row("--s", "host"),
  row("---port", "host"),
  row("--no-a", "host"),
  row("host", "--", "--help")
]

const LOOKED_UP: ReadonlyArray<Row> = [row("--exp=local", "127.0.0.1"), row("--exp=local", "me@127.0.0.1")]

/** What we read differently on purpose: the outcome with stock mosh, then with ours. */
const APART: ReadonlyArray<[Row, stock: string, ours: string]> = [
  [row("-P", "2222", "host"), "a session", "a session"],
  [row("--verbose", "host"), "255", "a session"],
  [row("--fallback=ssh", "host"), "255", "a session"],
  [row("--doctor", "host"), "255", "Doctor"],
  [row("--list", "host"), "255", "List"],
  [row("--kill=4711", "host"), "255", "Kill"],
  // Here -l is short for --local.
  [row("host", "ls", "-l"), "a session", "255"],
  [row("--family=ipx", "host"), "a session", "255"],
  // ssh would read it as an option of its own.
  [row("--", "-oProxyCommand=x"), "a session", "255"],
  [row("--local", "host"), "a session", "255"]
]

interface Outcome {
  /** `a session`, the exit status, or another action. */
  readonly end: string
  /** The arguments of ssh, or of the server with `--local`. */
  readonly called: ReadonlyArray<string>
  /** The client's arguments, and the variables meant for it. */
  readonly client: ReadonlyArray<string>
}

const LOCAL_SERVER = "--server=./server"
const isLocal = ({ line }: Row) => /^--?l(oc|$)/.test(line[0] ?? "")
const COLORS = 8
const CLIENT_STATUS = 7

describe("a command line means to mosh what it means to stock mosh", () => {
  const stock = new Map<Row, Outcome>()
  const rows = [...ALIKE, ...LOOKED_UP, ...APART.map(([row]) => row)]

  /** All in one script: most of the time is the start of Perl for each line. */
  beforeAll(() => {
    if (!Fs.existsSync("/usr/bin/mosh")) return
    using workshop = new Workshop()
    const { directory } = workshop
    const connect = `echo 'MOSH CONNECT 60001 ${KEY}'`
    const record = 'for word in "$0" "$@"; do printf "%s\\0" "$word"; done > called'
    workshop.script("ssh", record, "echo MOSH IP 192.0.2.1", connect)
    workshop.script("server", record, connect)
    workshop.script(
      "client",
      `if [ "$1" = -c ]; then echo ${COLORS}; exit; fi`,
      'printf "%s\\0" "$@" "$MOSH_KEY" "$MOSH_PREDICTION_DISPLAY" "$MOSH_PREDICTION_OVERWRITE" "$MOSH_NO_TERM_INIT" > client-called',
      `exit ${CLIENT_STATUS}`
    )
    const runs = rows.map((row, at) => {
      const environment = Object.entries(row.environment ?? {}).map(([name, value]) => `${name}=${value}`)
      const options = ["--ssh=./ssh", "--client=./client", ...(isLocal(row) ? [`${LOCAL_SERVER}`] : [])]
      const words = [
        "env",
        "-i",
        "LANG=C.UTF-8",
        `HOME=${directory}`,
        "PATH=/usr/bin:/bin",
        "TERM=xterm",
        ...environment
      ]
      const line = [...words, "/usr/bin/mosh", ...options, ...row.line].map(ShellWords.quote).join(" ")
      return `${line} > /dev/null 2>&1; echo $? > end; mkdir ${at}; mv end called client-called ${at} 2> /dev/null`
    })
    workshop.script("all", `cd '${directory}'`, ...runs)
    spawnSync(workshop.path("all"), { stdio: "ignore" })
    for (const [at, row] of rows.entries()) {
      const read = (name: string) => {
        const path = workshop.path(`${at}/${name}`)
        return Fs.existsSync(path) ? Fs.readFileSync(path, "utf8").split("\0").slice(0, -1) : []
      }
      const status = Fs.readFileSync(workshop.path(`${at}/end`), "utf8").trim()
      const client = read("client-called")
      stock.set(row, {
        end: status === String(CLIENT_STATUS) ? "a session" : status,
        called: read("called"),
        client: client.slice(1)
      })
    }
  })

  /** What our parser and our commands decide. Other tests show that the program does so. */
  const ours = ({ environment = {}, line }: Row): Outcome => {
    const local = isLocal({ line }) ? [LOCAL_SERVER] : []
    const asked = WrapperArguments.parse(["--ssh=./ssh", "--client=./client", ...local, ...line], {
      predictionDisplay: environment["MOSH_PREDICTION_DISPLAY"]
    })
    const nothing = { called: [], client: [] }
    if (Result.isFailure(asked)) return { end: "255", ...nothing }
    if (asked.success._tag === "Help" || asked.success._tag === "Version") return { end: "0", ...nothing }
    if (asked.success._tag !== "Open") return { end: asked.success._tag, ...nothing }
    const { request } = asked.success
    const { place } = request
    const parameters = SshCommand.serverArguments(request, COLORS, { LANG: "C.UTF-8" })
    const client = (address: string) => [
      address,
      "60001",
      KEY,
      request.prediction,
      request.predictOverwrite ? "yes" : "",
      request.initTerminal ? "" : "1"
    ]
    if (place._tag === "Local")
      return { end: "a session", called: ["./server", ...parameters], client: client(place.address) }
    const called = SshCommand.sshCommand({
      place,
      destination: place.destination,
      addressFrom: place.addressFrom ?? "proxy",
      family: request.family,
      self: ["/usr/bin/mosh"],
      command: SshCommand.serverCommand(request.server ?? "mosh-server", parameters)
    })
    return { end: "a session", called, client: client("192.0.2.1") }
  }

  /** The command that reports the server's address may differ, and a range of one port is one port. */
  const comparable = (outcome: Outcome | undefined): Outcome | undefined =>
    outcome && {
      ...outcome,
      called: outcome.called.map((word) =>
        word.replace(/^.*SSH_CONNECTION.*' ; /s, "ADDRESS; ").replace(/'(\d+):\1'/, "'$1'")
      )
    }

  it.for(ALIKE)("$line", (row, context) => {
    requirePrograms(context, "mosh")
    expect(comparable(ours(row))).toEqual(comparable(stock.get(row)))
  })

  it("resolves the name locally if asked to, and lets ssh connect to that address", (context) => {
    requirePrograms(context, "mosh")
    // This ssh reports an address nevertheless; both programs refuse a second one.
    for (const row of LOOKED_UP) expect(stock.get(row)?.called).toEqual(ours(row).called)
    for (const row of LOOKED_UP) expect(stock.get(row)?.end).not.toBe("a session")
  })

  it.for(APART)("%j apart", ([row, theirs, mine], context) => {
    requirePrograms(context, "mosh")
    expect(stock.get(row)?.end).toBe(theirs)
    expect(ours(row).end).toBe(mine)
  })

  it("and the program exits with the table's status", async () => {
    using workshop = new Workshop()
    const options = [`--ssh=${workshop.ssh(["MOSH IP 192.0.2.1", `MOSH CONNECT 60001 ${KEY}`])}`]
    const client = `--client=${workshop.client(CLIENT_STATUS)}`
    const ends = [row("-n", "me@host"), row("-p", "5:4", "host"), row("--foo", "host"), row("-h"), row("-V")]
    const ran = await Promise.all(ends.map(({ line }) => mosh([...options, client, ...line])))
    expect(ran.map(({ code }) => code)).toEqual(
      ends.map((row) => (ours(row).end === "a session" ? CLIENT_STATUS : Number(ours(row).end)))
    )
    for (const { stderr } of ran.slice(1, 3)) expect(stderr).toContain("mosh --help shows how it is used")
  })
})

describe("mosh-server", () => {
  interface Printed {
    readonly code: number | null
    /** Whether anything was printed on stdout. */
    readonly out: boolean
    readonly err: string
  }

  const run = (command: ReadonlyArray<string>, { environment, line }: Row): Printed => {
    const [file = "", ...first] = command
    const env = { PATH: "/usr/bin:/bin", LANG: "C.UTF-8", TERM: "xterm-256color", HOME: "/", ...environment }
    const ran = spawnSync(file, [...first, ...line], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
    return { code: ran.status, out: ran.stdout !== "", err: ran.stderr }
  }

  /** Runs the program only if the parser alone does not decide the outcome. */
  const ours = (row: Row): Printed => {
    const asked = ServerArguments.parse(row.line)
    switch (asked._tag) {
      case "Help":
      case "Version":
        return { code: 0, out: true, err: "" }
      case "Refused":
        return { code: 1, out: false, err: asked.complaints.join("\n") }
      default:
        return run(program("ours", "mosh-server"), row)
    }
  }

  // Command lines that start no session, and what is printed on stderr.
  it.for<[Row, RegExp]>([
    [row("new", "-p", "60000x"), /port/i],
    [row("new", "-p", "70000"), /port number.*70000.*outside valid range/],
    [row("new", "-p", "5:4"), /[Ll]ow port.*greater than high port/],
    [row("new", "-p", "0:5"), /[Ll]ow port 0 incompatible with port ranges/],
    [row("new", "-c", "many"), /Bad number of colors \(many\)/],
    [row("a", "b", "c"), /^Usage: /m],
    [row("--help"), /^$/],
    [row("new", "-h"), /^$/],
    [row("new", "--version", "--foo"), /^$/]
  ])("%j", ([row, words], context) => {
    requirePrograms(context, "mosh")
    const theirs = run(program("stock", "mosh-server"), row)
    const mine = ours(row)
    expect({ code: mine.code, out: mine.out }).toEqual({ code: theirs.code, out: theirs.out })
    expect([theirs.err, mine.err]).toEqual([expect.stringMatching(words), expect.stringMatching(words)])
  })
})
