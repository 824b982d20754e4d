/**
 * Starting a server where a person wants to be, and learning where it listens (spec 1.2).
 *
 * ssh does the logging in, with everything the person has set up for it; what it prints is read line by line until the
 * server's `MOSH CONNECT`. Everything else it prints is the person's to see.
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { BootstrapError } from "../../domain/bootstrap/BootstrapError.ts"
import * as Transcript from "../../domain/bootstrap/BootstrapTranscript.ts"
import type { Environment } from "../../domain/environment/Locale.ts"
import * as RemoteAddress from "../../domain/bootstrap/RemoteAddress.ts"
import * as ShellWords from "../../domain/arguments/ShellWords.ts"
import * as SshCommand from "../../domain/bootstrap/SshCommand.ts"
import type { Stage } from "../../domain/bootstrap/Stage.ts"
import type { Place, SessionRequest } from "../../domain/arguments/WrapperArguments.ts"

/** What it takes of the machine. */
export class SshBootstrap extends Context.Service<
  SshBootstrap,
  {
    /**
     * Runs a command and hands over each line of its stdout and stderr, as one stream in order, while `hear` returns
     * true. Succeeds with how the command ended, or with `undefined` when `hear` has heard enough: then what else the command
     * prints is dropped, and its end is waited for, because ssh puts the terminal back at its end; one that stays is left
     * to go on by itself. Interruption ends the command.
     */
    readonly listen: (
      command: Command,
      hear: (line: string) => boolean
    ) => Effect.Effect<Transcript.Ending | undefined, CommandNotStarted>
    /** What a command prints on stdout; nothing if it fails. */
    readonly output: (command: Command) => Effect.Effect<string>
    /** The addresses of a name, in the system's order. */
    readonly addresses: (
      host: string
    ) => Effect.Effect<ReadonlyArray<RemoteAddress.HostAddress>, RemoteAddress.NoAddress>
  }
>()("effect-mosh/services/SshBootstrap") {}

/** There is no such program, or the system did not start it. `reason` is a phrase for a message. */
export class CommandNotStarted extends Data.TaggedError("CommandNotStarted")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

export interface Command {
  /** The program, found on the `PATH`, and its arguments. */
  readonly words: ReadonlyArray<string>
  readonly environment: Environment
  /** Whether it runs in the home directory instead of the current one. */
  readonly atHome: boolean
  /**
   * Whether the program is an ssh whose questions are all that may be asked on the terminal: then what is typed otherwise is
   * kept for the session, unechoed. Without it the terminal is left alone.
   */
  readonly keepsTypeAhead?: boolean
}

/** What the caller knows and does. */
export interface Caller {
  readonly environment: Environment
  /** The words that start `mosh` itself, for it to be ssh's proxy command. */
  readonly self: ReadonlyArray<string>
  /** The words that start the `mosh-server` installed with it. */
  readonly ownServer: ReadonlyArray<string>
  /** Whether the session is going to read this process's terminal, so that what is typed before is for it. */
  readonly keepsTypeAhead?: boolean
  /** How many colours the person's terminal shows. */
  readonly colors: number
  /** Takes a line that is for the person. */
  readonly show: (line: string) => void
  /** Is told what is about to be done, and the command that is about to be started for it. */
  readonly onStage?: (stage: Stage, command?: ReadonlyArray<string>) => void
  /** What ssh answers when it is asked for its settings (`SshCommand.settingsCommand`), if that has been done already. */
  readonly settings?: Effect.Effect<string>
}

/** Starts a server for the request. Runs in the span `SshBootstrap.start`. */
export const start = (
  request: SessionRequest,
  caller: Caller
): Effect.Effect<Transcript.ServerEndpoint, BootstrapError, SshBootstrap> =>
  (request.place._tag === "Local"
    ? startHere(request, request.place, caller)
    : startThere(request, request.place, caller)
  ).pipe(Effect.withSpan("SshBootstrap.start"))

const startHere = (request: SessionRequest, place: Extract<Place, { _tag: "Local" }>, caller: Caller) => {
  const { colors, environment, ownServer } = caller
  const parameters = SshCommand.serverArguments(request, colors, environment)
  const { server } = request
  return listen(
    {
      words:
        server === undefined
          ? [...ownServer, ...parameters]
          : ["/bin/sh", "-c", SshCommand.serverCommand(server, parameters)],
      // The server must not believe in an ssh connection that this session does not come in on.
      environment: { ...environment, SSH_CONNECTION: undefined },
      atHome: true
    },
    Transcript.begin({
      destination: null,
      server: server ?? DEFAULT_SERVER,
      askedForRange: request.ports !== undefined,
      address: place.address
    }),
    caller,
    { _tag: "Starting" }
  )
}

const startThere = Effect.fnUntraced(function* (
  request: SessionRequest,
  place: Extract<Place, { _tag: "Ssh" }>,
  caller: Caller
) {
  const { environment } = caller
  const addressFrom = place.addressFrom ?? (yield* usualAddressSource(place, environment, caller.settings))
  if (addressFrom === "local") caller.onStage?.({ _tag: "LookingUp", host: place.destination })
  const resolved = addressFrom === "local" ? yield* resolve(request, place) : undefined
  const server = request.server ?? DEFAULT_SERVER
  const words = SshCommand.sshCommand({
    place,
    destination: resolved?.destination ?? place.destination,
    addressFrom,
    family: request.family,
    self: caller.self,
    command: SshCommand.serverCommand(server, SshCommand.serverArguments(request, caller.colors, environment))
  })
  return yield* listen(
    {
      words,
      // ssh runs its proxy command by this shell, and not every shell reads our quotes.
      environment: addressFrom === "proxy" ? { ...environment, SHELL: "/bin/sh" } : environment,
      atHome: false,
      // A proxy command of the user's own may ask on the terminal, too, and so may a program that is only called like ssh.
      keepsTypeAhead: caller.keepsTypeAhead === true && addressFrom === "proxy" && SshCommand.tellsSettings(place)
    },
    Transcript.begin({
      destination: place.destination,
      login: ShellWords.display(SshCommand.loginCommand(place)),
      server,
      askedForRange: request.ports !== undefined,
      address: resolved?.address
    }),
    caller,
    { _tag: "LoggingIn", destination: place.destination, address: resolved?.address }
  )
})

export const DEFAULT_SERVER = "mosh-server"

const listen = Effect.fnUntraced(function* (
  command: Command,
  transcript: Transcript.Transcript,
  { onStage, show }: Caller,
  stage: Stage
) {
  const ssh = yield* SshBootstrap
  const { destination } = transcript
  onStage?.(stage, command.words)
  let heard = transcript
  let result: Result.Result<Transcript.ServerEndpoint, BootstrapError> | undefined
  const ending = yield* ssh
    .listen(command, (line) => {
      const progress = Transcript.hear(heard, line)
      if (progress._tag === "Ended") {
        result = progress.result
        return false
      }
      const { address } = progress.transcript
      // ssh has reached the machine, and asks nothing yet.
      if (stage._tag === "LoggingIn" && address !== heard.address) onStage?.({ ...stage, address })
      heard = progress.transcript
      if (progress._tag === "Show") show(progress.text)
      return true
    })
    .pipe(Effect.mapError(({ reason }) => new BootstrapError({ reason: "SshNotStarted", destination, detail: reason })))
  return yield* Effect.fromResult(
    result ?? Result.fail(Transcript.diagnose(heard, ending ?? { code: undefined, signal: undefined }))
  )
})

/**
 * Normally a proxy command of ours tells which address ssh reached. Where ssh goes through another host or a proxy of the
 * person's own, ours would take that one's place, so the server is asked instead.
 */
const usualAddressSource = Effect.fnUntraced(function* (
  place: Extract<Place, { _tag: "Ssh" }>,
  environment: Environment,
  known?: Effect.Effect<string>
) {
  const ssh = yield* SshBootstrap
  if (!SshCommand.tellsSettings(place)) return "proxy"
  const words = SshCommand.settingsCommand(place)
  const settings = yield* known ?? ssh.output({ words, environment, atHome: false })
  return SshCommand.goesThroughProxy(settings) ? "remote" : "proxy"
})

/** Looks the host up here, so that ssh and the session go to the very same address. */
export const resolve = Effect.fn("SshBootstrap.resolve")(function* (
  request: SessionRequest,
  place: Extract<Place, { _tag: "Ssh" }>
) {
  const ssh = yield* SshBootstrap
  const { host, user } = RemoteAddress.splitDestination(place.destination)
  const found = yield* ssh.addresses(host).pipe(
    Effect.flatMap((addresses) => Effect.fromResult(RemoteAddress.select(request.family, addresses))),
    Effect.mapError(
      ({ reason }) => new BootstrapError({ reason: "HostUnknown", destination: place.destination, detail: reason })
    )
  )
  const { address } = found[0]
  return { address, destination: user + address }
})
