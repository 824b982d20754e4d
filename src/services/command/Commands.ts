/**
 * Runs commands without a terminal, for `CommandServer`. Its layer on Node is `NodeCommands.layer`.
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { CommandEnding } from "../../domain/command/CommandFrame.ts"
import type { CommandRequest } from "../../domain/command/CommandRequest.ts"
import type { CommandSignal } from "../../domain/command/CommandSignal.ts"

/** The reader of some bytes has closed them: no more can be written. */
export class OutputClosed extends Data.TaggedError("OutputClosed")<{}> {}

/** The command could not be started. `reason` is a phrase for the user. */
export class CommandNotStarted extends Data.TaggedError("CommandNotStarted")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

/** A running command. Its streams are for one reader each; one that ends early closes them for the command. */
export interface RunningCommand {
  /** Writes a piece of input, and resumes when there is room for more. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, OutputClosed>
  /** Ends the input. */
  readonly endInput: Effect.Effect<void>
  /** Standard output, in pieces. Ends when nobody can write to it any more. */
  readonly output: Stream.Stream<Uint8Array>
  /** Standard error, alike. */
  readonly errors: Stream.Stream<Uint8Array>
  /** Sends a signal to the command and the programs that it started. Does nothing once the command has ended. */
  readonly signal: (signal: CommandSignal) => void
  /** Resumes when the command has exited; programs that it started may still write output. */
  readonly ended: Effect.Effect<CommandEnding>
}

/** Starts commands. A command that runs when the scope closes loses its input and output, and receives SIGHUP. */
export class Commands extends Context.Service<
  Commands,
  {
    /** Starts a command. Fails if the system cannot, and for a subsystem that is not known. */
    readonly start: (request: CommandRequest) => Effect.Effect<RunningCommand, CommandNotStarted, Scope.Scope>
  }
>()("effect-mosh/services/Commands") {}
