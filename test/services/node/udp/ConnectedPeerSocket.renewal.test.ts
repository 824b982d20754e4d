/**
 * When connected sockets are made and replaced, tested with recording sockets and a fixed clock.
 */
import { beforeEach, describe, expect, it } from "@effect/vitest"
import type * as Dgram from "node:dgram"
import { EventEmitter } from "node:events"
import * as ConnectedPeerSocket from "../../../../src/services/node/udp/ConnectedPeerSocket.ts"

const PEER = { host: "192.0.2.1", port: 60001 }
const elsewhere = (port: number) => ({ host: "192.0.2.2", port })

interface FakeSocket extends EventEmitter {
  peer: string | undefined
  isClosed: boolean
  isSettled: boolean
}

let sockets: Array<FakeSocket> = []
let now = 0
/** The address that the kernel gives to a socket that connects; `undefined` while the network is down. */
let local: string | undefined = "10.0.0.1"

const createSocket = (): Dgram.Socket => {
  const socket: FakeSocket = Object.assign(new EventEmitter(), {
    peer: undefined,
    isClosed: false,
    isSettled: false
  })
  sockets.push(socket)
  const address = local
  return Object.assign(socket, {
    bind: () => undefined,
    connect: (port: number, host: string) => {
      socket.peer = `${host}:${port}`
    },
    address: () => ({ address, family: "IPv4", port: 1 }),
    close: () => {
      socket.isClosed = true
    }
  }) as unknown as Dgram.Socket
}

/** The kernel answers the newest socket, once. */
const settle = (): void => {
  const socket = sockets.at(-1)
  if (socket === undefined || socket.isSettled) return
  socket.isSettled = true
  socket.emit(local === undefined ? "error" : "connect", new Error("connect ENETUNREACH"))
}

const make = (): ConnectedPeerSocket.Guard =>
  ConnectedPeerSocket.make({
    first: { address: () => ({ address: "0.0.0.0", family: "IPv4", port: 1 }) } as unknown as Dgram.Socket,
    createSocket,
    onMessage: () => undefined,
    onRefused: () => undefined,
    monotonic: () => now
  })

const open = () => sockets.filter(({ isClosed }) => !isClosed).map(({ peer }) => peer)
/** Two turns of the event loop, each of which reads datagrams. */
const turns = async () => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}

beforeEach(() => {
  sockets = []
  now = 1_000_000
  local = "10.0.0.1"
})

describe("A connected socket", () => {
  it("that cannot be connected is tried again, at most once a second", () => {
    local = undefined
    const guard = make()
    for (let i = 0; i < 100; i++) {
      guard.follow(PEER)
      settle()
      now += 100
    }
    expect([sockets.length, open()]).toEqual([10, []])
    local = "10.0.0.1"
    guard.follow(PEER)
    settle()
    now += 10_000
    guard.follow(PEER)
    expect([sockets.length, open()]).toEqual([11, ["192.0.2.1:60001"]])
  })

  it("that no longer receives the peer's datagrams is replaced, and read until then", async () => {
    const guard = make()
    guard.follow(PEER)
    settle()
    // Datagrams that arrived before are still waiting at the first socket.
    guard.bypassed(PEER)
    guard.follow(PEER)
    expect(sockets.length).toBe(1)

    now += 2000
    local = "10.0.0.2"
    guard.bypassed(PEER)
    guard.follow(PEER)
    expect(open().length).toBe(2)
    settle()
    await turns()
    expect(sockets.map(({ isClosed }) => isClosed)).toEqual([true, false])
    now += 60_000
    guard.follow(PEER)
    expect(sockets.length).toBe(2)
  })

  it("is replaced ever less often if that does not help", () => {
    const guard = make()
    for (let second = 0; second < 600; second++) {
      guard.bypassed(PEER)
      guard.follow(PEER)
      settle()
      now += 1000
    }
    expect(sockets.length).toBeGreaterThan(5)
    expect(sockets.length).toBeLessThan(20)
    // After a change of addresses it is replaced at once.
    guard.disrupted()
    const before = sockets.length
    now += 1000
    guard.follow(PEER)
    expect(sockets.length).toBe(before + 1)
  })

  it("is not replaced because of strangers' datagrams or refusals", () => {
    const guard = make()
    guard.follow(PEER)
    settle()
    now += 5000
    guard.bypassed(elsewhere(1))
    sockets[0]?.emit(
      "error",
      Object.assign(new Error("recvmsg ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "recvmsg" })
    )
    guard.follow(PEER)
    expect([sockets.length, open().length]).toEqual([1, 1])
  })

  it("exists for each address that is sent to in turn, three at most", () => {
    const guard = make()
    for (let i = 0; i < 6; i++) {
      guard.follow(PEER)
      if (i === 0) settle()
      guard.follow(elsewhere(1))
      if (i === 1) settle()
      now += 1000
    }
    expect([sockets.length, open()]).toEqual([2, ["192.0.2.1:60001", "192.0.2.2:1"]])
    for (let port = 2; port < 10; port++) {
      guard.follow(elsewhere(port))
      settle()
      now += 1000
    }
    expect(open()).toEqual(["192.0.2.2:7", "192.0.2.2:8", "192.0.2.2:9"])
    guard.close()
    expect(open()).toEqual([])
  })
})
