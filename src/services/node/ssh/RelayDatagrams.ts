/**
 * `Datagrams` through an ssh to the server's host, instead of UDP.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { isFinal, type RelayFailure } from "../../../domain/relay/RelayFailure.ts"
import { type DatagramHandlers, Datagrams, RELAY, type SocketTrouble } from "../../transport/Datagrams.ts"
import * as NetworkWatch from "../udp/NetworkWatch.ts"
import * as SshRelay from "./SshRelay.ts"

export interface Options extends SshRelay.SshRelayOptions {
  /** Called once when there will be no session: the host has no relay, or the session ended before it was reached. */
  readonly onFinal: (failure: RelayFailure) => void
}

/** The relay is the only path. Its ssh runs while the layer's scope is open. */
export const layer = ({ onFinal, ...options }: Options): Layer.Layer<Datagrams> =>
  Layer.effect(
    Datagrams,
    Effect.gen(function* () {
      const relay = yield* SshRelay.make(options)
      let isHeard = false
      let handlers: DatagramHandlers | undefined
      const onDisrupted = (): void => {
        relay.disrupted()
        handlers?.onDisrupted?.()
      }
      const watch = yield* Effect.acquireRelease(
        Effect.sync(() => NetworkWatch.make({ onDisrupted })),
        (watch) => Effect.sync(watch.close)
      )
      yield* relay.receive({
        onDatagram: (datagram) => {
          if (handlers?.onDatagram(datagram, RELAY, 0, false) !== true) return
          isHeard = true
          watch.received()
        },
        // Whatever was sent before is lost.
        onChange: (isUsable) => {
          if (isUsable) handlers?.onDisrupted?.()
        },
        onFailure: (failure) => {
          if (isFinal(failure) || (failure.reason === "NoSession" && !isHeard)) onFinal(failure)
          handlers?.onTrouble(troubleOf(failure))
        }
      })
      yield* Effect.acquireRelease(
        Effect.sync(() => relay.want(true)),
        () => Effect.sync(() => relay.want(false))
      )
      return Datagrams.of({
        family: "IPv4",
        peers: () => [RELAY],
        port: 0,
        receive: (receiver) =>
          Effect.acquireRelease(
            Effect.sync(() => {
              handlers = receiver
            }),
            () =>
              Effect.sync(() => {
                handlers = undefined
              })
          ),
        send: (_socket, _to, datagram) => {
          watch.sent()
          if (relay.isUsable()) {
            relay.send(datagram)
            handlers?.onSent(RELAY)
            return
          }
          const failure = relay.failure()
          if (failure !== undefined) handlers?.onTrouble(troubleOf(failure))
        },
        // There is one path, which has no ports.
        open: () => undefined,
        close: () => undefined
      })
    })
  )

const troubleOf = ({ reason, text }: RelayFailure): SocketTrouble => ({
  to: RELAY,
  kind: reason === "NoSession" ? "ConnectionRefused" : "Unreachable",
  text: `ssh: ${text}`
})
