/**
 * The client's part of agent forwarding: it lets programs of the session use the local authentication agent.
 *
 * Only whole and well-formed messages are passed on, and only one request at a time on each stream.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as AgentMessage from "../../domain/forwarding/AgentMessage.ts"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import { Sockets } from "../forwarding/Sockets.ts"
import type { ByteStream } from "../transport/ByteStream.ts"
import * as StreamHandler from "../transport/StreamHandler.ts"
import * as AgentExchange from "./AgentExchange.ts"
import * as AgentMetrics from "./AgentMetrics.ts"

export interface AgentOfferOptions {
  /** The path of the agent's socket. */
  readonly path: string
  /** Called before each signature, with the type of the key, such as `ssh-ed25519`. Must not throw. */
  readonly onSignature?: ((key: string) => void) | undefined
  /**
   * Called once if the server cannot use an agent: `Unsupported` if it has no streams, `Refused` if its session was started
   * without one. Must not throw.
   */
  readonly onUnsupported?: ((reason: "Unsupported" | "Refused") => void) | undefined
}

/** The code of RESET_STREAM and STOP_SENDING for what is no message of an agent. */
export const MALFORMED = 2

/** Offers the agent to the server. */
export const handler = ({
  onSignature,
  onUnsupported,
  path
}: AgentOfferOptions): Effect.Effect<StreamHandler.StreamHandler, never, Sockets> =>
  Effect.map(Sockets, (sockets) => {
    const handle = Effect.fnUntraced(function* (stream: ByteStream) {
      const agent = yield* Effect.result(sockets.connect({ _tag: "Unix", path }))
      if (Result.isSuccess(agent)) yield* Effect.addFinalizer(() => agent.success.reset)
      const splitter = AgentMessage.splitter()

      const respond = (request: Uint8Array): Effect.Effect<Uint8Array> => {
        if (Result.isFailure(agent)) return Effect.as(AgentMetrics.count("client", "NoAgent"), AgentMessage.failure())
        const key = AgentMessage.signingKey(request)
        if (AgentMessage.typeOf(request) === AgentMessage.SIGN_REQUEST) onSignature?.(key ?? "unknown")
        return Effect.andThen(agent.success.write(request), AgentExchange.readOne(agent.success.read())).pipe(
          Effect.orElseSucceed(() => AgentMessage.failure()),
          Effect.tap((response) =>
            AgentMetrics.count("client", AgentMessage.isAnswer(response) ? "Answered" : "Failed")
          ),
          Effect.tap(() =>
            key === undefined ? Effect.void : Effect.annotateLogs(Effect.logInfo("agent signature requested"), { key })
          )
        )
      }

      for (;;) {
        const piece = yield* stream.read()
        if (piece === undefined) return yield* stream.finish
        const requests = AgentMessage.read(splitter, piece)
        if (Result.isFailure(requests)) return yield* stream.reset(MALFORMED)
        for (const request of requests.success) yield* stream.write(yield* respond(request))
      }
    })
    return (peer) =>
      Effect.andThen(
        StreamHandler.accept(StreamKind.agent, handle)(peer),
        askWhetherUsed(peer).pipe(
          Effect.catch(({ reason }) =>
            Effect.sync(() => {
              if (reason === "Unsupported" || reason === "Refused") onUnsupported?.(reason)
            })
          ),
          Effect.forkScoped,
          Effect.asVoid
        )
      )
  })

/** Opens a stream without a request: a server that uses agents ends it, another one refuses it. */
const askWhetherUsed = Effect.fnUntraced(function* ({ streams }: StreamHandler.Peer) {
  const stream = yield* streams.open(StreamKind.agent)
  yield* stream.finish
  yield* stream.read()
}, Effect.scoped)
