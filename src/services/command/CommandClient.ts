/**
 * Runs commands at the other end of a session that was started for them, without a terminal (docs/spec/command.md).
 *
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { CommandClient, type ClientSession } from "effect-mosh"
 *
 * // Writes a file there, and returns what the command prints.
 * export const save = Effect.fnUntraced(function* (session: ClientSession, bytes: Stream.Stream<Uint8Array>) {
 *   const commands = yield* CommandClient.make(session.streams)
 *   let printed = ""
 *   const ending = yield* commands.run({
 *     what: "command",
 *     text: "cat > incoming && wc -c incoming",
 *     input: bytes,
 *     onOutput: (piece) => Effect.sync(() => void (printed += new TextDecoder().decode(piece)))
 *   })
 *   return { ending, printed }
 * }, Effect.scoped)
 * ```
 */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CommandEnding, MalformedCommandFrame } from "../../domain/command/CommandFrame.ts"
import * as CommandRequest from "../../domain/command/CommandRequest.ts"
import type { CommandSignal } from "../../domain/command/CommandSignal.ts"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import type { ByteStream } from "../transport/ByteStream.ts"
import type { StreamError } from "../transport/StreamError.ts"
import type { TransportStreams } from "../transport/TransportStreams.ts"
import type { OutputClosed } from "./Commands.ts"
import * as SideStream from "./SideStream.ts"

export type { CommandEnding } from "../../domain/command/CommandFrame.ts"
export type { CommandSignal } from "../../domain/command/CommandSignal.ts"
export { OutputClosed } from "./Commands.ts"

/** The command cannot be sent: it is too long, or contains a NUL. `reason` is a phrase for the user. */
export class InvalidCommand extends Data.TaggedError("InvalidCommand")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

/** What to run, and where its input and output go. */
export interface CommandOptions {
  /** A login shell, `text` as a command for the user's shell, or the subsystem that is called `text`. */
  readonly what: "shell" | "command" | "subsystem"
  /** The command, or the name of the subsystem; at most 131,071 bytes. Default: empty, for a shell. */
  readonly text?: string | undefined
  /** Environment variables for the command, beside those that the server has. At most 64. Default: none. */
  readonly variables?: ReadonlyArray<readonly [name: string, value: string]> | undefined
  /** The command's input. It is no longer read once the command has ended, or closed its input. Default: empty. */
  readonly input?: Stream.Stream<Uint8Array> | undefined
  /** Called with each piece of the output; the next follows when it resumes. Default: the output is discarded. */
  readonly onOutput?: ((bytes: Uint8Array) => Effect.Effect<void, OutputClosed>) | undefined
  /** Called with each piece of standard error, alike. */
  readonly onErrors?: ((bytes: Uint8Array) => Effect.Effect<void, OutputClosed>) | undefined
  /** Signals to send to the command. Default: none. */
  readonly signals?: Stream.Stream<CommandSignal> | undefined
}

/** A client of commands. */
export interface CommandClient {
  /**
   * Runs a command, and succeeds with its end when it has exited and all of its output was passed on. Interruption hangs up
   * on it. Fails with `StreamError`: `Unsupported` if the server has no streams, `Refused` if its session was not started for
   * commands.
   */
  readonly run: (
    options: CommandOptions
  ) => Effect.Effect<CommandEnding, InvalidCommand | MalformedCommandFrame | StreamError>
}

/** A client of commands on the streams of a session. One for each session. It lives as long as the scope. */
export const make = Effect.fnUntraced(function* (
  streams: TransportStreams
): Effect.fn.Return<CommandClient, never, Scope.Scope> {
  /** The commands whose side stream has not arrived, by the number of their main stream. */
  const waiting = new Map<number, Deferred.Deferred<ByteStream, StreamError>>()
  yield* streams.accept(StreamKind.command).pipe(
    Stream.runForEach((side) => {
      const main = SideStream.decodeHeader(side.header)
      const waiter = main === undefined ? undefined : waiting.get(main)
      return waiter === undefined ? side.reset(SideStream.MALFORMED) : Deferred.succeed(waiter, side)
    }),
    Effect.ignore,
    Effect.forkScoped({ startImmediately: true })
  )

  const run = Effect.fn("CommandClient.run")(function* (options: CommandOptions) {
    const { input = Stream.empty, onErrors = discard, onOutput = discard, signals = Stream.empty } = options
    const request = CommandRequest.encode({
      what: options.what,
      text: options.text ?? "",
      variables: options.variables ?? []
    })
    if (request._tag === "Failure") return yield* new InvalidCommand({ reason: request.failure })
    const main = yield* streams.open(StreamKind.command)
    const arrival = yield* Deferred.make<ByteStream, StreamError>()
    waiting.set(main.id, arrival)
    yield* Effect.addFinalizer(() => Effect.sync(() => waiting.delete(main.id)))
    yield* main.write(request.success)

    // The server stops reading when the command has closed its input, or has ended.
    yield* Effect.forkScoped(
      Effect.ignore(
        Effect.andThen(
          Stream.runForEach(input, (bytes) => main.write(bytes)),
          main.finish
        )
      )
    )
    const output = yield* Effect.forkScoped(
      Effect.tapError(receiveOutput(main, onOutput), (error) => Deferred.fail(arrival, error))
    )
    const side = yield* Deferred.await(arrival)
    let isOver = false
    yield* Effect.addFinalizer(() => (isOver ? Effect.void : side.reset(0)))
    yield* Effect.forkScoped(
      Effect.ignore(Stream.runForEach(signals, (signal) => SideStream.writeFrame(side, { _tag: "Signal", signal })))
    )
    let ending: CommandEnding | undefined
    let isErrorsOpen = true
    yield* SideStream.readFrames(side, (frame) => {
      if (frame._tag === "Signal") return side.reset(SideStream.MALFORMED)
      if (frame._tag !== "Errors") {
        ending ??= frame
        return Effect.void
      }
      if (!isErrorsOpen) return Effect.void
      return Effect.catch(onErrors(frame.bytes), () =>
        Effect.sync(() => {
          isErrorsOpen = false
        })
      )
    })
    yield* Fiber.join(output)
    yield* side.finish
    isOver = true
    return ending ?? ({ _tag: "Failed", reason: "the server did not report how it ended" } as const)
  }, Effect.scoped)

  return { run }
})

const discard = () => Effect.void

/** Passes output on, to its end. */
const receiveOutput = (main: ByteStream, onOutput: (bytes: Uint8Array) => Effect.Effect<void, OutputClosed>) =>
  Effect.gen(function* () {
    for (;;) {
      const piece = yield* main.read()
      if (piece === undefined) return
      yield* onOutput(piece)
    }
  }).pipe(
    // The command learns of it by SIGPIPE, and may go on without.
    Effect.catchTag("OutputClosed", () => main.stopReading(0))
  )
