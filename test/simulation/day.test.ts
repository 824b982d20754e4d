import { serialize } from "node:v8"
import { expect, it } from "@effect/vitest"
import * as UserStream from "../../src/domain/objects/UserStream.ts"
import * as Session from "../domain/ssp/session.ts"
import { seedOr } from "../support/seed.ts"

const seed = seedOr(63)
const HOURS = 24
const MINUTE = 60_000

/** All that an end holds, as bytes. */
const held = ({ connection, remote, sender }: Session.End<UserStream.UserStream, UserStream.UserStream>): number =>
  serialize([sender(), connection(), remote()]).byteLength

/** The number of keys typed in all, of which the ends keep only what they need. */
const count = (stream: UserStream.UserStream): number => stream.end

it(`a day with a minute of typing and a new address per hour needs no more memory (seed ${seed})`, () => {
  const stream = { object: UserStream.object, initial: UserStream.EMPTY }
  const { client, move, run, server } = Session.start({
    client: stream,
    server: stream,
    conditions: { seed, loss: 0.02, duplication: 0.01, delay: [30, 60] }
  })
  const type = (end: typeof client, text: string): void => end.publish(UserStream.push(end.local(), Buffer.from(text)))
  const samples: Array<number> = []
  for (let hour = 0; hour < HOURS; hour++) {
    for (let second = 0; second < 60; second++) {
      type(client, "key")
      type(server, "echo")
      run(1000)
    }
    move(`away-${hour}`)
    run(59 * MINUTE)
    expect([count(server.remote().state), count(client.remote().state)]).toEqual([
      (hour + 1) * 60 * "key".length,
      (hour + 1) * 60 * "echo".length
    ])
    samples.push(held(client) + held(server))
  }
  // Most of it are the names of the fields; only the numbers get longer.
  expect(Math.max(...samples)).toBeLessThan(5120)
  expect(Math.max(...samples.slice(-8)) - Math.max(...samples.slice(0, 8))).toBeLessThan(256)
  // A heartbeat every three seconds, and a few datagrams for each key and echo.
  expect(client.sent.length).toBeLessThan(HOURS * (1200 + 60 * 6))
})
