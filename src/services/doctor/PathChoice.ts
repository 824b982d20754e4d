/**
 * Makes a client use one chosen address of its server, so that each address can be tested within one session.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Address, type DatagramHandlers, Datagrams, type Family, familyOf } from "../transport/Datagrams.ts"

export interface PathChoice {
  /** Sends to this address only, from now on. Forgets from where packets of the server arrived. */
  readonly use: (address: Address) => void
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
  return {
    use: (address) => {
      only = address
      heard.clear()
      largest = 0
      handlers?.onPeers?.()
    },
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
            receive: (given) => {
              handlers = given
              return datagrams.receive({
                ...given,
                onDatagram: (datagram, source, socket, congested) => {
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
