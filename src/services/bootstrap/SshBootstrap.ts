/**
 * Starts a server at the requested place, and learns its endpoint (spec 1.2).
 *
 * ssh logs in with the user's own configuration. Its output is read line by line up to the server's `MOSH CONNECT`; all
 * other lines are for the user.
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
import * as SshForwards from "../../domain/forwarding/SshForwards.ts"
import type { Stage } from "../../domain/bootstrap/Stage.ts"
import type { Listed } from "../../domain/registry/SessionRecord.ts"
import type { Place, SessionRequest } from "../../domain/arguments/WrapperArguments.ts"

/** The parts of the system that the bootstrap uses. Its layer on Node is `NodeSshBootstrap.layer`. */
export class SshBootstrap extends Context.Service<
  SshBootstrap,
  {
    /**
     * Runs a command, and passes each line of its stdout and stderr, as one ordered stream, to `onLine` while that returns
     * true. Succeeds with the command's ending, or with `undefined` after `onLine` returned false. In that case further output
     * is dropped, and the command may take 5 s to end, because ssh restores the terminal at its end; after that it is left
     * running. Interruption ends the command.
     */
    readonly listen: (
      command: Command,
      onLine: (line: string) => boolean
    ) => Effect.Effect<Transcript.Ending | undefined, CommandNotStarted>
    /** The stdout of a command; empty if it fails. */
    readonly output: (command: Command) => Effect.Effect<string>
    /** The addresses of a name, in the system's order. */
    readonly addresses: (
      host: string
    ) => Effect.Effect<ReadonlyArray<RemoteAddress.HostAddress>, RemoteAddress.NoAddress>
  }
>()("effect-mosh/services/SshBootstrap") {}

/** The program does not exist, or the system did not start it. `reason` is a phrase for a message. */
export class CommandNotStarted extends Data.TaggedError("CommandNotStarted")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

export interface Command {
  /** The program, looked up in `PATH`, and its arguments. */
  readonly words: ReadonlyArray<string>
  readonly environment: Environment
  /** Whether to run in the home directory instead of the current one. */
  readonly atHome: boolean
  /**
   * Whether the program is an ssh, and the only program that prompts on the terminal. Then everything typed outside of its
   * prompts is kept for the session, without echo. Otherwise the terminal is not changed.
   */
  readonly keepsTypeAhead?: boolean
  /** The ssh that logs in first, and then shares its connection with this command. Default: none. */
  readonly master?: { readonly words: ReadonlyArray<string>; readonly login: KeptLogin }
}

/** A login by ssh whose connection outlives the first command, so that another command needs no second login. */
export interface KeptLogin {
  /** The path of its control socket, free of characters that ssh would expand. */
  readonly socket: string
  /** Starts the ssh that logs in. At most once. Returns its process id. */
  readonly start: (
    words: ReadonlyArray<string>,
    environment: Environment,
    handlers: KeptLoginHandlers
  ) => number | undefined
  /** Ends the connection, or the login. */
  readonly end: () => void
}

export interface KeptLoginHandlers {
  /** The next bytes of its stdout and stderr. */
  readonly onOutput: (bytes: Uint8Array) => void
  /** The user was let in: the control socket accepts commands. */
  readonly onReady: () => void
  /** It ended, or could not be started. May be called twice. */
  readonly onEnd: (ending: Transcript.Ending | { readonly reason: string }) => void
}

/** The context of the caller, and its callbacks. */
export interface Caller {
  readonly environment: Environment
  /** The name of this machine. Default: unknown. */
  readonly host?: string
  /** The words that start `mosh` itself, as ssh's proxy command. */
  readonly self: ReadonlyArray<string>
  /** The words that start the `mosh-server` of this installation. */
  readonly ownServer: ReadonlyArray<string>
  /** Whether the session will read this process's terminal, so that type-ahead is for the session. */
  readonly keepsTypeAhead?: boolean
  /** Number of colours of the user's terminal. */
  readonly colors: number
  /** Shows a line to the user. */
  readonly show: (line: string) => void
  /** Called before each stage, with the command that it starts. */
  readonly onStage?: (stage: Stage, command?: ReadonlyArray<string>) => void
  /** The output of `SshCommand.settingsCommand`, if that was started already. */
  readonly settings?: Effect.Effect<string>
  /** Keeps the login, if ssh can and the user's own settings share no connection. Default: the login ends at once. */
  readonly login?: KeptLogin | undefined
}

/** Several sessions run there, and the request names none of them. */
export class SessionsOffered extends Data.TaggedError("SessionsOffered")<{
  readonly sessions: ReadonlyArray<Listed>
}> {}

/** Starts a server for the request. Runs in the span `SshBootstrap.start`. */
export const start = (
  request: SessionRequest,
  caller: Caller
): Effect.Effect<Transcript.ServerEndpoint, BootstrapError | SessionsOffered, SshBootstrap> =>
  (request.place._tag === "Local"
    ? startHere(request, request.place, caller)
    : startThere(request, request.place, caller)
  ).pipe(Effect.withSpan("SshBootstrap.start"))

const startHere = (request: SessionRequest, place: Extract<Place, { _tag: "Local" }>, caller: Caller) => {
  const { colors, environment, ownServer } = caller
  const parameters = SshCommand.serverArguments(request, colors, environment, caller.host)
  const { server } = request
  return listen(
    {
      words:
        server === undefined
          ? [...ownServer, ...parameters]
          : ["/bin/sh", "-c", SshCommand.serverCommand(server, parameters)],
      // This session does not use the ssh connection of the environment, so the server must not see it.
      environment: { ...environment, SSH_CONNECTION: undefined },
      atHome: true
    },
    Transcript.begin({
      destination: null,
      server: server ?? DEFAULT_SERVER,
      askedForRange: request.ports !== undefined,
      asksForSession: asksForSession(request),
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
  const settings = yield* caller.settings ?? Effect.succeed("")
  const run: SshCommand.SshRun = {
    place,
    destination: resolved?.destination ?? place.destination,
    addressFrom,
    family: request.family,
    clearsForwardings: SshForwards.parse(settings).specs.length > 0,
    self: caller.self,
    command: SshCommand.serverCommand(
      server,
      SshCommand.serverArguments(request, caller.colors, environment, caller.host)
    )
  }
  const login = SshCommand.canKeepLogin(place, addressFrom, settings) ? caller.login : undefined
  return yield* listen(
    {
      ...(login === undefined
        ? { words: SshCommand.sshCommand(run) }
        : {
            words: SshCommand.sharedCommand(run, login.socket),
            master: { words: SshCommand.masterCommand(run, login.socket), login }
          }),
      // ssh runs its proxy command with this shell, and not every shell understands our quotes.
      environment: addressFrom === "proxy" ? { ...environment, SHELL: "/bin/sh" } : environment,
      atHome: false,
      // The user's own proxy command may also prompt on the terminal, and so may another program that is named ssh.
      keepsTypeAhead: caller.keepsTypeAhead === true && addressFrom === "proxy" && SshCommand.tellsSettings(place)
    },
    Transcript.begin({
      destination: place.destination,
      login: ShellWords.display(SshCommand.loginCommand(place)),
      server,
      askedForRange: request.ports !== undefined,
      asksForSession: asksForSession(request),
      address: resolved?.address
    }),
    caller,
    { _tag: "LoggingIn", destination: place.destination, address: resolved?.address }
  )
})

export const DEFAULT_SERVER = "mosh-server"

const asksForSession = ({ attach, session }: SessionRequest): boolean => attach !== undefined || session !== undefined

const listen = Effect.fnUntraced(function* (
  command: Command,
  transcript: Transcript.Transcript,
  { onStage, show }: Caller,
  stage: Stage
) {
  const ssh = yield* SshBootstrap
  const { destination } = transcript
  onStage?.(stage, command.master?.words ?? command.words)
  let current = transcript
  let result: Result.Result<Transcript.ServerEndpoint, BootstrapError> | undefined
  const ending = yield* ssh
    .listen(command, (line) => {
      const progress = Transcript.readLine(current, line)
      if (progress._tag === "Ended") {
        result = progress.result
        return false
      }
      const { address } = progress.transcript
      // ssh has connected, and has not prompted yet.
      if (stage._tag === "LoggingIn" && address !== current.address) onStage?.({ ...stage, address })
      current = progress.transcript
      if (progress._tag === "Show") show(progress.text)
      return true
    })
    .pipe(Effect.mapError(({ reason }) => new BootstrapError({ reason: "SshNotStarted", destination, detail: reason })))
  if (result === undefined && current.offered.sessions.length > 0) {
    return yield* new SessionsOffered({ sessions: current.offered.sessions })
  }
  return yield* Effect.fromResult(
    result ?? Result.fail(Transcript.diagnose(current, ending ?? { code: undefined, signal: undefined }))
  )
})

/**
 * Normally our proxy command reports the address that ssh reached. If ssh connects through another host or through the
 * user's own proxy command, ours would replace that, so the server reports its address instead.
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

/** Resolves the host here, so that ssh and the session use the same address. */
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
