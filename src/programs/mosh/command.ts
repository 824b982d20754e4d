/**
 * `mosh -T [user@]host command`: runs a command without a terminal, in place of ssh.
 *
 * Standard input and output belong to the command, so lines for the user go to stderr.
 */
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import type { SshCommandLine } from "../../domain/arguments/SshCommandLine.ts"
import type { SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import * as ShellWords from "../../domain/arguments/ShellWords.ts"
import * as SshCommand from "../../domain/bootstrap/SshCommand.ts"
import * as SshForwards from "../../domain/forwarding/SshForwards.ts"
import * as CommandOutcome from "../../domain/command/CommandOutcome.ts"
import * as SentVariables from "../../domain/command/SentVariables.ts"
import * as NodeSshBootstrap from "../../services/node/ssh/NodeSshBootstrap.ts"
import * as BootstrapContext from "./bootstrapContext.ts"
import * as ExecProgram from "./execProgram.ts"
import * as Program from "../shared/run.ts"
import * as Session from "./session.ts"

/** Runs the command, and ends this process with its exit status. `settings` is the output of `ssh -G`, if that was started. */
export const run = (request: SessionRequest, line: SshCommandLine, settings?: Promise<string>): void => {
  const program = line.isSettingsQuery ? printSettings(request) : command(request, line, settings)
  const status = program.pipe(
    Effect.catchTag("Signalled", ({ signal }) => Effect.succeed(128 + Os.constants.signals[signal])),
    Effect.catch((error) => Effect.as(print(error.message), CommandOutcome.FAILED)),
    Effect.provide(NodeSshBootstrap.layer)
  )
  Program.run(status, (message) => {
    process.stderr.write(`mosh: internal error: ${message}\n`)
    return CommandOutcome.FAILED
  })
}

const printSettings = ({ place }: SessionRequest) =>
  place._tag === "Local" ? Effect.succeed(0) : ExecProgram.run(SshCommand.settingsCommand(place), process.env)

const command = Effect.fnUntraced(function* (
  request: SessionRequest,
  line: SshCommandLine,
  settings: Promise<string> | undefined
) {
  const { place } = request
  const environment = BootstrapContext.environment()
  const call: Session.Call = { request, settings, environment, show }
  const configured = yield* Effect.promise(async () => (await settings) ?? "")
  const forwarding = Session.forwardingOf(request, SshForwards.parse(configured))
  const agent = yield* Session.agentOf(call)
  if (agent._tag === "Missing") yield* print("no agent is forwarded: SSH_AUTH_SOCK names none here")
  const resolve = yield* Session.resolver(call)
  const addresses = yield* Session.lookUpMeanwhile(resolve)
  const server = yield* Session.startServer(
    Session.withAgent({ ...call, keepsLogin: true }, agent),
    NO_COLORS,
    () => void import("./commandClient.ts")
  )
  const relay = yield* Session.relayOf(call, server)
  const variables = SentVariables.of(configured, environment)
  const { runCommand } = yield* Effect.promise(() => import("./commandClient.ts"))
  const outcome = yield* runCommand({
    server,
    request,
    line,
    relay,
    variables,
    agent,
    forwarding,
    addresses: addresses(),
    resolve
  })
  if (typeof outcome !== "string") {
    for (const text of outcome.lines) yield* print(text)
    return outcome.status
  }
  const ssh = place._tag === "Local" ? undefined : SshCommand.plainRun(place, line)
  if (ssh !== undefined && request.fallback === "ssh" && CommandOutcome.isUntouched(outcome)) {
    return yield* ExecProgram.run(ssh, environment)
  }
  const { lines, status } = CommandOutcome.ofTrouble(
    outcome,
    place._tag === "Local" ? "this machine" : place.destination,
    ssh === undefined ? "a shell" : ShellWords.display(ssh.slice(0, 1))
  )
  for (const text of lines) yield* print(text)
  return status
})

/** As of a terminal that shows none: a command without one has no use for their number. */
const NO_COLORS = 0

const show = (line: string): void => void process.stderr.write(`${line}\n`)

const print = (text: string) => Effect.sync(() => show(`mosh: ${text}`))
