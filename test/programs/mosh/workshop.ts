/**
 * A directory of scripts that replace `ssh`, clients and servers, and the wrapper run with them.
 */
import { spawn, type ChildProcess } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { program } from "../../support/peers.ts"

export const KEY = "AAAAAAAAAAAAAAAAAAAAAA"
export const CONNECT = `MOSH CONNECT 60001 ${KEY}`

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ran>
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly stdin?: string
}

/** Starts any program. Its input ends after `stdin`. */
export const start = (words: ReadonlyArray<string>, options: RunOptions = {}): Running => {
  const [file = "", ...parameters] = words
  const child = spawn(file, parameters, {
    env: { ...process.env, LANG: "C.UTF-8", LC_ALL: "", TERM: "xterm-256color", ...options.environment },
    stdio: ["pipe", "pipe", "pipe"]
  })
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()))
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()))
  // The program may exit without reading.
  child.stdin.on("error", () => undefined)
  child.stdin.end(options.stdin ?? "")
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })
  return { child, ended }
}

/** Runs our wrapper. */
export const mosh = (line: ReadonlyArray<string>, options: RunOptions = {}): Promise<Ran> =>
  start([...program("ours", "mosh"), ...line], options).ended

export class Workshop implements Disposable {
  readonly directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-wrapper-"))

  path(name: string): string {
    return Path.join(this.directory, name)
  }

  /** An executable shell script; `$here` is this directory. */
  script(name: string, ...lines: ReadonlyArray<string>): string {
    const path = this.path(name)
    Fs.writeFileSync(path, ["#!/bin/sh", `here='${this.directory}'`, ...lines, ""].join("\n"), { mode: 0o755 })
    return path
  }

  /** An `ssh` that prints lines and exits. */
  ssh(lines: ReadonlyArray<string>, status = 0): string {
    Fs.writeFileSync(this.path("ssh-output"), lines.map((line) => `${line}\n`).join(""))
    return this.script(
      "fake-ssh",
      'for word in "$@"; do printf "%s\\0" "$word"; done > "$here/ssh-words"',
      'env > "$here/ssh-environment"',
      'cat "$here/ssh-output"',
      `exit ${status}`
    )
  }

  /** A client that records its arguments and its environment. */
  client(status = 0): string {
    return this.script(
      "fake-client",
      'if [ "$1" = -c ]; then echo 256; exit; fi',
      'for word in "$@"; do printf "%s\\0" "$word"; done > "$here/client-words"',
      'env > "$here/client-environment"',
      `exit ${status}`
    )
  }

  words(name: string): ReadonlyArray<string> {
    return Fs.readFileSync(this.path(name), "utf8").split("\0").slice(0, -1)
  }

  environment(name: string): ReadonlyMap<string, string> {
    const lines = Fs.readFileSync(this.path(name), "utf8").split("\n")
    return new Map(lines.map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]))
  }

  has(name: string): boolean {
    return Fs.existsSync(this.path(name))
  }

  [Symbol.dispose]() {
    // A session that is just ending may still write a file.
    Fs.rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
