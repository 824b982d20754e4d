/**
 * `MoshServer` on Node: UDP through node:dgram, AES-OCB through OpenSSL, programs on ptys through node-pty, screens
 * through xterm's emulator.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { MoshServer } from "effect-mosh"
 * import { NodeLogin, NodeMoshServer } from "effect-mosh/node"
 *
 * // Serves a shell on a port that the kernel chooses, and logs a message if no port can be bound.
 * export const served = Effect.gen(function* () {
 *   const mosh = yield* MoshServer
 *   const server = yield* mosh.serve({ program: NodeLogin.program(), ports: { low: 0, high: 0 } })
 *   return yield* server.ended
 * }).pipe(
 *   Effect.catchTag("BindError", (error) => Effect.log(error.message)),
 *   Effect.scoped,
 *   Effect.provide(NodeMoshServer.layer)
 * )
 * ```
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as PortRange from "../../domain/arguments/PortRange.ts"
import * as SessionKey from "../../domain/crypto/SessionKey.ts"
import { type BindError, Datagrams } from "../transport/Datagrams.ts"
import { Emulator } from "../server/Emulator.ts"
import { DEFAULT_SIZE } from "../client/MoshClient.ts"
import {
  type Listening,
  type ListenOptions,
  MoshServer,
  type OpenOptions,
  type SharePortOptions
} from "../server/MoshServer.ts"
import { Pty } from "../server/Pty.ts"
import * as OptionError from "../runtime/OptionError.ts"
import * as Attachments from "../server/Attachments.ts"
import * as Session from "../server/Session.ts"
import * as SessionTransport from "../server/SessionTransport.ts"
import * as SharedPort from "../transport/SharedPort.ts"
import * as SharedSocket from "../transport/SharedSocket.ts"
import * as NodeCompression from "./wire/NodeCompression.ts"
import * as NodeDatagrams from "./udp/NodeDatagrams.ts"
import * as NodePacketCipher from "./wire/NodePacketCipher.ts"
import * as SharedUdpSocket from "./udp/SharedUdpSocket.ts"
import * as NodeTimer from "./NodeTimer.ts"
import { Timers } from "../runtime/Timer.ts"
import * as NodePty from "./pty/NodePty.ts"
import * as XtermEmulator from "./xterm/XtermEmulator.ts"

/** Creates the datagram layer of one listener. */
export type Network = (options: ListenOptions) => Layer.Layer<Datagrams, BindError>

/** Creates the sockets of a port that many listeners share. */
type SharedNetwork = (options: SharePortOptions) => Effect.Effect<SharedSocket.SharedSocket, BindError, Scope.Scope>

/**
 * A server on the given network and the provided pty and emulator: for transports other than UDP, and for tests. Each
 * listener takes a new key from `keys`. Never return the same key twice: encrypting under one key with repeated nonces
 * reveals its plaintexts.
 */
export const layerOver = (
  network: Network,
  keys: Effect.Effect<SessionKey.SessionKey> = NodePacketCipher.newKey
): Layer.Layer<MoshServer, never, Pty | Emulator> =>
  make(network, keys, (options) =>
    Effect.map(Layer.build(network(options)), (context) => SharedSocket.ofDatagrams(Context.get(context, Datagrams)))
  )

const make = (
  network: Network,
  keys: Effect.Effect<SessionKey.SessionKey>,
  sharedNetwork: SharedNetwork
): Layer.Layer<MoshServer, never, Pty | Emulator> =>
  Layer.effect(
    MoshServer,
    Effect.gen(function* () {
      // Capture only these services: the ambient Scope is the layer's, but a session belongs to its caller's scope.
      const timers = Context.make(Timers, yield* Timers)
      const programs = Context.merge(Context.pick(Pty, Emulator)(yield* Effect.context<Pty | Emulator>()), timers)
      const listeners = Context.merge(timers, yield* Layer.build(NodeCompression.layer))
      const open = <R>({ program, scrollback, size = DEFAULT_SIZE }: OpenOptions<R>) =>
        Effect.provideContext(Session.make<R>({ program, size, scrollback }), programs).pipe(
          Effect.withSpan("MoshServer.open")
        )
      const listen = (session: Session.Session, options: ListenOptions = {}) =>
        Effect.flatMap(keys, (key) =>
          Effect.provideContext(listenOver(key, network(options), session, options), listeners).pipe(
            Effect.withSpan("MoshServer.listen")
          )
        )
      return MoshServer.of({
        open,
        listen,
        sharePort: Effect.fn("MoshServer.sharePort")((options = {}) =>
          Effect.flatMap(sharedNetwork(options), SharedPort.make)
        ),
        attachments: (session, options = {}) =>
          Effect.andThen(limitsOf(options.limits), Attachments.make(session, listen, options)),
        serve: Effect.fn("MoshServer.serve")(function* <R>(options: OpenOptions<R> & ListenOptions) {
          const session = yield* open(options)
          return { ...(yield* listen(session, options)), session }
        })
      })
    })
  )

/** A server on UDP with the provided pty and emulator: for sessions without processes, and for tests. */
export const layerWith: Layer.Layer<MoshServer, never, Pty | Emulator> = make(
  (options) =>
    NodeDatagrams.server({
      address: options.address,
      ports: options.ports ?? PortRange.DEFAULT,
      everywhere: options.everywhere
    }),
  NodePacketCipher.newKey,
  (options) => SharedUdpSocket.bind({ address: options.address, ports: options.ports ?? PortRange.DEFAULT })
).pipe(Layer.provide(NodeTimer.layer))

/** A server on UDP, with programs on ptys and xterm's screens. */
export const layer: Layer.Layer<MoshServer> = layerWith.pipe(
  Layer.provide(Layer.mergeAll(NodePty.layer, XtermEmulator.layer))
)

const limitsOf = (limits: ListenOptions["limits"]) =>
  Effect.all({
    network: OptionError.positiveMillis("limits.network", limits?.network ?? Infinity),
    signal: OptionError.millis("limits.signal", limits?.signal ?? 0)
  })

const listenOver = Effect.fnUntraced(function* (
  key: SessionKey.SessionKey,
  datagrams: Layer.Layer<Datagrams, BindError>,
  session: Session.Session,
  options: ListenOptions
) {
  // The cipher takes ownership of the key, which cannot be printed afterwards.
  const printedKey = SessionKey.format(key)
  const limits = yield* limitsOf(options.limits)
  const { name, sharedPort, streamHandlers: handlers } = options
  const network = yield* sharedPort === undefined
    ? Layer.build(Layer.mergeAll(NodePacketCipher.layer(key), datagrams))
    : Effect.flatMap(NodePacketCipher.make(key), sharedPort.join)
  const transport = yield* Effect.provideContext(SessionTransport.attach(session, limits, { name, handlers }), network)
  return {
    port: Context.get(network, Datagrams).port,
    key: printedKey,
    status: transport.status,
    statuses: transport.statuses,
    streams: transport.streams,
    contact: transport.contact,
    terminate: transport.terminate,
    close: transport.close,
    hangUpIfIdle: transport.hangUpIfIdle,
    ended: transport.ended
  } satisfies Listening
})
