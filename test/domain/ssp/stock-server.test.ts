/**
 * A model of a stock server (spec 5.2 to 5.6) whose program keeps printing what is already on the screen. Its states
 * differ in identity, not in content, so every difference is empty.
 */
import { expect, it } from "@effect/vitest"
import { fresh, settled, times } from "./senders.ts"

const ACK_INTERVAL = 3000
const ACK_DELAY = 100
const SEND_INTERVAL = 20
const MINDELAY = 8

interface Wire {
  readonly at: number
  readonly number: number
}

/** How many ms the server polls without a pause, and how many datagrams it and our client send, in half a minute. */
const session = (options: { readonly delay: number; readonly phase: number; readonly answers: boolean }) => {
  const { answers, delay, phase } = options
  const client = fresh({ role: "Client", minDelay: 0 })
  const rtt = Math.max(1, 2 * delay)
  client.roundTrip(rtt)
  const toClient: Array<Wire> = []
  const toServer: Array<Wire> = []
  let states = [{ number: 0, at: 0, content: 0 }]
  let current = 0
  let nextAck = phase
  let busy = 0
  let heard = 0
  let sent = 0
  for (let now = 1; now <= 30_000; now++) {
    if (now % 1000 === 500) current++
    while (toServer[0] !== undefined && toServer[0].at <= now) {
      const acknowledged = toServer.shift()?.number
      const index = states.findIndex(({ number }) => number === acknowledged)
      if (index > 0) states = states.slice(index)
    }
    // Spec 5.2: the assumed state, and what is due.
    const timeout = Math.max(50, rtt) + ACK_DELAY
    let assumed = 0
    for (let i = 1; i < states.length && now - (states[i]?.at ?? 0) < timeout; i++) assumed = i
    const last = states.at(-1)
    const at = last?.at ?? 0
    let nextSend = Infinity
    // Another state waits for its turn: the server wakes every `MINDELAY`, with stock's clients, too.
    if (current !== last?.content) nextSend = Math.max(now + MINDELAY, at + SEND_INTERVAL)
    else if (current !== states[assumed]?.content) nextSend = at + SEND_INTERVAL
    else if (current !== states[0]?.content) nextSend = at + timeout
    if (now >= nextAck) {
      const number = (last?.number ?? 0) + 1
      states.push({ number, at: now, content: current })
      toClient.push({ at: now + delay, number })
      nextAck = now + ACK_INTERVAL
      sent++
    } else if (now >= nextSend) busy++
    while (toClient[0] !== undefined && toClient[0].at <= now) {
      client.run(now)
      heard = toClient.shift()?.number ?? 0
      if (answers) client.hear(BigInt(heard))
    }
    client.run(now)
    for (const { acknowledged } of client.sent.splice(0)) {
      toServer.push({ at: now + delay, number: Number(acknowledged) })
      sent++
    }
  }
  return { busy, sent }
}

it("a stock server never polls without a pause, wherever its heartbeats meet ours", () => {
  for (const delay of [0, 5, 50, 200])
    for (let phase = 1; phase < 3000; phase += 149) {
      const { busy, sent } = session({ delay, phase, answers: true })
      expect({ delay, phase, busy }).toEqual({ delay, phase, busy: 0 })
      // Each heartbeat of the server and its answer, and one pair that crosses at first.
      expect(sent).toBeLessThanOrEqual(2 * 10 + 3)
    }
})

it("the model's server does poll without a pause where nothing is acknowledged", () => {
  expect(session({ delay: 5, phase: 1, answers: false }).busy).toBeGreaterThan(1000)
})

it("a stock server's state without a difference is acknowledged within 50 ms, beside a key, too", () => {
  const { hear, publish, run, sent } = settled({ role: "Client", minDelay: 0 })
  run(2000)
  publish("a")
  hear(2n)
  run(2500)
  expect(times(sent).slice(0, 2)).toEqual([2000, 2050])
  expect(sent[1]?.acknowledged).toBe(2n)
})

it("our own server's is not: it does not poll", () => {
  const { hear, input, publish, run, sent } = settled({ role: "Client", minDelay: 0 })
  input({ _tag: "PeerFeatures", features: 1 })
  run(2000)
  publish("a")
  hear(2n)
  input({ _tag: "PeerAcknowledged", number: sent[0]?.newNumber ?? 0n })
  run(2500)
  expect(times(sent)).toEqual([2000])
})
