/**
 * Shows what typing will look like before the server says so.
 *
 * A session tells its prediction everything it needs as values: what was typed, what the server acknowledged, and which
 * frame it sent; and draws what the prediction makes of that frame. `Predictor.off` predicts nothing: it is the display
 * preference `never`.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { DisplayPreference } from "../domain/prediction/DisplayPreference.ts"
import type { Millis } from "../domain/Machine.ts"
import type { Frame } from "../domain/terminal/Frame.ts"

export class Predictor extends Context.Service<
  Predictor,
  {
    /** The prediction of one session, alive as long as the scope. */
    readonly make: (options: PredictorOptions) => Effect.Effect<Prediction, never, Scope.Scope>
  }
>()("effect-mosh/services/Predictor") {
  /** Predicts nothing, whatever the preference. */
  static readonly off: Layer.Layer<Predictor> = Layer.succeed(Predictor, {
    make: () =>
      Effect.succeed({
        type: () => undefined,
        reset: () => undefined,
        acknowledge: () => undefined,
        draw: (frame) => frame
      })
  })
}

export interface PredictorOptions {
  readonly preference: DisplayPreference
  /** Called when `draw` would give another picture although nothing was told. Must not throw. */
  readonly onRedraw: () => void
}

/** Methods are synchronous and never throw. */
export interface Prediction {
  /** Bytes were typed, as one read; not sent yet. */
  readonly type: (bytes: Uint8Array, context: TypingContext) => void
  /** Everything predicted may be wrong: the size changed, or more was typed than is worth predicting. */
  readonly reset: () => void
  /** The server is known to have more of what was sent, or the round trip changed. */
  readonly acknowledge: (progress: Progress) => void
  /** The picture to show for the server's newest frame. */
  readonly draw: (frame: Frame) => Frame
}

export interface TypingContext {
  /** The picture that the person saw while typing. */
  readonly shown: Frame
  /** Number of the last local state sent: what was typed will be in a later one. */
  readonly sent: bigint
  readonly now: Millis
}

export interface Progress {
  /** Number of the newest local state that the server has. */
  readonly acknowledged: bigint
  /** Number of the newest local state whose effect should be in the newest frame. */
  readonly echoed: bigint
  /** ms between two frames; half the smoothed round trip, within SSP's limits. */
  readonly sendInterval: number
}
