import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { Size } from "../src/domain/terminal/Frame.ts"
import { Emulator, type Screen } from "../src/services/server/Emulator.ts"
import { layer } from "../src/services/node/xterm/XtermEmulator.ts"

/** An emulated screen that lives as long as the benchmark's process. */
export const makeScreen = (size: Size): Promise<Screen> =>
  Effect.gen(function* () {
    const services = yield* Layer.build(layer)
    return yield* Context.get(services, Emulator).make({ size, onReply: () => {} })
  }).pipe(Effect.provideService(Scope.Scope, Scope.makeUnsafe()), Effect.runPromise)
