/**
 * The doctor's session: a real server, started as `mosh` starts it, and a real client that needs no terminal.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { BootstrapError } from "../../domain/bootstrap/BootstrapError.ts"
import type { ServerEndpoint } from "../../domain/bootstrap/BootstrapTranscript.ts"
import type { SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import * as SessionKey from "../../domain/crypto/SessionKey.ts"
import * as EchoTimes from "../../domain/doctor/EchoTimes.ts"
import type { Finding } from "../../domain/doctor/Finding.ts"
import * as LinkFindings from "../../domain/doctor/LinkFindings.ts"
import type { RelayFailure } from "../../domain/relay/RelayFailure.ts"
import * as RemoteAddress from "../../domain/bootstrap/RemoteAddress.ts"
import * as SshCommand from "../../domain/bootstrap/SshCommand.ts"
import type * as PathChoice from "./PathChoice.ts"
import * as SessionProbe from "../../domain/doctor/SessionProbe.ts"
import type { OptionError } from "../runtime/OptionError.ts"
import * as Actor from "../runtime/Actor.ts"
import { type BindError, familyOf } from "../transport/Datagrams.ts"
import type { Ended } from "../transport/Transport.ts"
import { type ClientSession, MoshClient } from "../client/MoshClient.ts"
import * as Bootstrap from "../bootstrap/SshBootstrap.ts"

export interface SessionOptions {
  readonly request: SessionRequest
  readonly caller: Bootstrap.Caller
  /** How long to wait for ssh and the server, s. */
  readonly patience: number
  readonly firewalls: ReadonlyArray<string>
  readonly operand: string
  /** Decides to which address the client sends. */
  readonly paths: PathChoice.PathChoice
  readonly openRelay: OpenRelay
  readonly report: (finding: Finding) => void
}

/**
 * Opens a relay to a session's port by ssh, which ends with the scope. Returns how to send through it, or why there is none.
 * `onDatagram` receives what comes back.
 */
export type OpenRelay = (
  port: number,
  onDatagram: (datagram: Uint8Array) => void
) => Effect.Effect<((datagram: Uint8Array) => void) | RelayFailure, never, Scope.Scope>

/** Starts a server, exchanges datagrams with it for some seconds, and ends it. */
export const examine = Effect.fn("Doctor.trySession")(function* (options: SessionOptions) {
  const { caller, patience, request, report } = options
  const printed: Array<string> = []
  const started = yield* startServer(request, caller, patience, (line) => printed.push(line)).pipe(Effect.result)
  if (started._tag === "Failure")
    return report(LinkFindings.notStarted(started.failure, printed.slice(-LINES_REPORTED)))
  if (Option.isNone(started.success))
    return report(LinkFindings.notStartedInTime(patience, printed.slice(-LINES_REPORTED)))
  const server = started.success.value
  report(LinkFindings.started(server))

  const cannotSend = ({ message }: { readonly message: string }) =>
    Effect.sync(() => {
      report(LinkFindings.noSocket(message))
      return { hasUdp: false, hasRelay: false }
    })
  const others = yield* otherAddresses(server, options)
  const { hasRelay, hasUdp } = yield* converse(server, others, options).pipe(
    Effect.scoped,
    Effect.catchTags({ BindError: cannotSend, OptionError: Effect.die, SessionKeyError: cannotSend })
  )
  const address = hasUdp ? server.address : undefined
  const isRelayOnly = request.transport === "ssh"
  report(LinkFindings.path({ address, isUncertain: server.addressUncertain, others, hasRelay, isRelayOnly }))
  const high = request.ports?.high
  if (request.ports === undefined || high === undefined || high === request.ports.low || high === server.port) return
  report(LinkFindings.highest(high, hasUdp ? yield* tryPort(high, options) : "untried"))
})

const startServer = (
  request: SessionRequest,
  caller: Bootstrap.Caller,
  patience: number,
  show: (line: string) => void
): Effect.Effect<Option.Option<ServerEndpoint>, BootstrapError, Bootstrap.SshBootstrap> =>
  Bootstrap.start({ ...request, command: SessionProbe.command }, { ...caller, show }).pipe(
    // Offered only to a request for a session that runs already.
    Effect.catchTag("SessionsOffered", Effect.die),
    Effect.timeoutOption(patience * 1000)
  )

/** Whether a server on that port can be reached, too. */
const tryPort = Effect.fnUntraced(function* (port: number, { caller, paths, patience, request }: SessionOptions) {
  const ports = { low: port, high: port }
  const started = yield* startServer(
    { ...request, ports },
    { ...caller, login: undefined },
    patience,
    () => undefined
  ).pipe(Effect.result)
  if (started._tag === "Failure") return started.failure.reason === "PortsTaken" ? "taken" : "untried"
  if (Option.isNone(started.success)) return "untried"
  const server = started.success.value
  paths.use({ host: server.address, port: server.port })
  return yield* Effect.gen(function* () {
    const { session, until } = yield* connect(server, paths)
    const hasAnswered = yield* until(() => session.status().lastHeard > -Infinity, CONTACT_AGAIN)
    if (hasAnswered) yield* leave(session)
    return hasAnswered ? "answers" : "silent"
  }).pipe(
    Effect.scoped,
    Effect.orElseSucceed(() => "untried" as const)
  )
})

/** The addresses of the host's name besides the one that was reached. */
const otherAddresses = Effect.fnUntraced(function* (server: ServerEndpoint, { caller, request }: SessionOptions) {
  const { family, place } = request
  if (place._tag === "Local") return []
  const ssh = yield* Bootstrap.SshBootstrap
  const settings = SshCommand.tellsSettings(place)
    ? yield* ssh.output({
        words: SshCommand.settingsCommand(place),
        environment: caller.environment,
        atHome: false
      })
    : ""
  const name = SshCommand.setting(settings, "hostname") ?? RemoteAddress.splitDestination(place.destination).host
  const found = yield* ssh.addresses(name).pipe(Effect.orElseSucceed(() => []))
  return RemoteAddress.usable(family, found).filter((address) => address !== server.address)
})

/** Which paths carry a session. */
interface Ways {
  readonly hasUdp: boolean
  readonly hasRelay: boolean
}

/** Tests the paths to the server, and what a session finds on the one that it would use. */
const converse = Effect.fnUntraced(function* (
  server: ServerEndpoint,
  others: ReadonlyArray<string>,
  options: SessionOptions
): Effect.fn.Return<Ways, BindError | OptionError | SessionKey.SessionKeyError, MoshClient | Scope.Scope> {
  const { firewalls, operand, paths, request, report } = options
  const now = yield* Actor.millis
  const begun = now()
  const probe = yield* connect(server, paths)
  const { session, until } = probe
  const hasUdp = yield* until(() => session.status().lastHeard > -Infinity, CONTACT)
  const answeredAfter = now() - begun
  if (hasUdp) report(LinkFindings.contact(server, answeredAfter))
  else {
    const trouble = session.status().trouble?.text
    const seconds = CONTACT / 1000
    const relayed = yield* tryRelay(server, probe, options)
    const isRelayed = typeof relayed === "number"
    report(LinkFindings.noContact({ server, seconds, trouble, ports: request.ports, firewalls, operand, isRelayed }))
    tellRelay(relayed, hasUdp, options)
    if (!isRelayed) return { hasUdp, hasRelay: false }
  }

  const isReady = yield* until(() => probe.seen().ready, PROGRAM_START)
  if (isReady) {
    for (let key = 0; key < KEYS; key++) {
      probe.type()
      yield* Effect.sleep(KEY_INTERVAL)
    }
    yield* until(() => probe.seen().echoed >= KEYS, LAST_ECHO)
  }
  const { counters, link, srtt } = session.status()
  report(isReady ? LinkFindings.roundTrip(probe.times(), srtt) : LinkFindings.noProgram(PROGRAM_START / 1000))
  const { received, retransmissions, sent } = counters
  report(LinkFindings.loss({ lossIn: link.lossIn, received, retransmissions, sent }))

  if (!hasUdp) {
    report(LinkFindings.NO_SIZE)
    report(LinkFindings.ended(yield* finish(probe, isReady)))
    return { hasUdp, hasRelay: true }
  }

  if (isReady) {
    session.typeUnsafe(SessionProbe.RETURN)
    const shown = yield* until(() => probe.seen().screen, FULL_SIZE)
    if (shown) session.typeUnsafe(SessionProbe.noise())
    const toServer = shown ? yield* until(() => probe.seen().typed, FULL_SIZE) : undefined
    const refused = session.status().counters.sendErrors > counters.sendErrors
    const toUs = shown && !probe.seen().noisy ? undefined : shown
    const sizes = { toUs: paths.largest(), toServer: session.status().link.datagramLimit }
    const seconds = FULL_SIZE / 1000
    report(LinkFindings.fullSize({ server, toUs, toServer, sizes, refused, seconds, lossIn: link.lossIn }))
  }

  const { port } = server
  const isEffectMosh = session.status().peerFeatures !== 0
  for (const family of ["IPv4", "IPv6"] as const) {
    const isFirst = familyOf({ host: server.address }) === family
    const address = isFirst ? server.address : others.find((other) => familyOf({ host: other }) === family)
    const start = now()
    if (address !== undefined && !isFirst) paths.use({ host: address, port })
    const isHeard = address !== undefined && (isFirst || (yield* until(() => paths.isHeard(family), CONTACT_AGAIN)))
    const ms = isFirst ? answeredAfter : isHeard ? now() - start : undefined
    report(LinkFindings.family({ family, address, port, ms, isEffectMosh }))
  }
  const relayed = yield* tryRelay(server, probe, options)
  tellRelay(relayed, hasUdp, options)
  paths.use({ host: server.address, port })
  report(LinkFindings.ended(yield* finish(probe, probe.seen().typed)))
  return { hasUdp, hasRelay: typeof relayed === "number" }
})

/** After how long the server answers through a relay, ms, or why there is none; `undefined` if it does not answer. */
const tryRelay = Effect.fnUntraced(function* (
  { port }: ServerEndpoint,
  { until }: Probe,
  { openRelay, paths, request }: SessionOptions
) {
  if (!mayRelay(request)) return undefined
  const send = yield* openRelay(port, paths.receiveRelayed)
  if (typeof send !== "function") return send
  const now = yield* Actor.millis
  const begun = now()
  paths.useRelay(send)
  return (yield* until(paths.isRelayHeard, CONTACT)) ? Math.round(now() - begun) : undefined
})

const mayRelay = ({ place, transport }: SessionRequest): boolean => place._tag === "Ssh" && transport !== "udp"

const tellRelay = (
  outcome: LinkFindings.RelayTest["outcome"],
  hasUdp: boolean,
  { request, report }: SessionOptions
): void =>
  report(
    mayRelay(request)
      ? LinkFindings.relay({ outcome, hasUdp, seconds: CONTACT / 1000 })
      : LinkFindings.noRelay(request.place._tag === "Local")
  )

/** A client of the server, whose screen is observed. It ends the session even if the scope closes early. */
const connect = Effect.fnUntraced(function* (
  server: ServerEndpoint,
  paths: PathChoice.PathChoice
): Effect.fn.Return<Probe, BindError | OptionError | SessionKey.SessionKeyError, MoshClient | Scope.Scope> {
  const client = yield* MoshClient
  const now = yield* Actor.millis
  const key = yield* Effect.fromResult(SessionKey.parse(server.key))
  const waiting = new Set<() => void>()
  let seen = SessionProbe.NOTHING
  let times = EchoTimes.NONE
  const stirred = (): void => waiting.forEach((look) => look())
  paths.onHeard(stirred)

  const session = yield* client.connect({
    host: server.address,
    port: server.port,
    key,
    size: SessionProbe.SIZE,
    prediction: "never",
    notifications: false,
    onPicture: (frame) => {
      seen = SessionProbe.read(frame)
      times = EchoTimes.seen(times, seen.echoed, now())
      stirred()
    },
    onStatus: stirred
  })
  yield* Effect.addFinalizer(() => (session.status().lastHeard > -Infinity ? leave(session) : Effect.void))

  const comesTrue = (condition: () => boolean): Effect.Effect<void> =>
    Effect.callback<void>((resume) => {
      const look = (): void => {
        if (condition()) resume(Effect.void)
      }
      waiting.add(look)
      look()
      return Effect.sync(() => waiting.delete(look))
    })

  return {
    session,
    seen: () => seen,
    times: () => times,
    type: () => {
      times = EchoTimes.typed(times, now())
      session.typeUnsafe(SessionProbe.KEY)
    },
    until: (condition, milliseconds) =>
      comesTrue(condition).pipe(Effect.timeoutOption(milliseconds), Effect.map(Option.isSome))
  }
})

interface Probe {
  readonly session: ClientSession
  readonly seen: () => SessionProbe.Seen
  readonly times: () => EchoTimes.EchoTimes
  /** Types one key. */
  readonly type: () => void
  /** Whether the session satisfies a condition in time. */
  readonly until: (condition: () => boolean, milliseconds: number) => Effect.Effect<boolean>
}

/**
 * Ends the session by its program's end, if the program reads: a server reports that however slow it is, but it may answer a
 * client's shutdown too late. Returns whether both ends know that.
 */
const finish = Effect.fnUntraced(function* ({ session }: Probe, isReading: boolean) {
  if (isReading) {
    session.typeUnsafe(SessionProbe.END)
    const ended = yield* Effect.timeoutOption(session.ended, FAREWELL)
    if (Option.exists(ended, isConfirmed)) return true
  }
  return yield* leave(session)
})

/** Ends the session. Returns whether both ends know that. */
const leave = (session: ClientSession): Effect.Effect<boolean> =>
  session.shutdown("").pipe(Effect.timeoutOption(FAREWELL), Effect.map(Option.exists(isConfirmed)))

const isConfirmed = ({ _tag }: Ended): boolean => _tag === "Acknowledged" || _tag === "PeerShutdown"

/**
 * How long to wait, ms: for the server; for one on another port, after the first has answered; for the program, the echo of the
 * last key, a full screen, and the end. A slow machine is no broken link, so all but the first are long.
 */
const CONTACT = 8000
const CONTACT_AGAIN = 8000
const PROGRAM_START = 20_000
const LAST_ECHO = 15_000
const FULL_SIZE = 15_000
const FAREWELL = 10_000
/** Number of typed keys, and their interval, ms. */
const KEYS = 32
const KEY_INTERVAL = 100
const LINES_REPORTED = 5
