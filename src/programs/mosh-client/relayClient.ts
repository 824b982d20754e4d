/**
 * The client of a session that ssh carries.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Environment } from "../../domain/environment/Locale.ts"
import type { MoshClient } from "../../services/client/MoshClient.ts"
import * as NodeMoshClient from "../../services/node/NodeMoshClient.ts"
import * as SshQuestion from "./sshQuestion.ts"

/** The ssh of a relay. */
export interface RelayOptions {
  /** Its command line (`SshCommand.relayCommand`), and its environment. */
  readonly words: ReadonlyArray<string>
  readonly environment: Environment
  /** The words that start the program which ssh asks for passwords. */
  readonly askpass: ReadonlyArray<string>
}

/** What the session's window and the ssh of a relay share. */
export interface RelayLink {
  readonly question: SshQuestion.SshQuestion
  /** Why ssh cannot carry the session at all. */
  readonly finished: Deferred.Deferred<string>
}

export const makeLink = (): RelayLink => ({ question: SshQuestion.make(), finished: Deferred.makeUnsafe<string>() })

/** On UDP without `relay`. */
export const layer = (relay: RelayOptions | undefined, link: RelayLink): Layer.Layer<MoshClient> =>
  relay === undefined ? NodeMoshClient.layer : NodeMoshClient.layerThrough(() => datagrams(relay, link))

/** Loaded when needed: a session must start fast. */
const datagrams = ({ askpass, environment, words }: RelayOptions, { finished, question }: RelayLink) =>
  Layer.unwrap(
    Effect.map(
      Effect.promise(() => import("../../services/node/ssh/RelayDatagrams.ts")),
      (RelayDatagrams) =>
        RelayDatagrams.layer({
          words,
          environment,
          askpass: { words: askpass, ask: question.ask },
          onFinal: ({ text }) => void Deferred.doneUnsafe(finished, Effect.succeed(text))
        })
    )
  )
