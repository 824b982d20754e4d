/**
 * The programs that talk to each other in the interop tests: Debian's mosh and ours, behind one interface.
 */
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { TestContext } from "vitest"
import { endWithUs } from "./leftovers.ts"

/** The maker of a program: Debian's mosh 1.4, or effect-mosh's bundle. */
export type Maker = "stock" | "ours"

/** The command line of a mosh program; arguments follow. */
export const program = (maker: Maker, name: "mosh" | "mosh-client" | "mosh-server"): ReadonlyArray<string> =>
  maker === "stock" ? [`/usr/bin/${name}`] : [process.execPath, resolve(import.meta.dirname, `../../bin/${name}.cjs`)]

/** The Debian package of each program that the tests need. */
const PACKAGES: Readonly<Record<string, string>> = {
  mosh: "mosh",
  tmux: "tmux",
  sshd: "openssh-server",
  ssh: "openssh-client",
  vim: "vim",
  less: "less",
  mc: "mc",
  chromium: "chromium",
  strace: "strace",
  scp: "openssh-client",
  sftp: "openssh-client",
  git: "git",
  rsync: "rsync"
}

const found = new Map<string, boolean>()

const isInstalled = (name: string): boolean => {
  const known = found.get(name)
  if (known !== undefined) return known
  // Stock mosh counts only where Debian installs it: elsewhere on PATH, `mosh` may be ours.
  const path = name === "mosh" ? "/usr/bin" : `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`
  const present = path.split(":").some((directory) => existsSync(`${directory}/${name}`))
  if (!present) console.warn(`not installed: ${name} (Debian package ${PACKAGES[name] ?? name}); its tests are skipped`)
  found.set(name, present)
  return present
}

/** Skips the test, saying why, when a program is missing; in CI that fails it. */
export const requirePrograms = (context: TestContext, ...names: ReadonlyArray<string>): void => {
  for (const name of names) {
    if (isInstalled(name)) continue
    const reason = `${name} is not installed (Debian package ${PACKAGES[name] ?? name})`
    if (process.env["CI"]) throw new Error(reason)
    context.skip(reason)
  }
}

export interface Server extends Disposable {
  readonly port: number
  readonly key: string
  /** The detached process. */
  readonly pid: number
  /** What it printed on stderr before it detached. */
  readonly stderr: string
}

export interface ServerOptions {
  /** Instead of a login shell. */
  readonly command?: ReadonlyArray<string>
  readonly environment: Readonly<Record<string, string>>
  /** Before `--`; by default any port on 127.0.0.1, and 256 colours. */
  readonly arguments?: ReadonlyArray<string>
}

/** Starts a server as ssh would, and waits until it has detached. */
export const startServer = async (maker: Maker, options: ServerOptions): Promise<Server> => {
  const [file = "", ...first] = program(maker, "mosh-server")
  const own = options.arguments ?? ["-c", "256", "-i", "127.0.0.1", "-p", "0"]
  const command = options.command === undefined ? [] : ["--", ...options.command]
  const child = spawn(file, [...first, "new", ...own, ...command], {
    env: { ...options.environment },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()))
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", resolve)
  })
  const connect = /^MOSH CONNECT (\d+) ([A-Za-z0-9/+]{22})$/m.exec(stdout)
  const detached = /\[mosh-server detached, pid = (\d+)\]/.exec(stderr)
  if (code !== 0 || connect === null || detached === null)
    throw new Error(`mosh-server (${maker}) did not start: exit ${code}\n${stdout}\n${stderr}`)
  const pid = Number(detached[1])
  endWithUs(pid)
  if (maker === "ours") await heedsSignals(pid)
  return {
    port: Number(connect[1]),
    key: connect[2] ?? "",
    pid,
    stderr,
    [Symbol.dispose]: () => end(pid)
  }
}

/** Waits until our server handles signals. Its session process is still starting when it reports its port. */
export const heedsSignals = async (pid: number): Promise<void> => {
  const SIGHUP = 1n
  const heeds = (): boolean => {
    const [, caught = "0"] = /^SigCgt:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
    return (BigInt(`0x${caught}`) & SIGHUP) !== 0n
  }
  while (isRunning(pid) && !heeds()) await sleep(10)
}

/** Whether a process is there, and is not merely a zombie. */
export const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

/** Ends a process that may have ended by itself. */
export const end = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // The process has ended already.
  }
}
