/**
 * The client of a session that ssh carries.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Environment } from "../../domain/environment/Locale.ts"
import type { Login } from "../../domain/relay/RelayDemand.ts"
import type { MoshClient } from "../../services/client/MoshClient.ts"
import * as NodeMoshClient from "../../services/node/NodeMoshClient.ts"
import * as AutoDatagrams from "../../services/node/ssh/AutoDatagrams.ts"
import type { FirstRelay } from "../../services/node/ssh/SshRelay.ts"
import * as NodeDatagrams from "../../services/node/udp/NodeDatagrams.ts"
import * as SshQuestion from "./sshQuestion.ts"

/** The ssh of a relay. */
export interface RelayOptions {
  /** Whether ssh is the only path, or the one that is used while UDP does not work. */
  readonly use: "Only" | "Fallback"
  readonly login: Login
  /** A relay that needs no login, to begin with. Default: none. */
  readonly first?: FirstRelay | undefined
  /** Its command line (`SshCommand.relayCommand`), and its environment. */
  readonly words: ReadonlyArray<string>
  readonly environment: Environment
  /** The words that start the program which ssh asks for passwords. Default: ssh may not ask. */
  readonly askpass?: ReadonlyArray<string> | undefined
}

/** What the session's window and the ssh of a relay share. */
export interface RelayLink {
  readonly question: SshQuestion.SshQuestion
  /** Why ssh cannot carry the session at all. */
  readonly finished: Deferred.Deferred<string>
  /** Show a line for the user: what carries the session, or what is tried. The session's window sets them. */
  report: (text: string, isFirst: boolean) => void
  attempt: (text: string) => void
}

export const makeLink = (): RelayLink => ({
  question: SshQuestion.make(),
  finished: Deferred.makeUnsafe<string>(),
  report: () => undefined,
  attempt: () => undefined
})

/** On UDP without `relay`. */
export const layer = (relay: RelayOptions | undefined, link: RelayLink): Layer.Layer<MoshClient> =>
  relay === undefined
    ? NodeMoshClient.layer
    : NodeMoshClient.layerThrough((options) =>
        relay.use === "Only"
          ? through(relay, link)
          : AutoDatagrams.layer(NodeDatagrams.client(options), {
              ...sshOf(relay, link),
              login: relay.login,
              onReport: (text, isFirst) => link.report(text, isFirst),
              onAttempt: (text) => link.attempt(text)
            })
      )

/** Loaded when needed: a session must start fast. */
const through = (relay: RelayOptions, link: RelayLink) =>
  Layer.unwrap(
    Effect.map(
      Effect.promise(() => import("../../services/node/ssh/RelayDatagrams.ts")),
      (RelayDatagrams) =>
        RelayDatagrams.layer({
          ...sshOf(relay, link),
          onFinal: ({ text }) => void Deferred.doneUnsafe(link.finished, Effect.succeed(text))
        })
    )
  )

const sshOf = ({ askpass, environment, first, words }: RelayOptions, { question }: RelayLink) => ({
  words,
  first,
  environment,
  askpass: askpass && { words: askpass, ask: question.ask }
})
