/**
 * Runs the commands that a client asks for, without a terminal (docs/spec/command.md).
 *
 * A command's main stream carries its input and output as raw bytes, its side stream standard error and the exit status
 * from here, and signals from the client. So each direction has a flow control of its own, and a stalled reader of one
 * stalls nothing else.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { CommandServer, MoshServer } from "effect-mosh"
 * import { NodeCommands } from "effect-mosh/node"
 *
 * // A session without a program, for `CommandClient`.
 * export const serveCommands = Effect.gen(function* () {
 *   const commands = NodeCommands.layer({ shell: "/bin/sh", home: "/", environment: { PATH: "/usr/bin:/bin" } })
 *   const handler = yield* Effect.provide(CommandServer.handler(), commands)
 *   return yield* (yield* MoshServer).serve({ program: () => Effect.never, streamHandlers: [handler] })
 * })
 * ```
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CommandEnding } from "../../domain/command/CommandFrame.ts"
import * as CommandRequest from "../../domain/command/CommandRequest.ts"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import type { ByteStream } from "../transport/ByteStream.ts"
import type { StreamError } from "../transport/StreamError.ts"
import * as StreamHandler from "../transport/StreamHandler.ts"
import type { TransportStreams } from "../transport/TransportStreams.ts"
import * as CommandMetrics from "./CommandMetrics.ts"
import { Commands, type RunningCommand } from "./Commands.ts"
import * as SideStream from "./SideStream.ts"

/** Callbacks of a server of commands. They must not throw. */
export interface CommandServerOptions {
  /** Called when a command is about to be started. Default: nothing. */
  readonly onStart?: ((request: CommandRequest.CommandRequest) => void) | undefined
  /** Called with the same request when the command has ended, or its client has abandoned it. Default: nothing. */
  readonly onEnd?: ((request: CommandRequest.CommandRequest) => void) | undefined
}

/**
 * A handler for `ListenOptions.streamHandlers`, which runs the commands of each client: anyone who has the key of a connection
 * that uses it can run any command. A command ends with its connection: it loses its input and output, and receives SIGHUP.
 */
export const handler = (
  options: CommandServerOptions = {}
): Effect.Effect<StreamHandler.StreamHandler, never, Commands> =>
  Effect.map(
    Commands,
    (commands): StreamHandler.StreamHandler =>
      (peer) =>
        StreamHandler.accept(StreamKind.command, (main) => handle(commands, peer.streams, main, options))(peer)
  )

const handle = Effect.fnUntraced(function* (
  commands: Commands["Service"],
  streams: TransportStreams,
  main: ByteStream,
  { onEnd, onStart }: CommandServerOptions
): Effect.fn.Return<void, StreamError, Scope.Scope> {
  const asked = yield* readRequest(main)
  if (asked === undefined) return yield* main.reset(SideStream.MALFORMED)
  const side = yield* streams.open(StreamKind.command, SideStream.encodeHeader(main.id), {
    urgency: SideStream.URGENCY
  })
  onStart?.(asked.request)
  yield* Effect.addFinalizer(() => Effect.sync(() => onEnd?.(asked.request)))
  // A client leaves as soon as it has read the end, and takes the streams with it.
  let how: CommandMetrics.How = "Abandoned"
  const onEnding = (ending: CommandEnding): void => {
    how = ending._tag
  }
  yield* run(commands, main, side, { ...asked, onEnding }).pipe(
    CommandMetrics.measured(() => how),
    logged(asked.request.what, () => how)
  )
})

/** Logs a command, without its text, which may contain secrets. */
const logged =
  (what: CommandRequest.CommandRequest["what"], how: () => CommandMetrics.How) =>
  <E, R>(command: Effect.Effect<void, E, R>): Effect.Effect<void, E, R> =>
    Effect.logInfo("command started").pipe(
      Effect.andThen(command),
      Effect.ensuring(Effect.suspend(() => Effect.annotateLogs(Effect.logInfo("command ended"), { how: how() }))),
      Effect.annotateLogs({ what })
    )

/** Runs a command to its end. */
const run = Effect.fnUntraced(function* (
  commands: Commands["Service"],
  main: ByteStream,
  side: ByteStream,
  asked: Asked
): Effect.fn.Return<void, StreamError, Scope.Scope> {
  const started = yield* Effect.result(commands.start(asked.request))
  const isRead = yield* Latch.make(false)
  if (started._tag === "Failure") {
    yield* main.stopReading(0)
    yield* main.finish
    const ending = { _tag: "Failed", reason: started.failure.reason } as const
    asked.onEnding(ending)
    yield* SideStream.writeFrame(side, ending)
    yield* side.finish
    return yield* Effect.ignore(SideStream.readFrames(side, () => Effect.void))
  }
  const command = started.success
  /** The client abandoned the command, or broke the rules: the command is hung up on. */
  const abandoned = yield* Deferred.make<void>()
  const abandon = Effect.asVoid(Deferred.succeed(abandoned, undefined))

  yield* Effect.forkScoped(
    Effect.catch(sendInput(main, asked.input, command), ({ reason }) =>
      // This end stops reading when the command has ended.
      reason === "Finished" ? Effect.void : abandon
    )
  )
  yield* SideStream.readFrames(side, (frame) =>
    frame._tag === "Signal" ? Effect.sync(() => command.signal(frame.signal)) : side.reset(SideStream.MALFORMED)
  ).pipe(Effect.matchEffect({ onFailure: () => abandon, onSuccess: () => isRead.open }), Effect.forkScoped)
  const output = yield* Effect.forkScoped(
    command.output.pipe(
      Stream.runForEach((bytes) => main.write(bytes)),
      // The client's output was closed, or everything was read: both are the end of it.
      Effect.ignore,
      Effect.andThen(main.finish)
    )
  )
  const errors = yield* Effect.forkScoped(
    Effect.ignore(Stream.runForEach(command.errors, (bytes) => SideStream.writeFrame(side, { _tag: "Errors", bytes })))
  )
  const complete = Effect.gen(function* () {
    const ending = yield* command.ended
    yield* Fiber.join(output)
    yield* Fiber.join(errors)
    yield* main.stopReading(0)
    asked.onEnding(ending)
    yield* SideStream.writeFrame(side, ending)
    yield* side.finish
    // The client finishes its half when it has read and written everything.
    yield* isRead.await
  })
  yield* Effect.raceFirst(complete, Deferred.await(abandoned))
})

/** A request, and the input that arrived with it. */
interface Asked {
  readonly request: CommandRequest.CommandRequest
  readonly input: Uint8Array
  /** Called before the end of the command is reported to the client. */
  readonly onEnding: (ending: CommandEnding) => void
}

/** The request, and the input that arrived with it; `undefined` if it is malformed. */
const readRequest = Effect.fnUntraced(function* (main: ByteStream) {
  const reader = CommandRequest.reader()
  for (;;) {
    const piece = yield* main.read()
    if (piece === undefined) return undefined
    const read = CommandRequest.read(reader, piece)
    if (read === "malformed") return undefined
    if (read !== "incomplete") return read
  }
})

/** Passes input on to its end. Fails if the client abandons the command. */
const sendInput = (main: ByteStream, first: Uint8Array, command: RunningCommand) =>
  Effect.gen(function* () {
    let piece: Uint8Array | undefined = first
    while (piece !== undefined) {
      if (piece.length > 0) yield* command.write(piece)
      piece = yield* main.read()
    }
    yield* command.endInput
  }).pipe(
    // The command does not read any further: the client need not send what it would not read.
    Effect.catchTag("OutputClosed", () => main.stopReading(0))
  )
