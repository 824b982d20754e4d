/** A user at a terminal, with a local shell and a session to join. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { environment } from "../../interop/stage.ts"
import { type Maker, program, type Server, startServer } from "../../support/peers.ts"
import { Relay, type Weather } from "../../support/relay.ts"
import { Tmux } from "../../support/tmux.ts"

export interface Person extends AsyncDisposable {
  readonly terminal: Tmux
  readonly home: string
  readonly server: Server
  /** The command line that joins the session. */
  readonly client: string
}

export interface PersonOptions {
  readonly server: Maker
  readonly term?: string
  readonly variables?: Readonly<Record<string, string>>
  /** The network between client and server. Default: loopback itself. */
  readonly weather?: Weather
}

/** A user whose local shell prompts with `outer> `, and a session to join, whose shell prompts with `$ `. */
export const person = async ({
  server: maker,
  term = "xterm-256color",
  variables = {},
  weather
}: PersonOptions): Promise<Person> => {
  await using resources = new AsyncDisposableStack()
  const home = mkdtempSync(join(tmpdir(), "effect-mosh-person-"))
  resources.defer(() => rmSync(home, { recursive: true, force: true, maxRetries: 3 }))
  const command = ["bash", "--norc", "--noprofile"]
  const server = await startServer(maker, { command, environment: { ...environment(home), PS1: "$ " } })
  resources.use(server)
  const terminal = Tmux.start({
    size: { columns: 80, rows: 12 },
    term,
    command,
    environment: { ...environment(home), PS1: "outer> ", MOSH_KEY: server.key, ...variables }
  })
  resources.use(terminal)
  await terminal.see("outer>")
  let { port } = server
  if (weather !== undefined) {
    const relay = resources.use(await Relay.start(() => server.port))
    relay.weather(weather)
    port = relay.port
  }
  const client = `${program("ours", "mosh-client").join(" ")} 127.0.0.1 ${port}`
  const stack = resources.move()
  return { terminal, home, server, client, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

export const enter = async ({ client, terminal }: Person, options = "", after = ""): Promise<void> => {
  await terminal.type(`clear; ${client.replace(" 127", ` ${options} 127`)}${after}\r`)
  await terminal.until("the session's prompt", (view) => view.text.findLast((row) => row !== "") === "$", 20_000)
}
