/**
 * The doctor's login: finds ssh, logs in once, and sends all questions to the remote machine in that login.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SshCommand from "../../domain/bootstrap/SshCommand.ts"
import type { Place, SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import type { Finding } from "../../domain/doctor/Finding.ts"
import * as HereFindings from "../../domain/doctor/HereFindings.ts"
import * as RemoteScript from "../../domain/doctor/RemoteScript.ts"
import * as SshFindings from "../../domain/doctor/SshFindings.ts"
import * as Actor from "../runtime/Actor.ts"
import * as Bootstrap from "../bootstrap/SshBootstrap.ts"

type SshPlace = Extract<Place, { _tag: "Ssh" }>

/** The answers of the remote machine, and their time by our clock, ms since 1970. */
export interface Interview {
  readonly facts: RemoteScript.RemoteFacts
  readonly answeredAt: number
}

export interface LoginOptions {
  readonly request: SessionRequest
  readonly caller: Bootstrap.Caller
  /** The server's command line, in shell syntax. */
  readonly server: string
  /** How long to wait for the login, s. */
  readonly patience: number
  readonly report: (finding: Finding) => void
}

/** Checks whether ssh exists, and its version. */
export const findSsh = Effect.fn("Doctor.findSsh")(function* (
  { place }: SessionRequest,
  { environment }: Bootstrap.Caller
) {
  const ssh = yield* Bootstrap.SshBootstrap
  const words = place._tag === "Ssh" ? place.ssh : ["ssh"]
  const printed: Array<string> = []
  const ending = yield* ssh
    .listen({ words: [...words, "-V"], environment, atHome: false }, (line) => {
      if (printed.length < LINES_KEPT) printed.push(line.trimEnd())
      return true
    })
    .pipe(Effect.timeoutOption(VERSION_TIMEOUT), Effect.option)
  return HereFindings.ssh(words[0] ?? "", Option.isSome(ending) ? printed : undefined, place._tag === "Ssh")
})

/** Sends the questions to the machine of the request. If it cannot be reached, reports that and returns nothing. */
export const interview = (options: LoginOptions) =>
  options.request.place._tag === "Local" ? interviewHere(options) : interviewThere(options, options.request.place)

const interviewHere = Effect.fn("Doctor.interview")(function* ({ caller, server, report }: LoginOptions) {
  SshFindings.SKIPPED.forEach(report)
  const { environment } = caller
  const answered = yield* listen({
    words: ["/bin/sh", "-c", RemoteScript.command(server, environment)],
    environment,
    atHome: true
  }).pipe(Effect.timeoutOption(QUESTIONS_TIMEOUT), Effect.option, Effect.map(Option.flatten))
  // Without answers, the following checks report that they have none.
  return Option.map(answered, ({ answeredAt, facts }): Interview => ({ facts, answeredAt }))
})

const interviewThere = Effect.fn("Doctor.interview")(function* (options: LoginOptions, place: SshPlace) {
  const { caller, patience, request, server, report } = options
  const { environment } = caller
  const ssh = yield* Bootstrap.SshBootstrap
  // Only OpenSSH's program is known to understand the question.
  const isOpenSsh = place.ssh[0]?.split("/").at(-1) === "ssh"
  const question = { words: SshCommand.settingsCommand(place), environment, atHome: false }
  const settings = isOpenSsh ? yield* ssh.output(question) : ""
  report(SshFindings.way(settings))

  const addressFrom = place.addressFrom ?? (SshCommand.goesThroughProxy(settings) ? "remote" : "proxy")
  const resolved = addressFrom === "local" ? yield* Effect.result(Bootstrap.resolve(request, place)) : undefined
  if (resolved?._tag === "Failure") {
    report(SshFindings.addressUnknown(resolved.failure))
    return Option.none<Interview>()
  }
  const words = SshCommand.sshCommand({
    place,
    destination: resolved?.success.destination ?? place.destination,
    addressFrom,
    family: request.family,
    self: caller.self,
    command: RemoteScript.command(server, environment)
  })
  let latest = RemoteScript.NOTHING
  const answered = yield* listen(
    { words, environment: addressFrom === "proxy" ? { ...environment, SHELL: "/bin/sh" } : environment, atHome: false },
    (facts) => {
      latest = facts
    }
  ).pipe(Effect.timeoutOption(patience * 1000), Effect.result)
  if (answered._tag === "Failure") {
    report(
      SshFindings.noLogin(place.destination, { ...latest, printed: [answered.failure.reason] }, NOT_STARTED, patience)
    )
    return Option.none<Interview>()
  }
  if (Option.isNone(answered.success)) {
    report(SshFindings.noLogin(place.destination, latest, undefined, patience))
    return Option.none<Interview>()
  }
  const { answeredAt, ending, facts, loginMs } = answered.success.value
  if (loginMs === undefined || ending !== undefined) {
    report(SshFindings.noLogin(place.destination, facts, ending ?? NOT_STARTED, patience))
    return Option.none<Interview>()
  }
  const address = facts.address ?? resolved?.success.address
  report(SshFindings.login({ ...facts, address }, loginMs))
  return Option.some<Interview>({ facts, answeredAt })
})

/** Runs the questions. `ending` is `undefined` if all were answered; the time of the login, if none was. */
const listen = Effect.fnUntraced(function* (
  command: Bootstrap.Command,
  progress: (facts: RemoteScript.RemoteFacts) => void = () => undefined
) {
  const ssh = yield* Bootstrap.SshBootstrap
  const clock = yield* Clock.clockWith(Effect.succeed)
  const now = yield* Actor.millis
  const begun = now()
  let facts = RemoteScript.NOTHING
  let loginMs: number | undefined
  let answeredAt = 0
  const ending = yield* ssh.listen(command, (line) => {
    facts = RemoteScript.readLine(facts, line)
    progress(facts)
    if (facts.stage !== "before" && loginMs === undefined) {
      loginMs = now() - begun
      answeredAt = clock.currentTimeMillisUnsafe()
    }
    return facts.stage !== "complete"
  })
  return { facts, loginMs, answeredAt, ending: facts.stage === "complete" ? undefined : ending }
})

const NOT_STARTED = { code: undefined, signal: undefined }
const LINES_KEPT = 20
const VERSION_TIMEOUT = 15_000
const QUESTIONS_TIMEOUT = 30_000
