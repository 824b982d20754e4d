/**
 * A session in virtual time whose client knows several addresses of its server. Each address is a path of its own, which may
 * carry datagrams in both directions, in one, or in none.
 */
import * as Endpoint from "../../../src/domain/ssp/Endpoint.ts"
import type { Millis } from "../../../src/domain/Machine.ts"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import { cipher } from "./endpoints.ts"
import * as Note from "./Note.ts"

export interface Path {
  /** The delay in each direction, ms. */
  readonly delay: Millis
  readonly toServer: boolean
  readonly toClient: boolean
  /** The address from which the server answers, if it is another one. */
  readonly answersFrom?: string
}

export const WORKS: Path = { delay: 20, toServer: true, toClient: true }
export const DEAD: Path = { delay: 20, toServer: false, toClient: false }

export const RELAY = "relay"

export interface Options {
  readonly paths: Readonly<Record<string, Path>>
  /** The client's candidates. Default: none, so that it sends to the address `undefined`, which is the first path. */
  readonly candidates?: ReadonlyArray<string>
  /** Whether the server sends to the address from which the newest packet came, and to no other. */
  readonly isStock?: boolean
  readonly features?: number
}

interface Flight {
  readonly at: Millis
  readonly order: number
  readonly to: Role
  readonly datagram: Uint8Array
  readonly path: string
  readonly socket: number
}

export interface Sent {
  readonly at: Millis
  readonly to: string
  readonly datagram: Uint8Array
}

const candidatesOf = (addresses: ReadonlyArray<string>) =>
  addresses.map((address) => ({ address, isRelay: address === RELAY }))

const START = 1_000_000

export const start = ({ candidates = [], features = 0, isStock = false, ...options }: Options) => {
  const [first = ""] = Object.keys(options.paths)
  let paths = options.paths
  let now = START
  let order = 0
  let wire: Array<Flight> = []
  const sent: Array<Sent> = []
  const received: Array<{ readonly at: Millis; readonly from: string }> = []
  const lookUps: Array<Millis> = []
  /** When a machine was to be woken, after each of its steps. */
  const deadlines: Array<Millis> = []
  /** Where the server received its newest packet. */
  let newest = { path: first, socket: 0, number: -1n }

  const machine = (role: Role) =>
    Endpoint.machine<string, string, string>({
      role,
      addressEquals: (a, b) => (role === "Server" && isStock) || a === b,
      local: Note.object,
      remote: Note.object,
      cipher,
      compressor: { deflate: (bytes) => bytes, inflate: (bytes) => bytes }
    })
  const init = (role: Role): Endpoint.State<string, string, string> =>
    Endpoint.init({
      role,
      local: "",
      remote: "",
      features,
      minDelay: role === "Client" ? 0 : 8,
      attached: role === "Client",
      candidates: role === "Client" ? candidatesOf(candidates) : [],
      family: "IPv4",
      now
    })
  const machines = { Client: machine("Client"), Server: machine("Server") }
  const states = { Client: init("Client"), Server: init("Server") }

  const launch = (to: Role, name: string, socket: number, datagram: Uint8Array): void => {
    const path = paths[name] ?? DEAD
    if (!(to === "Server" ? path.toServer : path.toClient)) return
    wire.push({ at: now + path.delay, order: order++, to, datagram, path: name, socket })
    wire.sort((a, b) => a.at - b.at || a.order - b.order)
  }

  const step = (role: Role, input: Endpoint.Input<string, string>): void => {
    const [state, outputs] = machines[role].step(states[role], input, now)
    states[role] = state
    deadlines.push(machines[role].deadline(state))
    for (const output of outputs) {
      if (output._tag === "LookUp") lookUps.push(now)
      if (output._tag !== "Send") continue
      if (role === "Client") {
        const to = output.to ?? first
        sent.push({ at: now, to, datagram: output.datagram })
        launch("Server", to, output.socket, output.datagram)
      } else {
        const [path = "", socket = "0"] = (isStock ? `${newest.path} ${newest.socket}` : (output.to ?? "")).split(" ")
        launch("Client", path, Number(socket), output.datagram)
      }
    }
  }

  const arrive = ({ datagram, path, socket, to }: Flight): void => {
    if (to === "Server") {
      const number = cipher.open(datagram)?.nonce ?? 0n
      if (number > newest.number) newest = { path, socket, number }
      step("Server", { _tag: "Datagram", datagram, source: `${path} ${socket}`, socket: 0, congested: false })
    } else {
      const source = paths[path]?.answersFrom ?? path
      received.push({ at: now, from: source })
      step("Client", { _tag: "Datagram", datagram, source, socket, congested: false })
    }
  }

  /** The server's program answers each note with the same in capitals. */
  const react = (): void => {
    for (const role of ["Client", "Server"] as const) {
      if (machines[role].deadline(states[role]) !== -Infinity) continue
      const answer = states.Server.receiver.received.at(-1)?.state.toUpperCase() ?? ""
      if (role === "Server" && answer !== states.Server.sender.window.current)
        step("Server", { _tag: "Publish", state: answer })
      else step(role, { _tag: "Tick" })
    }
  }

  const runUntil = (condition: () => boolean, limit: Millis): boolean => {
    const until = now + limit
    for (let steps = 0; !condition(); steps++) {
      if (steps > 100_000) throw new Error("a machine asks to be woken, and does nothing")
      react()
      const [flight] = wire
      const wake = Math.min(...(["Client", "Server"] as const).map((role) => machines[role].deadline(states[role])))
      const at = Math.max(now, Math.min(flight?.at ?? Infinity, Math.ceil(wake)))
      if (at > until) {
        now = until
        return condition()
      }
      now = at
      if (flight !== undefined && flight.at <= now) {
        wire = wire.slice(1)
        arrive(flight)
        react()
      }
      for (const role of ["Client", "Server"] as const)
        if (machines[role].deadline(states[role]) <= now) step(role, { _tag: "Tick" })
    }
    return true
  }

  let typed = ""
  const type = (text: string): void => {
    typed += text
    step("Client", { _tag: "Publish", state: typed })
  }
  const isEchoed = (): boolean => states.Client.receiver.received.at(-1)?.state === typed.toUpperCase()

  return {
    now: () => now - START,
    run: (millis: Millis) => void runUntil(() => false, millis),
    runUntil,
    type,
    isEchoed,
    /** How long after typing the answer arrives, ms; `Infinity` if not within a minute. */
    echoTime: (text = "x"): Millis => {
      const before = now
      type(text)
      return runUntil(isEchoed, 60_000) ? now - before : Infinity
    },
    change: (name: string, path: Path) => {
      paths = { ...paths, [name]: path }
    },
    offer: (addresses: ReadonlyArray<string>) =>
      step("Client", { _tag: "Candidates", candidates: candidatesOf(addresses), family: "IPv4" }),
    input: (input: Endpoint.Input<string, string>) => step("Client", input),
    current: () => states.Client.connection.clientPaths.current?.address,
    client: () => states.Client,
    sent,
    received,
    lookUps: () => lookUps.map((at) => at - START),
    deadlines
  }
}
