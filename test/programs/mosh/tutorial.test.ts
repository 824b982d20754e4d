/**
 * Command lines of tutorials, typed at a shell as printed.
 */
import { expect, it } from "vitest"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import { quoted } from "../../support/peers-shell.ts"
import { program, requirePrograms } from "../../support/peers.ts"
import { startSshd } from "../../support/sshd.ts"
import { Tmux } from "../../support/tmux.ts"
import { Workshop } from "./workshop.ts"

const PATH = process.env["PATH"] ?? ""

/** What a command of the machine prints; `none` where it is not installed. */
const looked = (tool: string, line: string): string => {
  const ran = spawnSync("sh", ["-c", `command -v ${tool} > /dev/null || exit 99; ${line}`], { encoding: "utf8" })
  if (ran.status !== 99) return ran.stdout
  console.warn(`not installed: ${tool}; what it shows is not looked at`)
  return "none"
}

it("the commands of a tutorial work as written", { timeout: 120_000 }, async (context) => {
  requirePrograms(context, "ssh", "sshd", "tmux")
  using workshop = new Workshop()
  Fs.writeFileSync(workshop.path(".hushlogin"), "")
  const bin = (name: "mosh" | "mosh-server") => `exec ${program("ours", name).map(quoted).join(" ")} "$@"`
  workshop.script("mosh", bin("mosh"))
  workshop.script("mosh-server", bin("mosh-server"))
  const environment = {
    PATH: `${workshop.directory}:${PATH}`,
    HOME: workshop.directory,
    LANG: "C.UTF-8",
    SHELL: "/bin/sh",
    TMUX_TMPDIR: workshop.directory
  }
  using sshd = await startSshd({ environment })
  const names = "Host my-server host host.example.com"
  const config = Fs.readFileSync(sshd.clientConfig, "utf8").replace(`Host ${sshd.host}`, names)
  Fs.writeFileSync(workshop.path("config"), config)
  // The tutorial has another user and another port.
  workshop.script(
    "ssh",
    'for word in "$@"; do',
    "  shift",
    `  case $word in user@*) word=\${word#user@} ;; 2222) word=${sshd.port} ;; esac`,
    '  set -- "$@" "$word"',
    "done",
    `PATH=${quoted(PATH)}`,
    `exec ssh -F ${quoted(workshop.path("config"))} "$@"`
  )
  await using terminal = Tmux.start({
    size: { columns: 100, rows: 24 },
    command: ["bash", "--norc", "--noprofile"],
    environment: { ...environment, PS1: "here$ ", TMUX: "", MOSH_SCROLLBACK: "off" }
  })
  /** Types a line at the local shell, and waits until the shell there answers. */
  const enter = async (line: string) => {
    await terminal.until("the local prompt", ({ cursor, text }) => text[cursor.row] === "here$")
    await terminal.type(`clear; ${line}\r`)
    await terminal.until(
      "a shell there",
      ({ alternate, cursor, text }) => alternate && /[$#]$/.test(text[cursor.row] ?? "")
    )
    await terminal.type("echo $((6*7))-there\r")
    return terminal.see("42-there")
  }
  const leave = () => terminal.type("exit\r")

  for (const line of [
    "mosh user@host.example.com",
    "mosh my-server",
    "mosh -P 2222 user@host",
    'mosh --ssh="ssh -i ~/.ssh/special_key" user@host',
    "mosh --verbose user@host"
  ]) {
    await enter(line)
    await leave()
  }
  await enter("mosh user@host -- tmux new -A -s main")
  expect(looked("pgrep", "pgrep -af mosh-server")).toMatch(/^\d+ mosh-server new .*-- tmux new -A -s main$|^none$/m)
  expect(looked("ss", "ss -ulpn | grep mosh-server")).toMatch(/users:\(\("mosh-server|^none$/m)
  await leave()
  const { alternate } = await terminal.see("[mosh is exiting.]")
  expect(alternate).toBe(false)
})
