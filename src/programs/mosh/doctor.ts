/**
 * `mosh --doctor [user@]host`: checks everything that a session needs, and prints a table of what works, what does not,
 * and what to do about it, which users can paste into a report.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Os from "node:os"
import * as Tty from "node:tty"
import * as SshCommand from "../../domain/bootstrap/SshCommand.ts"
import type { Environment } from "../../domain/environment/Locale.ts"
import type { RelayFailure } from "../../domain/relay/RelayFailure.ts"
import type { SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import type { Finding, Section } from "../../domain/doctor/Finding.ts"
import * as Report from "../../domain/doctor/Report.ts"
import * as Doctor from "../../services/doctor/Doctor.ts"
import type { OpenRelay } from "../../services/doctor/Session.ts"
import * as PathChoice from "../../services/doctor/PathChoice.ts"
import * as NodeDatagrams from "../../services/node/udp/NodeDatagrams.ts"
import * as NodeMoshClient from "../../services/node/NodeMoshClient.ts"
import * as NodeKeptLogin from "../../services/node/ssh/NodeKeptLogin.ts"
import { DEFAULT_SERVER } from "../../services/bootstrap/SshBootstrap.ts"
import * as NodeSshBootstrap from "../../services/node/ssh/NodeSshBootstrap.ts"
import * as TerminfoDatabase from "../../services/node/terminal/TerminfoDatabase.ts"
import * as BootstrapContext from "./bootstrapContext.ts"
import * as SshSettings from "./sshSettings.ts"
import * as Program from "../shared/run.ts"
import { about } from "../shared/version.ts"

/** Runs all checks and exits: 0 when a session would work, else 1. */
export const run = (request: SessionRequest): void => {
  const paths = PathChoice.make()
  const client = NodeMoshClient.layerThrough((options) => paths.layer(NodeDatagrams.client(options)))
  const status = Effect.interruptible(examine(request, paths)).pipe(
    Effect.raceFirst(BootstrapContext.signalled),
    Effect.catchTag("Signalled", ({ signal }) => Effect.succeed(128 + Os.constants.signals[signal])),
    Effect.scoped,
    Effect.provide(Layer.merge(NodeSshBootstrap.layer, client))
  )
  Program.run(status, (message) => {
    process.stderr.write(`mosh: internal error: ${message}\n`)
    return 1
  })
}

const examine = Effect.fnUntraced(function* (request: SessionRequest, paths: PathChoice.PathChoice) {
  const environment = BootstrapContext.environment()
  const style: Report.Style = {
    colors: Tty.isatty(1) && (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb"
  }
  const place = request.place._tag === "Ssh" ? request.place.destination : "this machine"
  let section: Section | undefined
  const report = (finding: Finding): void => {
    if (finding.section !== section) print(Report.heading(finding.section, place))
    section = finding.section
    print(Report.row(finding, style))
  }

  const { ports } = request
  if (Tty.isatty(0) && request.place._tag === "Ssh") {
    const times = ports === undefined || ports.low === ports.high ? "twice" : "three times"
    process.stderr.write(`mosh: ssh logs in ${times} for this, and may ask for a password each time.\n`)
  }
  const { transport } = request
  const login = yield* Effect.acquireRelease(
    Effect.sync(() => (request.place._tag === "Ssh" && transport !== "udp" ? NodeKeptLogin.make() : undefined)),
    (login) => Effect.sync(() => login?.end())
  )
  const settings = SshSettings.ask(request) ?? Promise.resolve("")
  const findings = yield* Doctor.examine({
    request,
    caller: {
      ...BootstrapContext.caller(environment, () => undefined),
      login,
      settings: Effect.promise(() => settings)
    },
    here: {
      program: about("mosh")[0] ?? "",
      node: process.version,
      system: `${process.platform} ${process.arch}`,
      terminal: terminal(),
      colors: TerminfoDatabase.colors(environment),
      environment
    },
    paths,
    openRelay: relayOpener(request, environment, login),
    patience: PATIENCE,
    report
  })
  Report.closing(findings).forEach(print)
  return Report.exitCode(findings)
})

/** As a session opens it, except that it asks no question. */
const relayOpener =
  (
    { family, place, server = DEFAULT_SERVER }: SessionRequest,
    environment: Environment,
    login: NodeKeptLogin.NodeKeptLogin | undefined
  ): OpenRelay =>
  (port, onDatagram) =>
    Effect.gen(function* () {
      if (place._tag === "Local") return { reason: "SshFailed", text: "there is no ssh" } as const
      const SshRelay = yield* Effect.promise(() => import("../../services/node/ssh/SshRelay.ts"))
      const words = (connection?: SshCommand.Connection) =>
        SshCommand.relayCommand(place, family, server, port, connection)
      const isKept = login?.openSince() !== undefined
      const relay = yield* SshRelay.make({
        words: words(),
        environment,
        first: isKept ? { words: words({ socket: login.socket }), isUsable: () => true, release: login.end } : undefined
      })
      const opened = yield* Deferred.make<typeof relay.send | RelayFailure>()
      const settle = (outcome: typeof relay.send | RelayFailure): void =>
        void Deferred.doneUnsafe(opened, Effect.succeed(outcome))
      yield* relay.receive({
        onDatagram,
        onChange: (isUsable) => isUsable && settle(relay.send),
        onFailure: settle
      })
      yield* Effect.acquireRelease(
        Effect.sync(() => relay.want(true)),
        () => Effect.sync(() => relay.want(false))
      )
      return yield* Deferred.await(opened)
    })

/** The terminal's size, also when standard output is a pipe. */
const terminal = () => {
  const stream = [process.stdout, process.stderr].find(({ isTTY }) => isTTY)
  return stream === undefined ? undefined : { columns: stream.columns, rows: stream.rows }
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** How long ssh may take, s: the user may type a password, and the machine may be slow. */
const PATIENCE = 60
