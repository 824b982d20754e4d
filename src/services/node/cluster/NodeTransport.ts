/**
 * The connections between the nodes of a cluster: TLS that is authenticated by a secret, which all nodes have.
 *
 * A node that does not have the secret can neither send a request, nor read one, nor pretend to be a worker. There are no certificates:
 * TLS 1.2 with a pre-shared key (RFC 4279) and an ephemeral key exchange (RFC 8442, RFC 7905), so a secret that leaks later does not
 * reveal recorded traffic. TLS 1.3 is off because there a server may answer with a certificate instead, which no node could judge.
 */
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Runners from "effect/cluster/Runners"
import type { ShardingConfig } from "effect/cluster/ShardingConfig"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as Socket from "effect/socket/Socket"
import type { SocketServer, SocketServerError } from "effect/socket/SocketServer"
import * as Crypto from "node:crypto"
import * as Net from "node:net"

/**
 * Secrets that all nodes share, each at least 32 characters, such as the output of `openssl rand -base64 32`. The first is used for
 * new connections, all are accepted. To replace a secret without an outage: add the new one as the second on all nodes, then make
 * it the first on all, then remove the old one.
 */
export type Secrets = ReadonlyArray<Redacted.Redacted>

/** The shortest secret, in characters: who observes a connection can test guesses, so a password will not do. */
export const SHORTEST_SECRET = 32

/** The secrets of a node are not acceptable. */
export class SecretError extends Schema.TaggedError<SecretError>()("SecretError", {
  reason: Schema.Literals(["Missing", "TooShort"])
}) {
  override get message() {
    return this.reason === "Missing"
      ? "a worker that listens on another address than loopback needs `secrets`: without them, any host that reaches its TCP port has all sessions"
      : `each of \`secrets\` must have at least ${SHORTEST_SECRET} characters, as from \`openssl rand -base64 32\``
  }
}

/** A pre-shared key and its public name, both derived from a secret. */
interface NodeKey {
  readonly identity: string
  readonly psk: Buffer
}

const nodeKey = (secret: Redacted.Redacted): NodeKey => {
  const derive = (purpose: string, length: number): Buffer =>
    Buffer.from(Crypto.hkdfSync("sha256", Redacted.value(secret), "", `effect-mosh/cluster/1 ${purpose}`, length))
  return { identity: derive("identity", 8).toString("hex"), psk: derive("key", 32) }
}

const TLS = { ciphers: "ECDHE-PSK-CHACHA20-POLY1305", minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const

/** How long a peer has for the handshake, ms. */
const HANDSHAKE = 5000

const checked = (secrets: Secrets): Effect.Effect<ReadonlyArray<NodeKey>, SecretError> =>
  secrets.every((secret) => Redacted.value(secret).length >= SHORTEST_SECRET)
    ? Effect.sync(() => secrets.map(nodeKey))
    : Effect.fail(new SecretError({ reason: "TooShort" }))

/** Connects to other nodes. Without secrets, in plain text. */
export const client = (
  secrets: Secrets
): Layer.Layer<Runners.RpcClientProtocol, SecretError, RpcSerialization.RpcSerialization> =>
  Layer.unwrap(
    Effect.map(checked(secrets), ([key]) =>
      key === undefined ? NodeClusterSocket.layerClientProtocol : Layer.effect(Runners.RpcClientProtocol, connect(key))
    )
  )

const connect = (key: NodeKey) =>
  Effect.map(RpcSerialization.RpcSerialization, (serialization) => ({
    codecFor: serialization.codecFor,
    make: Effect.fnUntraced(function* ({ host, port }: { readonly host: string; readonly port: number }) {
      const socket = yield* NodeSocket.makeTls({
        ...TLS,
        host,
        port,
        openTimeout: HANDSHAKE,
        pskCallback: () => key,
        // There is no certificate: the handshake succeeds only with the key.
        checkServerIdentity: () => undefined
      })
      return yield* RpcClient.makeProtocolSocket().pipe(
        Effect.provideService(Socket.Socket, socket),
        Effect.provideService(RpcSerialization.RpcSerialization, serialization)
      )
    }, Effect.orDie)
  }))

/** Accepts connections of other nodes. Without secrets, only on loopback. */
export const server = (
  secrets: Secrets,
  listen: { readonly host: string; readonly port: number }
): Layer.Layer<SocketServer, SocketServerError | SecretError, ShardingConfig> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const keys = yield* checked(secrets)
      if (keys.length === 0) {
        if (!isLoopback(listen.host)) return yield* new SecretError({ reason: "Missing" })
        return NodeClusterSocket.layerSocketServer
      }
      return NodeSocketServer.layerTls({
        ...TLS,
        ...listen,
        handshakeTimeout: HANDSHAKE,
        pskCallback: (_socket, identity) => keys.find((key) => key.identity === identity)?.psk ?? null
      })
    })
  )

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (Net.isIPv4(host) && host.startsWith("127."))
