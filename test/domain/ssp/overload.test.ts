/**
 * Many sessions between two processes in virtual time. Each process does one thing at a time, so while it processes one
 * session's datagrams, those of the others wait, and so do the timers.
 */
import { expect, it } from "@effect/vitest"
import type { Millis } from "../../../src/domain/Machine.ts"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import { type Input, initial, machine, type State } from "./endpoints.ts"

const SESSIONS = 400
/** How long half of the users type, one key a second each. */
const SECONDS = 10
/** Datagrams that a process reads in one turn of its event loop, and how long it runs timers in one, ms. */
const READ = 32
const SLICE: Millis = 4

interface Process {
  readonly role: Role
  readonly ends: Array<State>
  readonly inbox: Array<{ readonly session: number; readonly datagram: Uint8Array; readonly at: Millis }>
  /** When it has done what it is doing. */
  clock: Millis
}

const start = () => {
  const machines = { Client: machine("Client"), Server: machine("Server") }
  const make = (role: Role): Process => ({
    role,
    ends: Array.from({ length: SESSIONS }, () => initial(role, 1)),
    inbox: [],
    clock: 1_000_000
  })
  const client = make("Client")
  const server = make("Server")
  /** What a datagram costs the process that sends or receives it, ms. */
  let cost: Millis = 0

  const stepOnce = (process: Process, session: number, input: Input): boolean => {
    const state = process.ends[session]
    if (state === undefined) return false
    const [after, outputs] = machines[process.role].step(state, input, Math.floor(process.clock))
    process.ends[session] = after
    const peer = process === client ? server : client
    for (const output of outputs) {
      if (output._tag !== "Send") continue
      process.clock += cost
      peer.inbox.push({ session, datagram: output.datagram, at: process.clock })
    }
    return outputs.some(({ _tag }) => _tag === "RemoteChanged")
  }

  /** Steps an end as its actor does: it is woken once more after the program has reacted. */
  const step = (process: Process, session: number, input: Input): void => {
    const isChanged = stepOnce(process, session, input)
    const text = process.ends[session]?.receiver.received.at(-1)?.state ?? ""
    if (isChanged && process === server) stepOnce(process, session, { _tag: "Publish", state: text })
    if (deadline(process, session) === -Infinity) stepOnce(process, session, { _tag: "Tick" })
  }

  const deadline = ({ ends, role }: Process, session: number): Millis => {
    const end = ends[session]
    return end === undefined ? Infinity : machines[role].deadline(end)
  }

  /** One turn of the event loop: timers, then datagrams. */
  const turn = (process: Process): void => {
    const { ends, inbox } = process
    const began = process.clock
    const due = ends
      .map((_, session) => ({ session, at: deadline(process, session) }))
      .filter(({ at }) => at <= began)
      .toSorted((a, b) => a.at - b.at)
    for (const { session } of due) {
      step(process, session, { _tag: "Tick" })
      if (process.clock - began >= SLICE) break
    }
    for (let read = 0; read < READ && (inbox[0]?.at ?? Infinity) <= process.clock; read++) {
      const { datagram, session } = inbox.shift() ?? { datagram: new Uint8Array(0), session: -1 }
      process.clock += cost
      step(process, session, { _tag: "Datagram", datagram, source: "peer", socket: 0, congested: false })
    }
  }

  const nextTurn = (process: Process): Millis => {
    const wake = Math.min(...process.ends.map((_, session) => deadline(process, session)))
    return Math.max(process.clock, Math.min(wake, process.inbox[0]?.at ?? Infinity))
  }

  const run = (length: Millis): void => {
    const until = Math.max(client.clock, server.clock) + length
    for (;;) {
      const [ours, theirs] = [nextTurn(client), nextTurn(server)]
      const process = ours <= theirs ? client : server
      const at = Math.min(ours, theirs)
      if (at > until) break
      process.clock = at
      turn(process)
      // As an actor's timer, at least 1 ms ahead.
      if (process.clock === at) process.clock += 1
    }
  }

  return {
    run,
    type: (text: string, types: (session: number) => boolean): void => {
      client.ends.forEach((_, session) => {
        if (types(session)) step(client, session, { _tag: "Publish", state: text })
      })
    },
    busy: (millis: Millis) => {
      cost = millis
    },
    echoed: (text: string) => client.ends.filter(({ receiver }) => receiver.received.at(-1)?.state === text).length,
    retransmissions: () =>
      [client, server].flatMap(({ ends }) => ends).reduce((sum, { sender }) => sum + sender.retransmissions, 0)
  }
}

/** Half of the sessions. */
const isTyping = (session: number): boolean => session < SESSIONS / 2

it("processes that are late retransmit few states whose acknowledgements they have not read yet", () => {
  const sessions = start()
  sessions.type("a", () => true)
  sessions.run(10_000)
  sessions.busy(1)
  let text = "a"
  for (let second = 0; second < SECONDS; second++) {
    text += "b"
    for (let part = 0; part < 10; part++) {
      sessions.type(text, (session) => isTyping(session) && session % 10 === part)
      sessions.run(100)
    }
  }
  expect(sessions.echoed(text)).toBe(SESSIONS / 2)
  // Without the rule, every second key is retransmitted.
  expect(sessions.retransmissions()).toBeLessThan((SECONDS * SESSIONS) / 2 / 4)
})
