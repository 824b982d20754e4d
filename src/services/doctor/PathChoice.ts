/**
 * Makes a client use one chosen address of its server, so that each address can be tested within one session.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import {
  type Address,
  type DatagramHandlers,
  Datagrams,
  type Family,
  familyOf,
  isRelay,
  RELAY
} from "../transport/Datagrams.ts"

export interface PathChoice {
  /** Sends to this address only, from now on. Forgets from where packets of the server arrived. */
  readonly use: (address: Address) => void
  /** Sends through a relay only, from now on. */
  readonly useRelay: (send: (datagram: Uint8Array) => void) => void
  /** Receives a datagram from a relay. */
  readonly receiveRelayed: (datagram: Uint8Array) => void
  /** Whether a new packet of the server has arrived from a relay since `useRelay`. */
  readonly isRelayHeard: () => boolean
  /** Whether a new packet of the server has arrived by this family since `use`, or since the start. */
  readonly isHeard: (family: Family) => boolean
  /** The size of the largest datagram of the server that arrived since `use`, or since the start, bytes of UDP payload. */
  readonly largest: () => number
  /** Calls `listener` after `isHeard` changed. */
  readonly onHeard: (listener: () => void) => void
  /** The client's network, to which the choice applies. */
  readonly layer: <E>(network: Layer.Layer<Datagrams, E>) => Layer.Layer<Datagrams, E>
}

export const make = (): PathChoice => {
  const heard = new Set<Family>()
  let largest = 0
  let changed = (): void => undefined
  let only: Address | undefined
  let handlers: DatagramHandlers | undefined
  let sendRelayed = (_datagram: Uint8Array): void => undefined
  let isRelayHeard = false
  const use = (address: Address): void => {
    only = address
    heard.clear()
    largest = 0
    isRelayHeard = false
    handlers?.onPeers?.()
  }
  return {
    use,
    useRelay: (send) => {
      sendRelayed = send
      use(RELAY)
    },
    receiveRelayed: (datagram) => {
      if (handlers?.onDatagram(datagram, RELAY, 0, false) !== true || isRelayHeard) return
      isRelayHeard = true
      changed()
    },
    isRelayHeard: () => isRelayHeard,
    isHeard: (family) => heard.has(family),
    largest: () => largest,
    onHeard: (listener) => {
      changed = listener
    },
    layer: (network) =>
      Layer.effect(
        Datagrams,
        Effect.map(Datagrams, (datagrams) =>
          Datagrams.of({
            ...datagrams,
            peers: () => (only === undefined ? datagrams.peers() : [only]),
            send: (socket, to, datagram) => {
              if (!isRelay(to)) return datagrams.send(socket, to, datagram)
              sendRelayed(datagram)
              handlers?.onSent(RELAY)
            },
            receive: (given) => {
              handlers = given
              return datagrams.receive({
                ...given,
                onDatagram: (datagram, source, socket, congested) => {
                  // The server sends to its client's last address, too, and copies by UDP would arrive first.
                  if (only !== undefined && isRelay(only)) return false
                  const isNews = given.onDatagram(datagram, source, socket, congested)
                  if (isNews === true) largest = Math.max(largest, datagram.length)
                  const family = familyOf(source)
                  if (isNews === true && !heard.has(family)) {
                    heard.add(family)
                    changed()
                  }
                  return isNews
                }
              })
            }
          })
        )
      ).pipe(Layer.provide(network))
  }
}
