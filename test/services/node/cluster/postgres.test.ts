/**
 * A cluster of three worker processes and two gateways, which encrypt what they send each other, with its records in Postgres.
 */
import { afterAll, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import * as Path from "node:path"
import { type ClusterFailure, MoshCluster, NodeMoshCluster, type SessionMessages } from "../../../../src/cluster.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import { type ClientSession, MoshClient } from "../../../../src/services/client/MoshClient.ts"
import * as NodeMoshClient from "../../../../src/services/node/NodeMoshClient.ts"
import * as Pg from "../../../support/postgres.ts"
import { SECRETS, SHARDING } from "./worker.ts"

interface Worker {
  readonly process: ChildProcess
  readonly log: () => string
  readonly ended: Promise<unknown>
}

const startWorker = async (machine: string, database: number): Promise<Worker> => {
  const words = [Path.join(import.meta.dirname, "worker.ts"), machine, String(await Pg.freePort()), String(database)]
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] })
  let log = ""
  const ended = once(child, "close")
  const ready = new Promise<void>((resolve, reject) => {
    const onOutput = (bytes: Buffer): void => {
      log += bytes.toString()
      if (/^ready$/m.test(log)) resolve()
    }
    child.stdout.on("data", onOutput)
    child.stderr.on("data", onOutput)
    void ended.then(() => reject(new Error(`${machine} ended: ${log}`)))
  })
  await ready
  return { process: child, log: () => log, ended }
}

const MACHINES = ["w1", "w2", "w3"]

const gateway = (database: number) =>
  ManagedRuntime.make(
    Layer.merge(
      NodeMoshCluster.layerGateway({ secrets: SECRETS, sharding: SHARDING }).pipe(Layer.provide(Pg.database(database))),
      NodeMoshClient.layer
    )
  )

/** All of the screen's text, with what scrolled off. */
const shows = (client: ClientSession, pattern: RegExp) =>
  client.screens.pipe(
    Stream.filter((frame) => pattern.test(Frame.lines(frame).join(""))),
    Stream.runHead
  )

const connect = ({ address, key, port }: SessionMessages.Ticket) =>
  Effect.flatMap(MoshClient, (client) => client.connect({ host: address, port, key: Redacted.value(key) }))

/** Repeats what the cluster cannot do at the moment, as its failures advise. */
const persistently = <A>(effect: Effect.Effect<A, ClusterFailure>) =>
  Effect.retry(effect, {
    while: ({ reason }) => reason === "Storage" || reason === "Unavailable" || reason === "Unreachable",
    schedule: Schedule.spaced("500 millis"),
    times: 60
  })

describe("a cluster of three machines", () => {
  let postgres: Pg.Postgres
  let workers: ReadonlyArray<Worker> = []
  let gateways: ReadonlyArray<ReturnType<typeof gateway>> = []

  afterAll(async () => {
    for (const one of gateways) await one.dispose()
    for (const { ended, process } of workers) {
      process.kill("SIGKILL")
      await ended
    }
    await postgres?.[Symbol.asyncDispose]()
  }, 60_000)

  it("survives what happens to machines", { timeout: 180_000 }, async (context) => {
    Pg.requirePostgres(context)
    postgres = await Pg.startPostgres()
    workers = await Promise.all(MACHINES.map((name) => startWorker(name, postgres.port)))
    gateways = [gateway(postgres.port), gateway(postgres.port)]
    const [first, second] = gateways as [ReturnType<typeof gateway>, ReturnType<typeof gateway>]
    const keys = new Set<string>()
    const noted = (ticket: SessionMessages.Ticket): SessionMessages.Ticket => {
      keys.add(Redacted.value(ticket.key))
      return ticket
    }

    // 300 sessions are placed, through two gateways.
    const names = Array.from({ length: 300 }, (_, i) => ({ owner: `user${i % 100}`, name: `s${Math.floor(i / 100)}` }))
    const open = (session: { owner: string; name: string }) =>
      Effect.flatMap(MoshCluster, (cluster) => persistently(cluster.open(session)))
    const opened = (
      await Promise.all(
        [first, second].map((runtime, half) =>
          runtime.runPromise(
            Effect.forEach(
              names.filter((_, i) => i % 2 === half),
              open,
              { concurrency: 4 }
            )
          )
        )
      )
    ).flat()
    const machines = new Map<string, number>()
    for (const { isNew, ticket } of opened) {
      expect(isNew).toBe(true)
      noted(ticket)
      machines.set(ticket.machine, (machines.get(ticket.machine) ?? 0) + 1)
    }
    expect([...machines.keys()].toSorted()).toEqual(MACHINES)
    expect(Math.min(...machines.values())).toBeGreaterThan(50)
    expect(new Set(opened.map(({ ticket }) => `${ticket.machine} ${ticket.port}`)).size).toBe(3)
    expect(keys.size).toBe(300)

    // Two gateways that open one name get one session.
    const raced = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        Promise.all([first, second].map((runtime) => runtime.runPromise(open({ owner: "race", name: `r${i}` }))))
      )
    )
    for (const both of raced) {
      expect(both.map(({ isNew }) => isNew).toSorted()).toEqual([false, true])
      expect(new Set(both.map(({ ticket }) => noted(ticket).id)).size).toBe(1)
    }

    await second.runPromise(
      Effect.gen(function* () {
        const cluster = yield* MoshCluster
        // A session of each machine that the first gateway opened; the clients attach through the second.
        const even = names.filter((_, i) => i % 2 === 0)
        const placed = even.map((identity, k) => ({ identity, machine: opened[k]?.ticket.machine ?? "" }))
        const sessions = new Map(placed.map(({ identity, machine }) => [machine, identity]))
        const clients = new Map<string, ClientSession>()
        for (const [machine, identity] of sessions) {
          const ticket = noted(yield* persistently(cluster.attach(identity)))
          expect(ticket.machine).toBe(machine)
          const client = yield* connect(ticket)
          yield* shows(client, new RegExp(`^${identity.owner}/${identity.name} on ${machine}`))
          clients.set(machine, client)
        }
        const survivor = clients.get("w3")
        const drained = clients.get("w2")
        const suspended = sessions.get("w2")
        const reopened = placed.find(({ identity, machine }) => machine === "w2" && identity !== suspended)?.identity
        if (survivor === undefined || drained === undefined || suspended === undefined || reopened === undefined) {
          return expect.unreachable()
        }
        const former = yield* connect(noted(yield* persistently(cluster.attach(reopened))))
        let typed = 0
        /** Types on the surviving machine all the time, a key every 20 ms. */
        yield* Effect.forkScoped(
          Effect.forever(
            Effect.suspend(() =>
              Effect.andThen(survivor.type(String.fromCharCode(97 + (typed++ % 26))), Effect.sleep(20))
            )
          )
        )

        // A machine dies, and another is suspended. Sessions of the dead one are reported lost, with its name and when, and their
        // names are free again.
        workers[0]?.process.kill("SIGKILL")
        workers[1]?.process.kill("SIGSTOP")
        const victim = sessions.get("w1")
        if (victim === undefined) return expect.unreachable()
        const status = yield* cluster
          .status(victim)
          .pipe(Effect.delay("200 millis"), Effect.repeat({ while: ({ session }) => session.state === "Running" }))
        expect(status.session).toMatchObject({ state: "Lost", machine: "w1", ending: "its machine was lost" })
        expect(status.session.endedAt).toBeGreaterThanOrEqual(status.session.openedAt)
        expect(yield* Effect.flip(persistently(cluster.attach(victim)))).toMatchObject({
          reason: "SessionLost",
          message: expect.stringMatching(/w1, last seen at \d{4}-\d\d-\d\dT/)
        })
        const again = yield* persistently(cluster.open(victim))
        expect(again).toMatchObject({ isNew: true, lost: { machine: "w1", at: status.session.endedAt } })
        expect(noted(again.ticket).machine).toBe("w3")

        // One name of the suspended machine is opened elsewhere. When the machine resumes, it ends its session of that name, and its
        // other sessions continue: each name has one session, and no key was lost.
        yield* drained.type("typed while suspended")
        const replaced = yield* cluster
          .open(reopened, { mode: "Share" })
          .pipe(Effect.retry({ schedule: Schedule.spaced("200 millis"), times: 300 }))
        expect(replaced).toMatchObject({ isNew: true, lost: { machine: "w2" } })
        expect(noted(replaced.ticket).machine).toBe("w3")
        expect(yield* Effect.flip(persistently(cluster.attach(suspended)))).toMatchObject({ reason: "SessionLost" })
        workers[1]?.process.kill("SIGCONT")
        yield* cluster
          .status(suspended)
          .pipe(Effect.delay("200 millis"), Effect.repeat({ while: ({ session }) => session.state === "Lost" }))
        expect(noted(yield* persistently(cluster.attach(suspended, { mode: "Share" }))).machine).toBe("w2")
        yield* shows(drained, /typed while suspended/)
        yield* former.ended
        expect((yield* cluster.status(reopened)).session).toMatchObject({ state: "Running", machine: "w3" })

        // A machine is drained: users are informed, its sessions end at the deadline, its process ends, and no new ones are opened there.
        yield* persistently(cluster.drain("w2", { within: 1000 }))
        yield* shows(drained, /This machine will be restarted: sessions on it end in a minute\./)
        const elsewhere = yield* Effect.forEach(
          Array.from({ length: 10 }, (_, i) => ({ owner: "late", name: `l${i}` })),
          (identity) => persistently(cluster.open(identity))
        )
        expect(new Set(elsewhere.map(({ ticket }) => noted(ticket).machine))).toEqual(new Set(["w3"]))
        yield* drained.ended
        yield* Effect.promise(() => workers[1]?.ended ?? Promise.resolve())
        expect(workers[1]?.process.exitCode).toBe(0)
        expect((yield* cluster.machines).map(({ name }) => name)).not.toContain("w2")
        const { session } = yield* persistently(cluster.status(suspended))
        expect(session).toMatchObject({ state: "Ended", ending: "its machine was stopped" })

        // Postgres restarts: sessions continue, and are known afterwards.
        yield* Effect.promise(() => postgres.restart())
        const remaining = sessions.get("w3")
        if (remaining === undefined) return expect.unreachable()
        const after = yield* persistently(cluster.attach(remaining, { mode: "Share" }))
        const beside = yield* connect(noted(after))

        // No key was lost meanwhile.
        const count = typed
        yield* survivor.type("!")
        const text = Array.from({ length: count }, (_, i) => String.fromCharCode(97 + (i % 26))).join("")
        yield* shows(survivor, /!/)
        const shown = Frame.lines(survivor.screen())
          .join("")
          .replace(/^.* on w3/, "")
        expect(shown.slice(0, shown.indexOf("!"))).toContain(text.slice(-400))
        yield* shows(beside, /!/)
      }).pipe(Effect.scoped)
    )

    // No key is in a table or a log.
    const recorded = (await postgres.dump()) + workers.map(({ log }) => log()).join("\n")
    expect(recorded).toContain("mosh_sessions")
    expect(recorded).toContain("user99")
    expect([...keys].filter((key) => recorded.includes(key))).toEqual([])
    expect(keys.size).toBeGreaterThan(330)
  })
})
