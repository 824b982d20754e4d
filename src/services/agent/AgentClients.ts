/**
 * The server's part of agent forwarding: programs of a session use the authentication agent of its client.
 *
 * Each connection of a program has a stream of its own to one client: to the most recently active one that offers an agent.
 * When that client is replaced, the next request goes to another one, on a new stream, and the program's connection stays.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as AgentMessage from "../../domain/forwarding/AgentMessage.ts"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import type { Socket } from "../forwarding/Sockets.ts"
import type { ByteStream } from "../transport/ByteStream.ts"
import * as StreamHandler from "../transport/StreamHandler.ts"
import * as AgentExchange from "./AgentExchange.ts"
import { MALFORMED } from "./AgentOffer.ts"
import * as AgentMetrics from "./AgentMetrics.ts"

/** The clients of one session, as programs use their agents. */
export interface AgentClients {
  /** For all connections of the session. */
  readonly handler: StreamHandler.StreamHandler
  /** Serves the requests of a program, to its end. */
  readonly serve: (program: Socket) => Effect.Effect<void>
}

/** How long a client may send nothing before a request fails, ms. A user may take longer to confirm, while the client answers. */
export const PATIENCE = 15_000

/** Programs that are served at the same time; further ones wait. */
export const MOST_PROGRAMS = 32

/** Before everything but screens: a user waits for it. */
const URGENCY = 1

interface Link {
  readonly peer: StreamHandler.Peer
  readonly stream: ByteStream
  readonly scope: Scope.Closeable
}

export interface AgentClientsOptions {
  /** The address of the client where someone typed last, as its status has it; `undefined` if that is unknown. */
  readonly leader?: (() => string | undefined) | undefined
}

/** Serves programs by the agents of clients, of which there are none at first. */
export const make = (options: AgentClientsOptions = {}): AgentClients => {
  const peers = new Set<StreamHandler.Peer>()
  const programs = Semaphore.makeUnsafe(MOST_PROGRAMS)

  /** The leader first, then the others, of which the newest comes first. A client that was never heard cannot answer. */
  const candidates = (): ReadonlyArray<StreamHandler.Peer> => {
    const heard = [...peers].filter(({ status }) => status().lastHeard > -Infinity).toReversed()
    const leader = options.leader?.()
    const leads = ({ status }: StreamHandler.Peer): boolean => leader !== undefined && status().peer === leader
    return [...heard.filter(leads), ...heard.filter((peer) => !leads(peer))]
  }

  const open = Effect.fnUntraced(function* (peer: StreamHandler.Peer) {
    const scope = yield* Scope.make()
    const stream = yield* peer.streams.open(StreamKind.agent, undefined, { urgency: URGENCY }).pipe(
      Scope.provide(scope),
      Effect.onError(() => Scope.close(scope, Exit.void))
    )
    return { peer, stream, scope } satisfies Link
  })

  const serve = Effect.fnUntraced(function* (program: Socket) {
    const splitter = AgentMessage.splitter()
    let link: Link | undefined
    const unlink = Effect.suspend(() => {
      const old = link
      link = undefined
      return old === undefined ? Effect.void : Scope.close(old.scope, Exit.void)
    })
    yield* Effect.addFinalizer(() => unlink)

    /** The response of one client; `Refused` if it offers no agent, `undefined` if it does not answer. */
    const ask = (peer: StreamHandler.Peer, request: Uint8Array) =>
      Effect.gen(function* () {
        if (link?.peer !== peer) {
          yield* unlink
          link = yield* open(peer)
        }
        yield* link.stream.write(request)
        return yield* AgentExchange.readOne(link.stream.read())
      }).pipe(
        Effect.catch((error) =>
          Effect.as(
            unlink,
            error._tag === "StreamError" && (error.reason === "Refused" || error.reason === "Unsupported")
              ? ("Refused" as const)
              : undefined
          )
        ),
        // A late response must not be taken for that of the next request.
        Effect.raceFirst(Effect.as(Effect.andThen(silence(peer), unlink), undefined))
      )

    const counted = (how: AgentMetrics.How, response: Uint8Array) =>
      AgentMetrics.count("server", how).pipe(
        Effect.andThen(Effect.annotateLogs(Effect.logInfo("agent request"), { how })),
        Effect.as(response)
      )

    const respond = Effect.fnUntraced(function* (request: Uint8Array) {
      for (const peer of candidates()) {
        const response = yield* ask(peer, request)
        if (response === "Refused") continue
        const answer = response ?? AgentMessage.failure()
        return yield* counted(AgentMessage.isAnswer(answer) ? "Answered" : "Failed", answer)
      }
      return yield* counted("NoAgent", AgentMessage.failure())
    })

    for (;;) {
      const piece = yield* program.read()
      if (piece === undefined) return
      const requests = AgentMessage.read(splitter, piece)
      if (Result.isFailure(requests)) return
      for (const request of requests.success) yield* program.write(yield* respond(request))
    }
  }, Effect.scoped)

  return {
    handler: (peer) =>
      Effect.andThen(
        Effect.acquireRelease(
          Effect.sync(() => void peers.add(peer)),
          () => Effect.sync(() => void peers.delete(peer))
        ),
        StreamHandler.accept(StreamKind.agent, answerClient)(peer)
      ),
    serve: (program) => programs.withPermits(1)(Effect.andThen(Effect.ignore(serve(program)), program.close))
  }
}

/** A client that opens a stream asks only whether this session uses agents: it ends the stream at once. */
const answerClient = (stream: ByteStream) =>
  Effect.andThen(
    stream.finish,
    Effect.flatMap(stream.read(), (bytes) => (bytes === undefined ? Effect.void : stream.reset(MALFORMED)))
  )

/** Resumes when nothing has arrived from a client for `PATIENCE`. */
const silence = Effect.fnUntraced(function* ({ status }: StreamHandler.Peer) {
  for (;;) {
    const before = status().counters.received
    yield* Effect.sleep(PATIENCE)
    if (status().counters.received === before) return
  }
})
