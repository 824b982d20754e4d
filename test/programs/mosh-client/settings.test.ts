/**
 * The environment variables of a client, by Effect's `ConfigProvider`.
 */
import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import * as Settings from "../../../src/programs/mosh-client/settings.ts"

const KEY = "EBwzUMbRCjpKxhZZrjqXeg"

const within = <A, E>(environment: Record<string, string>, effect: Effect.Effect<A, E>) =>
  Effect.provideService(effect, ConfigProvider.ConfigProvider, Settings.provider(environment))

describe("the settings of a client", () => {
  it.effect("have defaults", () =>
    Effect.gen(function* () {
      const settings = yield* within({}, Settings.settings)
      expect(settings).toMatchObject({ logFile: undefined, initTerminal: true, titlePrefix: true, term: "" })
      expect(settings.escapeKey?.name).toBe("Ctrl-^")
    })
  )

  it.effect("come from the environment, where an empty variable is one that is set", () =>
    Effect.gen(function* () {
      const environment = {
        MOSH_ESCAPE_KEY: "",
        MOSH_EVENTS: "notifications,bells",
        MOSH_IMAGES: "off",
        MOSH_LOG: "/tmp/log",
        MOSH_NO_TERM_INIT: "",
        MOSH_SCROLLBACK: "off",
        MOSH_TITLE_NOPREFIX: "",
        NO_COLOR: "",
        TERM: "xterm",
        TERM_PROGRAM: "other",
        MOSH_AGENT_QUIET: "1"
      }
      expect(yield* within(environment, Settings.settings)).toEqual({
        agentQuiet: true,
        escapeKey: undefined,
        events: ["bells", "notifications"],
        images: "off",
        logFile: "/tmp/log",
        initTerminal: false,
        scrollback: "off",
        titlePrefix: false,
        noColor: "",
        term: "xterm"
      })
      const { escapeKey } = yield* within({ MOSH_ESCAPE_KEY: "\x1c" }, Settings.settings)
      expect(escapeKey?.byte).toBe(0x1c)
    })
  )

  it.effect("of the connection fail with the variable and a line for the user", () =>
    Effect.gen(function* () {
      const missing = yield* Effect.flip(within({}, Settings.connection))
      expect(missing).toMatchObject({ _tag: "SettingsError", variable: "MOSH_KEY" })
      expect(missing.message).toBe("MOSH_KEY environment variable not found.")
      const bad = yield* Effect.flip(within({ MOSH_KEY: "secret?" }, Settings.connection))
      expect(bad).toMatchObject({ _tag: "SettingsError", variable: "MOSH_KEY" })
      expect(bad.message).not.toContain("secret")
      const mode = { MOSH_KEY: KEY, MOSH_PREDICTION_DISPLAY: "sometimes" }
      expect(yield* Effect.flip(within(mode, Settings.connection))).toMatchObject({
        _tag: "SettingsError",
        variable: "MOSH_PREDICTION_DISPLAY",
        message: expect.stringContaining("sometimes")
      })
    })
  )

  it.effect("of the connection are the key and the prediction", () =>
    Effect.gen(function* () {
      const environment = { MOSH_KEY: KEY, MOSH_PREDICTION_DISPLAY: "never", MOSH_PREDICTION_OVERWRITE: "yes" }
      const { key, prediction, predictOverwrite } = yield* within(environment, Settings.connection)
      expect(SessionKey.format(key)).toBe(KEY)
      expect([prediction, predictOverwrite]).toEqual(["never", true])
    })
  )
})
