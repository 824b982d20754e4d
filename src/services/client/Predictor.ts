/**
 * Shows the effect of typing before the server does.
 *
 * A session offers its prediction what the user typed and what the server sent and acknowledged, and draws its picture.
 * `Predictor.layer` is effect-mosh's own; `Predictor.off` predicts nothing, in any mode.
 *
 * ```ts
 * import { Layer } from "effect"
 * import { Predictor } from "effect-mosh"
 * import { NodeMoshClient } from "effect-mosh/node"
 *
 * // Clients that predict nothing, whatever mode is asked for.
 * export const client = NodeMoshClient.layerWith.pipe(Layer.provide(Predictor.off))
 * ```
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Prediction from "../../domain/prediction/Prediction.ts"
import type { Frame } from "../../domain/terminal/Frame.ts"
import * as Actor from "../runtime/Actor.ts"

export class Predictor extends Context.Service<
  Predictor,
  {
    /** The prediction of one session, alive as long as the scope. */
    readonly make: (options: PredictorOptions) => Effect.Effect<Predicted, never, Scope.Scope>
  }
>()("effect-mosh/services/Predictor") {
  static readonly layer: Layer.Layer<Predictor> = Layer.succeed(Predictor, {
    make: (options) =>
      Effect.map(
        Actor.spawn<Prediction.Prediction, Prediction.Input, Prediction.Output>({
          machine: Prediction.machine,
          initial: Prediction.initial(options, options.frame),
          tick: { _tag: "Tick" },
          perform: options.onRedraw
        }),
        ({ offer, state }) => ({ offer, picture: () => state().picture, counters: () => state().counters })
      )
  })

  static readonly off: Layer.Layer<Predictor> = Layer.succeed(Predictor, {
    make: ({ frame, onRedraw }) =>
      Effect.sync(() => {
        let picture = frame
        return {
          offer: (input) => {
            if (input._tag !== "Received") return
            picture = input.frame
            onRedraw()
          },
          picture: () => picture,
          counters: () => ({ shown: 0, wrong: 0 })
        }
      })
  })
}

/** How to predict, and the callback for changes. */
export interface PredictorOptions extends Prediction.Options {
  /** The picture that the session starts with. */
  readonly frame: Frame
  /** Called when the picture changed. Must not throw. */
  readonly onRedraw: () => void
}

/** The prediction of one session. Its functions are synchronous and never throw. */
export interface Predicted {
  /** Hands over what happened. */
  readonly offer: (input: Prediction.Input) => void
  /** What the user should see. */
  readonly picture: () => Frame
  /** How many keys were shown before the server showed them, and how many of those wrongly. */
  readonly counters: () => Prediction.Counters
}
