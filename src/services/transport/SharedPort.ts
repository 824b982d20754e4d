/**
 * One UDP port for many sessions. Each session gets its `Datagrams` and its `PacketCipher`, as if the port were its own.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Demultiplexer from "../../domain/sharing/Demultiplexer.ts"
import * as Actor from "../runtime/Actor.ts"
import { type Address, type DatagramHandlers, Datagrams } from "./Datagrams.ts"
import { type OpenedPacket, PacketCipher } from "./PacketCipher.ts"
import * as SharedPortMetrics from "./SharedPortMetrics.ts"
import type { SharedSocket } from "./SharedSocket.ts"

/** A UDP port that several listeners use. Its functions are synchronous and never throw. */
export interface SharedPort {
  /** The UDP port. */
  readonly port: number
  /** How many listeners use it now. */
  readonly sessions: () => number
  /** Counts of its datagrams, from its start. They are reported to Effect's metrics, too (`SharedPortMetricNames`). */
  readonly counters: () => SharedPortCounters
  /** @internal Adds a session with its cipher. It leaves with the scope. */
  readonly join: (
    cipher: PacketCipher["Service"]
  ) => Effect.Effect<Context.Context<Datagrams | PacketCipher>, never, Scope.Scope>
}

/** Counts of a shared port's datagrams. */
export type SharedPortCounters = Readonly<Demultiplexer.Counters>

/** A session on the port. */
interface Seat {
  handlers: DatagramHandlers | undefined
  /** The datagram that its key opened last, so that it is decrypted once. */
  opened: { readonly datagram: Uint8Array; readonly packet: OpenedPacket } | undefined
}

/** Shares the port of `socket` until the scope closes. */
export const make = Effect.fnUntraced(function* (
  socket: SharedSocket
): Effect.fn.Return<SharedPort, never, Scope.Scope> {
  const now = yield* Actor.millis
  const clock = yield* Clock.clockWith(Effect.succeed)
  const nanos = (): number => Number(clock.monotonicTimeNanosUnsafe())
  const state = Demultiplexer.initial<Seat>(now())
  const metrics = yield* SharedPortMetrics.make(socket.port)

  yield* socket.receive((datagram, source, number) => {
    const route = Demultiplexer.route(state, datagram, source, now())
    metrics.counted(state.counters)
    if (route._tag === "Drop") return
    const seat = route.member.session
    const from = nanos()
    seat.opened = { datagram, packet: route.opened }
    const isNews = seat.handlers?.onDatagram(datagram, source, number, false) === true
    seat.opened = undefined
    Demultiplexer.processed(state, route.member, (nanos() - from) / 1e6, now())
    if (isNews) Demultiplexer.accepted(state, route.member, source)
  })

  const join = (cipher: PacketCipher["Service"]) =>
    Effect.gen(function* () {
      const seat: Seat = { handlers: undefined, opened: undefined }
      const member = yield* Effect.acquireRelease(
        Effect.sync(() => Demultiplexer.join(state, seat, cipher)),
        (member) =>
          Effect.sync(() => {
            Demultiplexer.leave(state, member)
            metrics.sessions(Demultiplexer.size(state))
          })
      )
      metrics.sessions(Demultiplexer.size(state))
      const sender = {
        onSent: (to: Address) => seat.handlers?.onSent(to),
        onTrouble: (trouble: Parameters<DatagramHandlers["onTrouble"]>[0]) => seat.handlers?.onTrouble(trouble)
      }
      const datagrams = Datagrams.of({
        family: socket.family,
        peers: () => [],
        port: socket.port,
        receive: (handlers) =>
          Effect.acquireRelease(
            Effect.sync(() => {
              seat.handlers = handlers
            }),
            () =>
              Effect.sync(() => {
                seat.handlers = undefined
              })
          ),
        send: (number, to, datagram) => {
          Demultiplexer.sending(state, member, to)
          socket.send(number, to, datagram, sender)
        },
        // A server opens and closes no sockets.
        open: () => undefined,
        close: () => undefined,
        blockReached: (block) => Demultiplexer.blockReached(state, member, block)
      })
      const opening = PacketCipher.of({
        ...cipher,
        open: (datagram) => (seat.opened?.datagram === datagram ? seat.opened.packet : cipher.open(datagram))
      })
      return Context.add(Context.make(Datagrams, datagrams), PacketCipher, opening)
    })

  return {
    port: socket.port,
    sessions: () => Demultiplexer.size(state),
    counters: () => ({ ...state.counters, dropped: { ...state.counters.dropped } }),
    join
  }
})
