/**
 * Asks the user for what an ssh without a terminal needs, such as a password.
 *
 * ssh starts the program of `SSH_ASKPASS`. That is a script in a directory which only this user can read. It starts `mosh`,
 * which passes the question to a socket in the same directory, and prints the answer for ssh. The directory is made for the
 * first ssh, and removed at the end.
 */
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import type { Environment } from "../../../domain/environment/Locale.ts"
import * as ShellWords from "../../../domain/arguments/ShellWords.ts"

/** Asks the user. `undefined`: the user declined. `signal`: the question is no longer needed. */
export type Ask = (prompt: string, signal: AbortSignal) => Promise<string | undefined>

export interface AskpassOptions {
  /** The words that start `answer`, to which the socket's path and ssh's prompt are appended. */
  readonly words: ReadonlyArray<string>
  readonly ask: Ask
  /** A question is open, or no longer. */
  readonly onAsking: (asking: boolean) => void
}

export interface Askpass {
  /** The variables for ssh. After the user declined once, they forbid questions. */
  readonly environment: () => Environment
  /** Withdraws the open question: its ssh has ended. */
  readonly withdraw: () => void
  readonly close: () => void
}

/** The variables for an ssh that must not ask. */
export const FORBIDDEN: Environment = { SSH_ASKPASS: "/bin/false", SSH_ASKPASS_REQUIRE: "force" }

/** Maximum length of a prompt, characters. */
const MAX_PROMPT = 4096

const SOCKET = "socket"
const SCRIPT = "askpass"

export const make = ({ ask, onAsking, words }: AskpassOptions): Askpass => {
  let directory: string | undefined
  let server: Net.Server | undefined
  let isDeclined = false
  let question: AbortController | undefined

  const withdraw = (): void => {
    question?.abort()
    question = undefined
  }

  const serve = (caller: Net.Socket): void => {
    let prompt = ""
    caller.on("error", () => undefined)
    caller.setEncoding("utf8")
    caller.on("data", (text: string) => {
      prompt += text
      if (prompt.length > MAX_PROMPT) caller.destroy()
    })
    caller.on("end", () => {
      // ssh asks one question after the other.
      if (question !== undefined || isDeclined) return void caller.destroy()
      const current = new AbortController()
      question = current
      caller.on("close", () => current.abort())
      onAsking(true)
      const finish = (answer: string | undefined): void => {
        if (question === current) question = undefined
        onAsking(false)
        if (answer === undefined) {
          isDeclined ||= !current.signal.aborted
          caller.destroy()
        } else caller.end(ANSWERED + answer)
      }
      ask(prompt, current.signal).then(finish, () => finish(undefined))
    })
  }

  /** The directory with the script and the socket; `undefined` if it cannot be made. */
  const open = (): string | undefined => {
    if (directory !== undefined) return directory
    try {
      const made = Fs.mkdtempSync(Path.join(Os.tmpdir(), "mosh-askpass-"))
      directory = made
      const line = ShellWords.display([...words, Path.join(made, SOCKET)])
      Fs.writeFileSync(Path.join(made, SCRIPT), `#!/bin/sh\nexec ${line} "$1"\n`, { mode: 0o700 })
      server = Net.createServer({ allowHalfOpen: true }, serve)
      server.on("error", () => undefined)
      // The socket is never open to others, not even between its creation and a change of its mode.
      const mask = process.umask(0o177)
      try {
        server.listen(Path.join(made, SOCKET))
      } finally {
        process.umask(mask)
      }
      server.unref()
      return made
    } catch {
      return undefined
    }
  }

  return {
    environment: () => {
      const made = isDeclined ? undefined : open()
      if (made === undefined) return FORBIDDEN
      // An ssh before 8.4 asks by this program only if it finds a display.
      return {
        SSH_ASKPASS: Path.join(made, SCRIPT),
        SSH_ASKPASS_REQUIRE: "force",
        DISPLAY: process.env["DISPLAY"] ?? ":0"
      }
    },
    withdraw,
    close: () => {
      withdraw()
      server?.close()
      if (directory !== undefined) Fs.rmSync(directory, { recursive: true, force: true })
      directory = undefined
    }
  }
}

/** Precedes an answer: a connection that ends without it is no answer. */
const ANSWERED = "="

/** The other end, which ssh starts: prints the answer to `prompt`, or ends with status 1. */
export const answer = (path: string, prompt: string): void => {
  const socket = Net.connect({ path })
  let reply = ""
  socket.setEncoding("utf8")
  socket.on("data", (text: string) => (reply += text))
  socket.on("error", () => process.exit(1))
  socket.on("end", () => {
    if (!reply.startsWith(ANSWERED)) process.exit(1)
    process.stdout.write(reply.slice(ANSWERED.length) + "\n")
  })
  socket.end(prompt.slice(0, MAX_PROMPT))
}
