/**
 * A session that runs commands without a terminal, for `mosh -T`: until its client leaves, or is silent for too long.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Os from "node:os"
import * as ClientSilence from "../../domain/command/ClientSilence.ts"
import * as ShellEnvironment from "../../domain/environment/ShellEnvironment.ts"
import * as AgentClients from "../../services/agent/AgentClients.ts"
import * as CommandServer from "../../services/command/CommandServer.ts"
import * as CommandSession from "../../services/command/CommandSession.ts"
import * as ServerForwarding from "../../services/forwarding/ServerForwarding.ts"
import * as NodeCommands from "../../services/node/command/NodeCommands.ts"
import * as Actor from "../../services/runtime/Actor.ts"
import type { BindError } from "../../services/transport/Datagrams.ts"
import type { OptionError } from "../../services/runtime/OptionError.ts"
import type { CommandRequest } from "../../domain/command/CommandRequest.ts"
import type { EndReason } from "../../domain/session/Lifetime.ts"
import type { SessionRecord } from "../../domain/registry/SessionRecord.ts"
import * as SessionRegistry from "../../services/node/sessions/SessionRegistry.ts"
import type { Listening, MoshServer } from "../../services/server/MoshServer.ts"
import * as AgentSocket from "./agentSocket.ts"
import * as NodeSockets from "../../services/node/forwarding/NodeSockets.ts"
import type { Handover } from "./sendHandover.ts"

export type Settings = Pick<Handover, "agent" | "coreLimit" | "forwarding" | "networkTimeout">

/** Serves commands until the session ends. Returns why it ended. */
export const run = Effect.fnUntraced(function* (
  server: MoshServer["Service"],
  settings: Settings,
  onListening: (listening: Listening) => void
): Effect.fn.Return<EndReason, BindError | OptionError, Scope.Scope> {
  const { end, session } = yield* CommandSession.make
  const agents = settings.agent ? AgentClients.make() : undefined
  const agentSocket = agents && (yield* Effect.provide(AgentSocket.open(agents), NodeSockets.layer))
  const running = new Set<CommandRequest>()
  // In the session's scope, to which the pipes of its first command belong.
  const commands = yield* Layer.build(commandsHere(settings, agentSocket))
  const handler = yield* CommandServer.handler({
    onStart: (request) => void running.add(request),
    onEnd: (request) => void running.delete(request)
  }).pipe(Effect.provide(commands))
  // `Lifetime` counts new states of a client, and this one has none: `ClientSilence` counts packets.
  const listening = yield* server.listen(session, {
    limits: { network: Infinity, signal: 0 },
    streamHandlers: [
      handler,
      yield* Effect.provide(ServerForwarding.make(settings.forwarding), NodeSockets.layer),
      ...(agents === undefined || agentSocket === undefined ? [] : [agents.handler])
    ]
  })
  onListening(listening)
  yield* Effect.forkScoped(
    SessionRegistry.register(process.env, {
      record: () => record(listening, running),
      control: () => Effect.succeed({ _tag: "Refused", reason: "it runs commands without a terminal, for one client" })
    })
  )
  const limit = Math.min(settings.networkTimeout ?? Infinity, ClientSilence.WITH_COMMAND)
  const silent = whileHeard(() => ({
    received: listening.status().counters.received,
    limit: running.size > 0 ? limit : Math.min(limit, ClientSilence.WITHOUT_COMMAND)
  }))
  yield* Effect.forkScoped(Effect.andThen(silent, Effect.sync(end)))
  const why = yield* listening.ended
  return why === "ProgramEnded" ? "ClientSilent" : why
})

const commandsHere = ({ coreLimit }: Settings, agentSocket: string | undefined) => {
  const environment = defined(process.env)
  const home = environment["HOME"] || Os.homedir()
  return NodeCommands.layer({
    shell: ShellEnvironment.loginShell(environment, accountShell()),
    home,
    environment: { ...environment, PWD: home, ...(agentSocket !== undefined && { SSH_AUTH_SOCK: agentSocket }) },
    coreLimit: coreLimit ?? undefined
  })
}

const record = (listening: Listening, running: ReadonlySet<CommandRequest>): SessionRecord => {
  const contact = listening.contact()
  const [first] = running
  const text = first === undefined ? "" : first.what === "shell" ? "login shell" : first.text
  return {
    pid: process.pid,
    age: Math.round(process.uptime() * 1000),
    told: {
      port: listening.port,
      program: `without a terminal: ${text}`.slice(0, LONGEST_NAME),
      attached: listening.status().attached,
      contact: contact === undefined ? null : { age: contact.age, from: contact.from.replace(/:\d+$/, "") }
    }
  }
}

/** Characters of a command in the list of sessions. */
const LONGEST_NAME = 200

/** Resumes when the client was silent for too long. */
const whileHeard = Effect.fnUntraced(function* (observation: () => ClientSilence.Observation) {
  const now = yield* Actor.millis
  let silence = ClientSilence.initial(now())
  for (;;) {
    const next = ClientSilence.observe(silence, observation(), now())
    if (next === "Silent") return
    silence = next
    yield* Effect.sleep(Math.max(1, next.due - now()))
  }
})

const defined = (environment: NodeJS.ProcessEnv): Record<string, string> => {
  const { MOSH_KEY: _key, ...others } = environment
  return Object.fromEntries(
    Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  )
}

const accountShell = (): string | undefined => {
  try {
    return Os.userInfo().shell ?? undefined
  } catch {
    // A user without an account entry, as in some containers.
    return undefined
  }
}
