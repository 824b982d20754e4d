/**
 * A session that cannot write its files: the log, the verbose file, the list of sessions, the line about its end.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { program } from "../support/peers.ts"
import { open } from "../security/terminal.ts"

/** A home on a full file system, if this machine allows to mount one; otherwise a home that is not writable. */
const FULL = 'mount -t tmpfs -o size=16k none "$HOME" && { cat /dev/zero > "$HOME/rest"; exec "$@"; } 2>/dev/null'
const namespace = ["unshare", "-rm", "sh", "-c", FULL, "sh"]
const isPossible = (): boolean => {
  const [file = "", ...words] = [...namespace, "true"]
  return spawnSync(file, words, { env: { ...process.env, HOME: "/mnt" } }).status === 0
}

test("a full disk does not harm a session", { timeout: 60_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), "effect-mosh-full-"))
  const full = isPossible()
  if (!full) console.warn("no mount namespaces here: a home that cannot be written stands for one that is full")
  try {
    const files = full ? home : "/dev"
    const command = [...program("ours", "mosh"), "--local", `--verbose=${join(home, "verbose")}`]
    await using terminal = await open([...(full ? namespace : []), ...command, "--", "bash", "--norc"], {
      HOME: full ? home : "/proc",
      XDG_STATE_HOME: full ? home : "/proc",
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      LANG: "C.UTF-8",
      PS1: "$ ",
      MOSH_LOG: join(files, full ? "log" : "full")
    })
    expect(await terminal.shows("$ ")).toBe(true)
    for (const [sum, result] of [
      ["6*7", "42"],
      ["81*81", "6561"]
    ] as const) {
      terminal.type(`echo "is $((${sum}))"\r`)
      expect(await terminal.shows(`is ${result}`)).toBe(true)
    }
    terminal.type("echo > $HOME/more; exit 0\r")
    expect(await terminal.exit).toBe(0)
    expect(terminal.printed()).toMatch(full ? /No space left on device/ : /No such file|Permission denied/)
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
})
