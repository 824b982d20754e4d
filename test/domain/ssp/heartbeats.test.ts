/**
 * An idle session in virtual time: who sends when, and why.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as Timestamp16 from "../../../src/domain/wire/Timestamp16.ts"
import * as Note from "./Note.ts"
import { settled, times } from "./senders.ts"
import * as Session from "./session.ts"

const MINUTE = 60_000
const FEATURES = { client: 1, server: 1 }

/** A session in which both ends have what the other sent, and nothing happens any more. */
const idle = (delay: readonly [number, number], features = FEATURES) => {
  const session = Session.start({
    client: { object: Note.object, initial: "" },
    server: { object: Note.object, initial: "" },
    conditions: { seed: 7, loss: 0, duplication: 0, delay },
    features,
    isWholeMillis: true
  })
  session.client.publish("a")
  session.run(1000)
  session.server.publish("b")
  session.run(10_000)
  return session
}

/** The datagrams that an end sends in the next minute. */
const minuteOf = (session: ReturnType<typeof idle>) => {
  const [fromClient, fromServer] = [session.client.datagrams.length, session.server.datagrams.length]
  session.run(MINUTE)
  return { client: session.client.datagrams.slice(fromClient), server: session.server.datagrams.slice(fromServer) }
}

const isAnswer = ({ plaintext }: Session.SentDatagram): boolean =>
  Packet.decode(plaintext)?.timestampReply !== Timestamp16.NONE

describe("heartbeats", () => {
  it.each([
    [0, 1],
    [5, 30],
    [40, 60],
    [100, 190],
    [300, 390]
  ] as const)("between two of our ends: the server's answer the client's, %i to %i ms away", (...delay) => {
    const session = idle(delay)
    const sent = minuteOf(session)
    expect(Math.abs(sent.client.length - 20)).toBeLessThanOrEqual(1)
    expect(Math.abs(sent.server.length - 20)).toBeLessThanOrEqual(1)
    // Each is sent when the client's arrives, and so echoes its timestamp: the server is never woken by its own timer.
    expect(sent.server.map(isAnswer)).toEqual(sent.server.map(() => true))
    const gaps = sent.client.slice(1).map(({ at }, i) => at - (sent.client[i]?.at ?? 0))
    expect(new Set(gaps)).toEqual(new Set([Timing.ACK_INTERVAL]))
  })

  it("the server goes on where the client's are lost, and the client sends what the server answers", () => {
    const session = idle([40, 60])
    session.weather({ toServer: { loss: 1 } })
    const sent = minuteOf(session)
    // Until the server forgets the address of a client that is silent for 40 s.
    const gaps = sent.server.slice(1).map(({ at }, i) => at - (sent.server[i]?.at ?? 0))
    expect(sent.server.length).toBeGreaterThan(10)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(Timing.ACK_INTERVAL + Timing.ACK_DELAY)
    expect(sent.client.length).toBeGreaterThanOrEqual(20)
    session.weather({ toServer: {} })
    session.run(Timing.ACK_INTERVAL)
    expect(session.server.sender().path.isAttached).toBe(true)
  })

  it("a client whose server's answers are lost sends no less often", () => {
    const session = idle([40, 60])
    session.weather({ toClient: { loss: 1 } })
    const sent = minuteOf(session)
    const gaps = sent.client.slice(1).map(({ at }, i) => at - (sent.client[i]?.at ?? 0))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(Timing.ACK_INTERVAL)
  })

  it("are due after 3 s, at a server of ours for its client 100 ms later", () => {
    const next = (role: "Client" | "Server", features: number, own = 1) => {
      const { input, publish, acknowledge, run, sent, state } = settled({ role, features: own })
      input({ _tag: "PeerFeatures", features })
      publish("a")
      run(1000)
      acknowledge(state().sent.at(-1)?.number ?? 0n)
      // The client's probes come later than this.
      input({ _tag: "PacketReceived" })
      input({ _tag: "Received", number: 2n, wantsAck: false })
      run(1000)
      const at = times(sent).at(-1) ?? 0
      run(at + 3050)
      const early = times(sent).at(-1) ?? 0
      return early > at ? early - at : "later"
    }
    expect(next("Server", 0)).toBe(3000)
    expect(next("Server", 1)).toBe("later")
    // Such a client yields to a server that announces nothing.
    expect(next("Server", 1, 0)).toBe(3000)
    expect(next("Client", 1)).toBe(3000)
  })
})
