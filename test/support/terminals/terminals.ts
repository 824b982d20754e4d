/**
 * Real terminals that draw what they are sent and show their screen as text: tmux, xterm, VTE, urxvt and kitty.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface, type Interface } from "node:readline"

export interface Size {
  readonly columns: number
  readonly rows: number
}

export interface RealTerminal {
  /** Resolves with the terminal's cursor, from 1, when the terminal has read all of it. */
  readonly write: (host: string) => Promise<Cursor>
  /** Resolves when the program within the terminal knows the new size. */
  readonly resize: (size: Size) => Promise<void>
  /** The rows of the screen, without blanks at their ends. */
  readonly lines: () => Promise<ReadonlyArray<string>>
  /** The rows of the history and of the screen, without blanks at their ends. */
  readonly all: () => Promise<ReadonlyArray<string>>
  readonly close: () => void
}

/** A place on the screen, from 1. */
export interface Cursor {
  readonly row: number
  readonly column: number
}

export type Kind = "tmux" | "xterm" | "vte" | "urxvt" | "kitty"

const AGENT = join(import.meta.dirname, "agent.mjs")
const PRINTER = join(import.meta.dirname, "printer.mjs")
const VTE = join(import.meta.dirname, "vte.py")
const PYTHON = "/usr/bin/python3"

const runs = (command: string, ...args: ReadonlyArray<string>): boolean => spawnSync(command, args).status === 0

/** Why a terminal cannot be used here; `undefined` if it can. */
export const missing = (kind: Kind): string | undefined => {
  if (kind === "tmux") return runs("tmux", "-V") ? undefined : "tmux is not installed"
  if (!existsSync("/usr/bin/Xvfb")) return "Xvfb is not installed"
  if (kind === "xterm") return runs("xterm", "-version") ? undefined : "xterm is not installed"
  if (kind === "urxvt") return existsSync("/usr/bin/urxvt") ? undefined : "urxvt is not installed"
  if (kind === "kitty") return runs("kitty", "--version") ? undefined : "kitty is not installed"
  const imports =
    "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('Vte', '2.91'); from gi.repository import Vte"
  return runs(PYTHON, "-c", imports) ? undefined : "VTE for Python is not installed"
}

/** Opens a terminal. */
export const open = async (kind: Kind, size: Size): Promise<RealTerminal> => {
  const directory = mkdtempSync(join(tmpdir(), "effect-mosh-terminal-"))
  const link = await Link.open(join(directory, "agent"))
  const opened = await OPENERS[kind](directory, size, [process.execPath, AGENT, link.path])
  await link.ready()
  return {
    write: (host) => link.write(host),
    resize: async (to) => {
      const resized = link.resized(to)
      await opened.resize(to, link)
      await resized
    },
    lines: async () => (await opened.lines(link)).map((line) => line.trimEnd()),
    all: async () => (await opened.all(link)).map((line) => line.trimEnd()),
    close: () => {
      link.close()
      opened.close()
      rmSync(directory, { recursive: true, force: true })
    }
  }
}

interface Opened {
  readonly lines: (link: Link) => Promise<ReadonlyArray<string>>
  readonly all: (link: Link) => Promise<ReadonlyArray<string>>
  readonly resize: (size: Size, link: Link) => Promise<unknown>
  readonly close: () => void
}

/** Rows of history that each terminal keeps. */
const HISTORY = 20_000

type Opener = (directory: string, size: Size, agent: ReadonlyArray<string>) => Promise<Opened>

/** Not that of a tmux in which the tests run. */
const ENVIRONMENT = {
  ...process.env,
  LANG: "C.UTF-8",
  LC_ALL: "C.UTF-8",
  TERM: "xterm-256color",
  TERM_PROGRAM: "",
  TMUX: "",
  NO_AT_BRIDGE: "1"
}

const tmux: Opener = async (directory, { columns, rows }, agent) => {
  const at = (...args: ReadonlyArray<string>) =>
    execFileSync("tmux", ["-S", join(directory, "tmux"), "-f", "/dev/null", "-u", ...args], {
      env: ENVIRONMENT,
      encoding: "utf8"
    })
  const limit = ["start-server", ";", "set", "-g", "history-limit", `${HISTORY}`, ";"]
  at(...limit, "new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, ...agent, ";", "set", "-g", "status", "off")
  const resize = async (size: Size) => at("resize-window", "-x", `${size.columns}`, "-y", `${size.rows}`)
  await resize({ columns, rows })
  return {
    lines: async () => at("capture-pane", "-p").split("\n").slice(0, rows),
    all: async () => at("capture-pane", "-p", "-S", "-").split("\n").slice(0, -1),
    resize,
    close: () => at("kill-server")
  }
}

const xterm: Opener = async (directory, { columns, rows }, agent) => {
  const printed = join(directory, "printed")
  const x = await xServer()
  const resources = [
    // One for all pages: xterm may wait forever for the end of a printer that it has seen end (`wait` in its handler of SIGCHLD).
    `*printerCommand: ${process.execPath} ${PRINTER} ${printed}`,
    "*printerAutoClose: false",
    "*printerFormFeed: true",
    "*printAttributes: 0",
    "*allowWindowOps: true"
  ]
  const terminal = spawn(
    "xterm",
    [
      "-u8",
      "-sl",
      `${HISTORY}`,
      "-geometry",
      `${columns}x${rows}`,
      ...resources.flatMap((line) => ["-xrm", line]),
      "-e",
      ...agent
    ],
    { env: { ...ENVIRONMENT, DISPLAY: x.display }, stdio: "ignore" }
  )
  const page = async (link: Link, command: string): Promise<string> => {
    await created(printed, () => link.write(command))
    const text = readFileSync(printed, "utf8")
    rmSync(printed)
    return text
  }
  let isOpen = false
  const print = async (link: Link, command: string): Promise<ReadonlyArray<string>> => {
    // A printer that was opened in printer controller mode stays open.
    if (!isOpen) await page(link, "\x1b[5i\f\x1b[4i")
    isOpen = true
    return (await page(link, command))
      .replaceAll(/[\r\f]/g, "")
      .split("\n")
      .slice(0, -1)
  }
  return {
    lines: async (link) => (await print(link, "\x1b[i")).slice(0, rows),
    all: (link) => print(link, "\x1b[?11i"),
    resize: (size, link) => link.send(`\x1b[8;${size.rows};${size.columns}t`),
    close: () => {
      terminal.kill("SIGKILL")
      x.close()
    }
  }
}

const vte: Opener = async (_, { columns, rows }, agent) => {
  const x = await xServer()
  const terminal = spawn(PYTHON, [VTE, `${columns}`, `${rows}`, ...agent], {
    env: { ...ENVIRONMENT, DISPLAY: x.display },
    stdio: ["pipe", "pipe", "ignore"]
  })
  const lines = createInterface({ input: terminal.stdout })
  const ask = async (command: string): Promise<ReadonlyArray<string>> => {
    terminal.stdin.write(`${command}\n`)
    return JSON.parse(await lineOf(lines)) as ReadonlyArray<string>
  }
  return {
    lines: () => ask("screen"),
    all: () => ask("all"),
    resize: (size) => ask(`resize ${size.columns} ${size.rows}`),
    close: () => {
      terminal.kill("SIGKILL")
      x.close()
    }
  }
}

/** Acts, and waits until a file exists. */
const created = async (file: string, act: () => Promise<unknown>): Promise<void> => {
  const watcher = watch(dirname(file))
  const exists = new Promise<void>((resolve) => {
    watcher.on("change", () => {
      if (existsSync(file)) resolve()
    })
  })
  await act()
  await exists
  watcher.close()
}

/** urxvt writes its rows into a file, and resizes its window, by an extension of ours. */
const urxvt: Opener = async (directory, { columns, rows }, agent) => {
  let dumps = 0
  const x = await xServer()
  const options = [
    "-geometry",
    `${columns}x${rows}`,
    "-sl",
    `${HISTORY}`,
    "-perl-lib",
    import.meta.dirname,
    "-pe",
    "urxvt-tests",
    "-b",
    "0",
    "+sb"
  ]
  const terminal = spawn("urxvt", [...options, "-e", ...agent], {
    env: { ...ENVIRONMENT, HOME: directory, DISPLAY: x.display },
    stdio: "ignore"
  })
  const dump = async (link: Link): Promise<{ history: ReadonlyArray<string>; screen: ReadonlyArray<string> }> => {
    const dumped = join(directory, `dumped-${++dumps}`)
    await created(dumped, () => link.write(`\x1b]777;dump-rows;${dumped}\x1b\\`))
    const all = readFileSync(dumped, "utf8").split("\n").slice(0, -1)
    const rowsOf = (part: string) => all.filter((line) => line.startsWith(part)).map((line) => line.slice(part.length))
    return { history: rowsOf("history:"), screen: rowsOf("screen:") }
  }
  return {
    lines: async (link) => (await dump(link)).screen,
    all: async (link) => Object.values(await dump(link)).flat(),
    resize: (size, link) => link.send(`\x1b]777;resize-window;${size.columns};${size.rows}\x1b\\`),
    close: () => {
      terminal.kill("SIGKILL")
      x.close()
    }
  }
}

const kitty: Opener = async (directory, { columns, rows }, agent) => {
  const x = await xServer()
  const socket = `unix:${join(directory, "kitty")}`
  const options = [
    "allow_remote_control=yes",
    `scrollback_lines=${HISTORY}`,
    "remember_window_size=no",
    `initial_window_width=${columns}c`,
    `initial_window_height=${rows}c`,
    "update_check_interval=0",
    "confirm_os_window_close=0",
    "window_padding_width=0",
    "placement_strategy=top-left",
    "font_size=6",
    "shell_integration=disabled"
  ]
  const environment = {
    ...ENVIRONMENT,
    HOME: directory,
    XDG_RUNTIME_DIR: directory,
    DISPLAY: x.display,
    LIBGL_ALWAYS_SOFTWARE: "1"
  }
  const terminal = spawn(
    "kitty",
    ["--config", "NONE", "--listen-on", socket, ...options.flatMap((option) => ["-o", option]), ...agent],
    { env: environment, stdio: "ignore" }
  )
  const ask = (...command: ReadonlyArray<string>): string =>
    execFileSync("kitty", ["@", "--to", socket, ...command], { env: environment, encoding: "utf8" })
  // Where a line wraps there is a carriage return alone.
  const rowsOf = (extent: string) =>
    ask("get-text", "--extent", extent, "--add-wrap-markers")
      .split(/\r\n|\r|\n/)
      .slice(0, -1)
  return {
    lines: async () => rowsOf("screen"),
    all: async () => rowsOf("all"),
    resize: async (size) =>
      ask("resize-os-window", "--unit", "cells", "--width", `${size.columns}`, "--height", `${size.rows}`),
    close: () => {
      terminal.kill("SIGKILL")
      x.close()
    }
  }
}

const OPENERS: Readonly<Record<Kind, Opener>> = { tmux, xterm, vte, urxvt, kitty }

const lineOf = async (lines: Interface): Promise<string> => {
  const [line] = (await once(lines, "line")) as [string]
  return line
}

/** An X server of our own, whose number it chooses itself. */
const xServer = async (): Promise<{ readonly display: string; readonly close: () => void }> => {
  const server: ChildProcess = spawn("Xvfb", ["-displayfd", "3", "-nolisten", "tcp", "-screen", "0", "1024x768x24"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"]
  })
  const [number] = (await once(server.stdio[3] as NodeJS.ReadableStream, "data")) as [Buffer]
  return { display: `:${number.toString().trim()}`, close: () => server.kill("SIGKILL") }
}

/** The connection to the agent within a terminal. */
class Link {
  readonly path: string
  private readonly server: Server
  private readonly connected: Promise<{ readonly socket: Socket; readonly lines: Interface; readonly greeting: string }>

  private constructor(path: string, server: Server) {
    this.path = path
    this.server = server
    this.connected = (once(server, "connection") as Promise<[Socket]>).then(async ([socket]) => {
      const lines = createInterface({ input: socket })
      return { socket, lines, greeting: await lineOf(lines) }
    })
  }

  static async open(path: string): Promise<Link> {
    const server = createServer().listen(path)
    await once(server, "listening")
    return new Link(path, server)
  }

  async ready(): Promise<void> {
    await this.connected
  }

  async write(host: string): Promise<Cursor> {
    const { lines } = await this.connected
    await this.send(`${host}\x1b[6n`)
    const [row = 0, column = 0] = (await lineOf(lines)).split(";").map(Number)
    return { row, column }
  }

  async send(host: string): Promise<void> {
    const { socket } = await this.connected
    socket.write(host)
  }

  /** Resolves when the agent's terminal has a size. */
  async resized({ columns, rows }: Size): Promise<void> {
    const { lines } = await this.connected
    while ((await lineOf(lines)) !== `size ${columns} ${rows}`);
  }

  close(): void {
    this.server.close()
    void this.connected.then(({ socket }) => socket.destroy())
  }
}
