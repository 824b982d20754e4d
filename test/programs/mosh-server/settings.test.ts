import { describe, expect, it } from "vitest"
import * as Settings from "../../../src/programs/mosh-server/settings.ts"

describe("the settings of a server", () => {
  it("have defaults", () => {
    const { settings, warnings } = Settings.read({})
    expect(settings).toMatchObject({ networkTimeout: 30 * 86_400_000, signalTimeout: undefined, logFile: undefined })
    expect(warnings).toEqual([])
  })

  it("come from the environment, in seconds; 0 is no limit", () => {
    const { settings } = Settings.read({
      MOSH_SERVER_NETWORK_TMOUT: "0",
      MOSH_SERVER_SIGNAL_TMOUT: "90",
      MOSH_SERVER_SCROLLBACK: "17",
      MOSH_SERVER_FORWARDING: "local",
      MOSH_SERVER_MAX_DETACHED: "5",
      MOSH_DETACHABLE: "1",
      MOSH_SESSION: "work",
      MOSH_LOG: "/tmp/log",
      SSH_CONNECTION: "a 1 b 2"
    })
    expect(settings).toEqual({
      networkTimeout: Infinity,
      signalTimeout: 90_000,
      scrollback: 17,
      forwarding: { connects: true, listens: false },
      maxDetached: 5,
      detachable: true,
      session: "work",
      logFile: "/tmp/log",
      sshConnection: "a 1 b 2"
    })
  })

  it("ignore values that are not numbers, with a warning for each", () => {
    const { settings, warnings } = Settings.read({
      MOSH_SERVER_NETWORK_TMOUT: "soon",
      MOSH_SERVER_SIGNAL_TMOUT: "-1",
      MOSH_SERVER_MAX_DETACHED: "few"
    })
    expect(settings).toMatchObject({
      networkTimeout: 30 * 86_400_000,
      signalTimeout: undefined,
      maxDetached: undefined
    })
    expect(warnings).toEqual([
      "MOSH_SERVER_NETWORK_TMOUT not a valid integer, ignoring",
      "MOSH_SERVER_SIGNAL_TMOUT is negative, ignoring",
      "MOSH_SERVER_MAX_DETACHED not a valid number, ignoring"
    ])
  })
})
