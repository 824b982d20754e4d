/**
 * A user's terminal: a program in a pane of a private tmux server, driven by keys and read by two emulators.
 *
 * tmux holds the pseudo-terminal, answers the program's queries and shows the text. A second emulator (`@xterm/headless`)
 * reads the same bytes, because `tmux capture-pane` does not show the colour of erased cells. What both see is a `View`.
 */
import { execFile, execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { TmuxWitness, type Painting } from "./tmux-witness.ts"
import { endWithUs } from "./leftovers.ts"

const run = promisify(execFile)

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

export interface TmuxOptions {
  readonly size: TerminalSize
  /** The program and its arguments; run without a shell. */
  readonly command: ReadonlyArray<string>
  /** The whole environment of the program, but for what tmux itself sets. */
  readonly environment: Readonly<Record<string, string>>
  /** `TERM` within the pane. */
  readonly term?: string
}

/** Everything that a user could see at one moment. */
export interface View {
  readonly size: TerminalSize
  /** Rows of text, without trailing blanks. */
  readonly text: ReadonlyArray<string>
  readonly cursor: { readonly row: number; readonly column: number; readonly visible: boolean }
  /** Mouse modes that the terminal is in. */
  readonly mouse: string
  readonly alternate: boolean
  /** Attributes, title, clipboard: what tmux does not show. */
  readonly painting: Painting
  /** How the program ended; `undefined` while it runs. Killed by a signal, 128 + its number. */
  readonly exited: number | undefined
}

const CONFIG = (term: string) => `set -g default-terminal ${term}
set -g status off
set -g history-limit 20000
set -g set-clipboard on
set -g remain-on-exit on
set -g remain-on-exit-format ''
set -sg escape-time 0
`

const STATE = [
  "#{pane_width} #{pane_height} #{cursor_x} #{cursor_y} #{cursor_flag} #{alternate_on}",
  "#{mouse_standard_flag}#{mouse_button_flag}#{mouse_all_flag}#{mouse_sgr_flag}#{mouse_utf8_flag}",
  "#{pane_dead}"
].join(" ")

const POLL = 40

const PID = "pid"
const STATUS = "status"

/** A command that records its process and its exit status in files, because tmux sometimes never reports the status. */
const watched = (directory: string, command: ReadonlyArray<string>): ReadonlyArray<string> => {
  const inner = `echo $$ > "$0/${PID}"; exec "$@"`
  return ["sh", "-c", `sh -c '${inner}' "$0" "$@"; echo $? > "$0/${STATUS}"`, directory, ...command]
}

const words = (command: string): ReadonlyArray<string> => command.split(" ")

export class Tmux implements AsyncDisposable {
  readonly #directory: string
  readonly #witness: TmuxWitness
  /** The tmux server's own process. */
  readonly #server: number

  private constructor(directory: string, witness: TmuxWitness, server: number) {
    this.#directory = directory
    this.#witness = witness
    this.#server = server
  }

  /** The program's process. */
  get pid(): number {
    return Number(readFileSync(join(this.#directory, PID), "utf8"))
  }

  static start(options: TmuxOptions): Tmux {
    const directory = mkdtempSync(join(tmpdir(), "effect-mosh-tmux-"))
    const { columns, rows } = options.size
    writeFileSync(join(directory, "tmux.conf"), CONFIG(options.term ?? "xterm-256color"))
    const bytes = join(directory, "bytes")
    writeFileSync(bytes, "")
    const started = execFileSync(
      "tmux",
      [
        "-S",
        join(directory, "socket"),
        "-f",
        join(directory, "tmux.conf"),
        ...words(`new-session -d -x ${columns} -y ${rows} --`),
        ...watched(directory, options.command),
        ...words("; pipe-pane -o"),
        `exec cat >> '${bytes}'`,
        ...words("; display-message -p"),
        "#{pid}"
      ],
      { env: { ...options.environment }, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }
    )
    endWithUs(Number(started))
    return new Tmux(directory, new TmuxWitness(bytes, options.size), Number(started))
  }

  /** Types text unchanged, control characters included. */
  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", "--", text)
  }

  /** Presses keys by tmux's names (`Up`, `F3`, `C-c`), sent as the terminal's present mode demands. */
  async press(...keys: ReadonlyArray<string>): Promise<void> {
    await this.#tmux("send-keys", "--", ...keys)
  }

  /** Pastes text the way a terminal does: line ends become CR, brackets if the program asked for them. */
  async paste(text: string): Promise<void> {
    const file = join(this.#directory, "clipboard")
    writeFileSync(file, text)
    await this.#tmux("load-buffer", file, ";", "paste-buffer", "-p")
  }

  async resize(size: TerminalSize): Promise<void> {
    // The witness first: it must not interpret in the old size what the program paints in the new one.
    await this.#witness.resize(size)
    await this.#tmux("resize-window", "-x", `${size.columns}`, "-y", `${size.rows}`)
    await this.#isResized(size)
  }

  /** tmux resizes its own screen at once, but notifies the program up to 250 ms later if another resize came before. */
  async #isResized({ columns, rows }: TerminalSize): Promise<void> {
    const tty = (await this.#tmux("display-message", "-p", "#{pane_tty}")).trim()
    for (const end = performance.now() + 5000; performance.now() < end; await sleep(POLL)) {
      const { status, stdout } = spawnSync("stty", ["-F", tty, "size"], { encoding: "utf8" })
      if (status !== 0 || stdout.trim() === `${rows} ${columns}`) return
    }
  }

  async view(): Promise<View> {
    const captured = await this.#tmux("display-message", "-p", STATE, ";", "capture-pane", "-p")
    const [state = "", ...text] = captured.split("\n")
    const [columns = "", rows = "", x, y, visible, alternate, mouse = "", dead = ""] = state.split(" ")
    const status = join(this.#directory, STATUS)
    const ended = dead === "1" && existsSync(status)
    const size = { columns: Number(columns), rows: Number(rows) }
    return {
      size,
      text: text.slice(0, size.rows).map((row) => row.trimEnd()),
      cursor: { row: Number(y), column: Number(x), visible: visible === "1" },
      mouse,
      alternate: alternate === "1",
      painting: await this.#witness.look(),
      exited: ended ? Number(readFileSync(status, "utf8")) : undefined
    }
  }

  /** Watches until `condition` holds, and returns that view. Fails with the last view drawn out. */
  async until(what: string, condition: (view: View) => boolean, timeout = 25_000): Promise<View> {
    const end = performance.now() + timeout
    for (;;) {
      const view = await this.view()
      if (condition(view)) return view
      if (performance.now() > end) throw new Error(`${what}: not seen within ${timeout} ms.\n${drawn(view)}`)
      await sleep(POLL)
    }
  }

  /** The rows of the history and of the screen. */
  async all(): Promise<ReadonlyArray<string>> {
    const captured = await this.#tmux("capture-pane", "-p", "-S", "-")
    return captured.split("\n").map((row) => row.trimEnd())
  }

  /** Watches until `condition` holds for the rows of the history and of the screen, and returns them. */
  async untilAll(
    what: string,
    condition: (rows: ReadonlyArray<string>) => boolean,
    timeout = 25_000
  ): Promise<ReadonlyArray<string>> {
    const end = performance.now() + timeout
    for (;;) {
      const rows = await this.all()
      if (condition(rows)) return rows
      if (performance.now() > end)
        throw new Error(`${what}: not seen within ${timeout} ms.\n${rows.slice(-100).join("\n")}`)
      await sleep(POLL)
    }
  }

  /** Watches until `text` is on the screen. */
  see(text: string, timeout?: number): Promise<View> {
    const shows = (view: View) => view.text.some((row) => row.padEnd(view.size.columns).includes(text))
    return this.until(JSON.stringify(text), shows, timeout)
  }

  /** Watches until the program has ended; its exit status. */
  async exit(timeout?: number): Promise<number> {
    const view = await this.until("the program's end", (view) => view.exited !== undefined, timeout)
    return view.exited ?? -1
  }

  /** Closes the terminal, whatever runs in it. */
  async hangUp(): Promise<void> {
    await this.#tmux("kill-server").catch(() => "")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hangUp()
    if (this.#server > 0 && isAlive(this.#server)) process.kill(this.#server, "SIGKILL")
    this.#witness.close()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async #tmux(...command: ReadonlyArray<string>): Promise<string> {
    const { stdout } = await run("tmux", ["-S", join(this.#directory, "socket"), ...command], {
      env: { PATH: process.env["PATH"], LANG: "C.UTF-8" },
      maxBuffer: 1 << 24
    })
    return stdout
  }
}

/** A view drawn as text, in a frame, for the message of a failed test. */
export const drawn = (view: View): string => {
  const edge = `+${"-".repeat(view.size.columns)}+`
  const state = `cursor ${view.cursor.row},${view.cursor.column}, exited ${view.exited ?? "no"}`
  return [edge, ...view.text.map((row) => `|${row}`), edge, state].join("\n")
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
