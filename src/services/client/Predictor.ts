/**
 * Predicts how the screen will show keystrokes, before the server has echoed them.
 *
 * A session reports its events as values: keystrokes, received frames, acknowledgements. It shows the picture that the
 * prediction returns. `Predictor.layer` is effect-mosh's prediction; `Predictor.off` never predicts.
 *
 * ```ts
 * import { Layer } from "effect"
 * import { Predictor } from "effect-mosh"
 * import { NodeMoshClient } from "effect-mosh/node"
 *
 * // Clients that never predict, whatever `prediction` they are given.
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

/** Creates the predictions of sessions. */
export class Predictor extends Context.Service<
  Predictor,
  {
    /** Starts the prediction of one session. It lives as long as the scope. */
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

/** When to predict, and the callback for redraws. */
export interface PredictorOptions extends Prediction.Options {
  /** The initial picture. */
  readonly frame: Frame
  /** Called when the picture has changed. Must not throw. */
  readonly onRedraw: () => void
}

/** The prediction of one session. Its functions are synchronous and never throw. */
export interface Predicted {
  /** Reports an event of the session. */
  readonly offer: (input: Prediction.Input) => void
  /** The current picture: the newest frame with the predictions drawn over it. */
  readonly picture: () => Frame
  /** Number of keystrokes that were predicted, and how many of them wrongly. */
  readonly counters: () => Prediction.Counters
}
