/**
 * `mosh --list [[user@]host]` and `mosh --kill=WHICH [[user@]host]`: a person's live sessions there.
 *
 * One login by ssh, with the words and the port that a session would take. What comes back is a stranger's text.
 */
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import * as SshCommand from "../../domain/bootstrap/SshCommand.ts"
import type { SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import { plain } from "../../domain/session/PlainText.ts"
import * as SessionCommand from "../../domain/session/SessionCommand.ts"
import * as SessionReply from "../../domain/session/SessionReply.ts"
import * as NodeSshBootstrap from "../../services/node/ssh/NodeSshBootstrap.ts"
import { SshBootstrap } from "../../services/bootstrap/SshBootstrap.ts"
import * as BootstrapContext from "./bootstrapContext.ts"
import { run } from "../shared/run.ts"
import * as SessionsReport from "../shared/sessionsReport.ts"

/** As ssh's: whatever went wrong, nobody could be asked. */
const NOT_ASKED = 255

const NOT_AGREED = 1

const LONGEST_LINE = 1000
const DEFAULT_SERVER = "mosh-server"

export const list = (request: SessionRequest): void =>
  main(
    Effect.gen(function* () {
      const reply = yield* ask(request, { options: SessionCommand.listOptions, command: SessionCommand.list })
      if (reply.by === undefined) return yield* Effect.fail(unanswered(request))
      SessionsReport.list(reply.sessions, placeName(request))
      const missing = reply.announced - reply.sessions.length
      if (reply.by === "Processes")
        say("mosh-server there is not effect-mosh's: of sessions, only the process is known.")
      if (reply.by === "Server" && missing > 0) say(`${missing} more could not be understood.`)
      return 0
    })
  )

export const kill = (request: SessionRequest, text: string, force: boolean): void =>
  main(
    Effect.gen(function* () {
      const which = yield* Effect.fromResult(SessionCommand.which(text))
      const what = { which, force }
      if (!(yield* SessionsReport.agreed(what, placeName(request)))) return NOT_AGREED
      const reply = yield* ask(request, {
        options: SessionCommand.killOptions(what),
        command: (server) => SessionCommand.kill(server, what)
      })
      if (!reply.killDone) return yield* Effect.fail(unanswered(request))
      return SessionsReport.kill(which, reply, placeName(request))
    })
  )

interface Question {
  /** For our own `mosh-server`, here. */
  readonly options: ReadonlyArray<string>
  /** For a shell, given the words that name the server. */
  readonly command: (server: string) => string
}

/** Runs the question where it is to be asked. Fails with words for a person. */
const ask = Effect.fnUntraced(function* (request: SessionRequest, question: Question) {
  const ssh = yield* SshBootstrap
  const environment = BootstrapContext.environment()
  const words = wordsOf(request, question, BootstrapContext.caller(environment, () => undefined).ownServer)
  let reply = SessionReply.initial
  const ending = yield* ssh
    .listen({ words, environment, atHome: false }, (line) => {
      const heard = SessionReply.hear(reply, line)
      if (heard !== undefined) reply = heard
      else process.stderr.write(`${plain(line.replace(/\r$/, ""), LONGEST_LINE)}\n`)
      return true
    })
    .pipe(
      Effect.mapError((detail) => `ssh could not be started: ${detail}.`),
      Effect.raceFirst(BootstrapContext.signalled)
    )
  if (request.place._tag === "Ssh" && ending?.code === NOT_ASKED) {
    return yield* Effect.fail(`ssh could not log in to ${request.place.destination}; its own words are above.`)
  }
  return reply
})

const wordsOf = (
  { family, place, server }: SessionRequest,
  question: Question,
  ownServer: ReadonlyArray<string>
): ReadonlyArray<string> => {
  switch (place._tag) {
    case "Local":
      return server === undefined ? [...ownServer, ...question.options] : ["/bin/sh", "-c", question.command(server)]
    case "Ssh":
      return SshCommand.plainCommand(place, family, question.command(server ?? DEFAULT_SERVER))
  }
}

const unanswered = (request: SessionRequest): string =>
  `the sessions on ${placeName(request)} are not known: neither mosh-server nor ps tells of them.`

const placeName = ({ place }: SessionRequest): string => (place._tag === "Ssh" ? place.destination : "this machine")

const say = (text: string): void => {
  process.stderr.write(`mosh: ${text}\n`)
}

const main = (program: Effect.Effect<number, string | BootstrapContext.Signalled, SshBootstrap>): void => {
  const status = program.pipe(
    Effect.catch((problem) =>
      Effect.sync(() => {
        if (typeof problem !== "string") return 128 + Os.constants.signals[problem.signal]
        say(problem)
        return NOT_ASKED
      })
    ),
    Effect.provide(NodeSshBootstrap.layer)
  )
  run(status, (message) => {
    say(`internal error: ${message}`)
    return NOT_ASKED
  })
}
