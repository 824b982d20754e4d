/**
 * `Datagrams` by UDP, and through an ssh to the server's host while UDP does not work.
 *
 * The relay is the last of the server's addresses. `RelayDemand` decides when its ssh runs, and the protocol when it is used.
 * While UDP works, this layer only looks at what is sent and received, and what it needs of ssh is not even loaded.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as RelayDemand from "../../../domain/relay/RelayDemand.ts"
import { isFinal } from "../../../domain/relay/RelayFailure.ts"
import * as Actor from "../../runtime/Actor.ts"
import { type BindError, type DatagramHandlers, Datagrams, isRelay, RELAY } from "../../transport/Datagrams.ts"
import type * as SshRelay from "./SshRelay.ts"

export interface Options extends SshRelay.SshRelayOptions {
  readonly login: RelayDemand.Login
  /**
   * Called with a line for the user when a relay is used, no longer used, or impossible. `isFirst`: nothing was received
   * before.
   */
  readonly onReport: (text: string, isFirst: boolean) => void
  /** Called with a line for the user when a relay is tried. */
  readonly onAttempt: (text: string) => void
}

/** The layer `udp`, and a relay. */
export const layer = (
  udp: Layer.Layer<Datagrams, BindError>,
  { login, onAttempt, onReport, ...options }: Options
): Layer.Layer<Datagrams, BindError> =>
  Layer.effect(
    Datagrams,
    Effect.gen(function* () {
      const direct = Context.get(yield* Layer.build(udp), Datagrams)
      const now = yield* Actor.millis
      const scope = yield* Effect.scope
      const run = yield* FiberSet.makeRuntime<never>()
      let handlers: DatagramHandlers | undefined
      let demand = RelayDemand.initial(login)
      /** Made when a relay is wanted for the first time. */
      let relay: SshRelay.SshRelay | undefined
      let isMaking = false

      const step = (input: RelayDemand.Input): void => {
        const before = demand
        demand = RelayDemand.step(before, input, now())
        if (demand === before) return
        if (before.unanswered === Infinity) expect()
        if (demand.path !== before.path) onReport(demand.path === "Relay" ? RELAYED : DIRECT, !before.isHeard)
        const isWanted = demand.wantedSince !== undefined
        // UDP answers first: a later relay logs in.
        if (!before.isHeard && demand.isHeard && !isWanted) options.first?.release()
        if (isWanted === (before.wantedSince !== undefined)) return
        // Through the login, the relay is there in a moment.
        if (isWanted && (relay !== undefined || options.first === undefined)) onAttempt(TRYING)
        if (relay !== undefined) return relay.want(isWanted)
        if (isMaking) return
        isMaking = true
        run(Scope.provide(make, scope))
      }

      /** Waits for the first packet. */
      const expect = (): void => {
        const at = RelayDemand.deadline(demand)
        if (at < Infinity)
          run(
            Effect.delay(
              Effect.sync(() => step({ _tag: "Due" })),
              at - now()
            )
          )
      }

      const make = Effect.gen(function* () {
        const SshRelay = yield* Effect.promise(() => import("./SshRelay.ts"))
        const made = yield* SshRelay.make(options)
        yield* made.receive({
          onDatagram: (datagram) => {
            if (handlers?.onDatagram(datagram, RELAY, 0, false) === true) step({ _tag: "Received", path: "Relay" })
          },
          onChange: () => handlers?.onPeers?.(),
          onFailure: (failure) => {
            if (!isFinal(failure) && failure.reason !== "NoSession") return
            onReport(`${SILENT}, and ssh cannot carry the session: ${failure.text}.`, false)
            step({ _tag: "Impossible" })
          }
        })
        relay = made
        made.want(demand.wantedSince !== undefined)
      })

      return Datagrams.of({
        ...direct,
        peers: () => (relay?.isUsable() === true ? [...direct.peers(), RELAY] : direct.peers()),
        receive: (receiver) =>
          Effect.andThen(
            Effect.acquireRelease(
              Effect.sync(() => {
                handlers = receiver
              }),
              () =>
                Effect.sync(() => {
                  handlers = undefined
                })
            ),
            direct.receive({
              ...receiver,
              onDatagram: (datagram, source, socket, congested) => {
                const isNews = receiver.onDatagram(datagram, source, socket, congested)
                if (isNews === true) step({ _tag: "Received", path: "Udp" })
                return isNews
              },
              onDisrupted: () => {
                relay?.disrupted()
                receiver.onDisrupted?.()
              }
            })
          ),
        send: (socket, to, datagram) => {
          step({ _tag: "Sent" })
          if (!isRelay(to)) return direct.send(socket, to, datagram)
          relay?.send(datagram)
          handlers?.onSent(RELAY)
        }
      })
    })
  )

const SILENT = "UDP is silent"
const TRYING = `${SILENT}: connecting through ssh.`
const RELAYED = `${SILENT}: the session goes through ssh.`
const DIRECT = "UDP works: the session left ssh."
