/**
 * `mosh --list [[user@]host]` and `mosh --kill=WHICH [[user@]host]`: lists or ends the user's live sessions there.
 *
 * Takes one ssh login, with the ssh command and port that a session would use. The reply is untrusted text.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import * as SshCommand from "../../domain/bootstrap/SshCommand.ts"
import type { SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import { plain } from "../../domain/session/PlainText.ts"
import * as SessionCommand from "../../domain/registry/SessionCommand.ts"
import * as SessionReply from "../../domain/registry/SessionReply.ts"
import * as NodeSshBootstrap from "../../services/node/ssh/NodeSshBootstrap.ts"
import { SshBootstrap } from "../../services/bootstrap/SshBootstrap.ts"
import * as BootstrapContext from "./bootstrapContext.ts"
import { run } from "../shared/run.ts"
import * as SessionsReport from "../shared/sessionsReport.ts"

/** ssh's exit status for its own failures: the machine could not be queried. */
const NOT_ASKED = 255

const NOT_AGREED = 1

const STOCK = "mosh-server there is not effect-mosh's (install it there to name sessions and to return to them)"

const LONGEST_LINE = 1000
const DEFAULT_SERVER = "mosh-server"

export const list = (request: SessionRequest, form: SessionsReport.Form): void =>
  main(
    Effect.gen(function* () {
      const reply = yield* ask(request, { options: SessionCommand.listOptions, command: SessionCommand.list })
      if (reply.by === undefined) return yield* unanswered(request)
      SessionsReport.list(reply.sessions, placeName(request), form)
      const missing = reply.announced - reply.sessions.length
      if (reply.by === "Processes") print(`${STOCK}: only the processes of sessions are known.`)
      if (reply.by === "Server" && missing > 0) print(`${missing} more could not be understood.`)
      return 0
    })
  )

export const kill = (request: SessionRequest, text: string, force: boolean): void =>
  main(
    Effect.gen(function* () {
      const which = yield* Effect.fromResult(SessionCommand.which(text)).pipe(
        Effect.mapError((message) => new Unanswered({ message }))
      )
      const what = { which, force }
      if (!(yield* SessionsReport.agreed(what, placeName(request)))) return NOT_AGREED
      const reply = yield* ask(request, {
        options: SessionCommand.killOptions(what),
        command: (server) => SessionCommand.kill(server, what)
      })
      if (!reply.killDone) return yield* unanswered(request)
      if (reply.by === "Processes" && typeof which === "string" && which !== "all") {
        return yield* new Unanswered({ message: `${STOCK}: its sessions have no names. mosh --list shows their IDs.` })
      }
      return SessionsReport.kill(which, reply, placeName(request))
    })
  )

interface Question {
  /** For our own `mosh-server`, here. */
  readonly options: ReadonlyArray<string>
  /** For a shell, given the words that name the server. */
  readonly command: (server: string) => string
}

/** Runs the query on the machine of the request. */
const ask = Effect.fnUntraced(function* (request: SessionRequest, question: Question) {
  const ssh = yield* SshBootstrap
  const environment = BootstrapContext.environment()
  const words = wordsOf(request, question, BootstrapContext.caller(environment, () => undefined).ownServer)
  let reply = SessionReply.initial
  const ending = yield* ssh
    .listen({ words, environment, atHome: false }, (line) => {
      const next = SessionReply.readLine(reply, line)
      if (next !== undefined) reply = next
      else process.stderr.write(`${plain(line.replace(/\r$/, ""), LONGEST_LINE)}\n`)
      return true
    })
    .pipe(
      Effect.mapError(({ reason }) => new Unanswered({ message: `ssh could not be started: ${reason}.` })),
      Effect.raceFirst(BootstrapContext.signalled)
    )
  if (request.place._tag === "Ssh" && ending?.code === NOT_ASKED) {
    return yield* new Unanswered({
      message: `ssh could not log in to ${request.place.destination}; its own words are above.`
    })
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

/** The sessions are unknown. `message` is a line for the user. */
class Unanswered extends Data.TaggedError("Unanswered")<{ readonly message: string }> {}

const unanswered = (request: SessionRequest): Unanswered =>
  new Unanswered({
    message: `the sessions on ${placeName(request)} are not known: neither mosh-server nor ps answers there.`
  })

const placeName = ({ place }: SessionRequest): string => (place._tag === "Ssh" ? place.destination : "this machine")

const print = (text: string): void => {
  process.stderr.write(`mosh: ${text}\n`)
}

const main = (program: Effect.Effect<number, Unanswered | BootstrapContext.Signalled, SshBootstrap>): void => {
  const status = program.pipe(
    Effect.catchTags({
      Signalled: ({ signal }) => Effect.succeed(128 + Os.constants.signals[signal]),
      Unanswered: ({ message }) =>
        Effect.sync(() => {
          print(message)
          return NOT_ASKED
        })
    }),
    Effect.provide(NodeSshBootstrap.layer)
  )
  run(status, (message) => {
    print(`internal error: ${message}`)
    return NOT_ASKED
  })
}
