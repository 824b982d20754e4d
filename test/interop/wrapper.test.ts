/**
 * The wrapper as users call it, with only the host and a command: it uses its own client and the server on the remote
 * PATH, and arguments arrive unchanged.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { quoted } from "../support/peers-shell.ts"
import { end, program, requirePrograms } from "../support/peers.ts"
import { startSshd } from "../support/sshd.ts"
import { Tmux } from "../support/tmux.ts"
import { pairings } from "./pairings.ts"
import { environment, needsOf, pairingName, type Pairing } from "./stage.ts"

/** Shows its arguments, records its server's process in a file, and waits for a line. */
const PROGRAM = `#!/bin/sh
echo $PPID > server-pid
printf '<%s>\\n' "$@"
read line
exit 5
`

const ARGUMENTS = ["a b", "it's", "$HOME", "*", "--port", "", 'say "hi"', "漢字"]

/** An ssh that exits as late as over a slow link. Only at its exit does it restore the terminal's modes. */
const SLOW_SSH = `#!/bin/sh
before=$(stty -g < /dev/tty)
ssh "$@"
sleep 0.7
stty "$before" < /dev/tty
`

interface Call {
  readonly options?: ReadonlyArray<string>
  readonly slowSsh?: boolean
}

const wrapped = async (pairing: Pairing, { options = [], slowSsh = false }: Call) => {
  await using resources = new AsyncDisposableStack()
  const home = mkdtempSync(join(tmpdir(), "effect-mosh-wrapper-"))
  resources.defer(() => rmSync(home, { recursive: true, force: true, maxRetries: 3 }))
  const remote = join(home, "remote")
  mkdirSync(remote)
  const server = program(pairing.server, "mosh-server").map(quoted).join(" ")
  writeFileSync(join(remote, "mosh-server"), `#!/bin/sh\nexec ${server} "$@"\n`, { mode: 0o755 })
  writeFileSync(join(home, "program"), PROGRAM, { mode: 0o755 })
  const variables = environment(home)
  const sshd = await startSshd({ environment: { ...variables, PATH: `${remote}:${variables["PATH"]}` } })
  resources.use(sshd)
  writeFileSync(join(home, "slow-ssh"), SLOW_SSH, { mode: 0o755 })
  const ssh = slowSsh ? join(home, "slow-ssh") : "ssh"
  const mosh = [...program(pairing.client, "mosh"), `--ssh=${ssh} -F ${sshd.clientConfig}`, ...options]
  const terminal = Tmux.start({
    size: { columns: 80, rows: 24 },
    command: [...mosh, sshd.host, "--", "./program", ...ARGUMENTS],
    environment: variables
  })
  const serverPid = () => Number(readFileSync(join(home, "server-pid"), "utf8"))
  resources.use(terminal)
  const stack = resources.move()
  return { terminal, serverPid, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** Where a link of /proc leads; `undefined` if its file was closed meanwhile. */
const target = (link: string): string | undefined => {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

/** The local UDP ports that a process has open, from /proc. */
const udpPorts = (pid: number): ReadonlyArray<number> => {
  const sockets = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => target(`/proc/${pid}/fd/${fd}`)))
  const books = readFileSync(`/proc/${pid}/net/udp`, "utf8").trim().split("\n").slice(1)
  return books
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => sockets.has(`socket:[${columns[9]}]`))
    .map((columns) => Number.parseInt(columns[1]?.split(":")[1] ?? "", 16))
}

for (const pairing of pairings.filter(({ through }) => through === "ssh"))
  describe.concurrent(`${pairingName(pairing)}`, () => {
    test("a command with its arguments", { timeout: 60_000 }, async (context) => {
      requirePrograms(context, ...needsOf(pairing))
      await using session = await wrapped(pairing, {})
      const { text } = await session.terminal.see("<漢字>")
      const start = text.indexOf(`<${ARGUMENTS[0]}>`)
      expect(text.slice(start, start + ARGUMENTS.length)).toEqual(ARGUMENTS.map((argument) => `<${argument}>`))
      await session.terminal.press("Enter")
      expect(await session.terminal.exit()).toBe(0)
    })

    test("a range of ports", { timeout: 60_000 }, async (context) => {
      requirePrograms(context, ...needsOf(pairing))
      await using session = await wrapped(pairing, { options: ["-p", "61100:61140"] })
      await session.terminal.see("<漢字>")
      const pid = session.serverPid()
      // Our server may have two sockets on its one port.
      const ports = [...new Set(udpPorts(pid))]
      expect(ports).toHaveLength(1)
      expect(ports.filter((port) => port >= 61_100 && port <= 61_140)).toEqual(ports)
      end(pid)
      await session.terminal.type("\u001e.")
      expect(await session.terminal.exit(20_000)).toBe(1)
    })

    test("ssh that restores the terminal's modes late", { timeout: 60_000 }, async (context) => {
      requirePrograms(context, ...needsOf(pairing))
      await using session = await wrapped(pairing, { slowSsh: true })
      await session.terminal.see("<漢字>")
      await sleep(1000)
      // If the terminal were not in raw mode any more, this would wait for Enter.
      await session.terminal.type("\u001e.")
      expect(await session.terminal.exit()).toBe(0)
    })
  })
