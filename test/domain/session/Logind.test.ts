/**
 * What systemd would do to a session at logout, and what is done about it: with programs of the test's own in the place
 * of `loginctl` and `busctl`, which answer as their manuals say.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Logind from "../../../src/domain/session/Logind.ts"
import * as SurviveLogout from "../../../src/programs/mosh-server/surviveLogout.ts"

const machine = (kill: string, only = "", exclude = "root"): string =>
  `KillUserProcesses=${kill}\nKillOnlyUsers=${only}\nKillExcludeUsers=${exclude}\n`

describe("Logind", () => {
  it.each([
    ["ann", machine("no"), "Linger=no", "Stays"],
    ["ann", machine("yes"), "Linger=yes", "EndsWithSession"],
    ["ann", machine("yes"), "Linger=no", "EndsWithLogin"],
    ["ann", machine("yes"), undefined, "EndsWithLogin"],
    ["root", machine("yes"), "Linger=no", "Stays"],
    ["root", machine("yes", "", ""), "Linger=no", "EndsWithLogin"],
    ["ann", machine("yes", "bob eve"), "Linger=no", "Stays"],
    ["bob", machine("yes", "bob eve"), "Linger=no", "EndsWithLogin"],
    ["ann", undefined, "Linger=no", "Stays"],
    ["ann", "Failed to connect to bus", undefined, "Stays"]
  ])("tells what a logout does to %s's programs (%#)", (user, settings, personal, expected) => {
    expect(Logind.decide(user, settings, personal)).toBe(expected)
  })

  it.prop("prints no warning for unrelated text", [Schema.String, Schema.String], ([settings, personal]) => {
    expect(Logind.decide("ann", settings, personal)).toBe("Stays")
    expect(Logind.warning("Stays", false)).toBeUndefined()
  })

  it.each([
    ["0::/user.slice/user-1000.slice/session-3.scope\n", true],
    ["4:memory:/x\n1:name=systemd:/user.slice/user-1000.slice/session-c1.scope/sub\n0::/\n", true],
    ["4:memory:/user.slice/user-1000.slice/session-3.scope\n1:name=systemd:/user.slice/mosh.scope\n0::/\n", false],
    ["0::/user.slice/user-1000.slice/user@1000.service/app.slice/mosh-server-7.scope\n", false],
    ["0::/\n", false],
    ["", false]
  ])("finds a login session in %s", (cgroup, expected) => {
    expect(Logind.inLoginSession(cgroup)).toBe(expected)
  })
})

const SESSION = "0::/user.slice/user-1000.slice/session-3.scope\n"
const OWN = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/mosh-server-4711.scope\n"

interface Situation {
  readonly booted?: boolean
  readonly cgroup?: string
  readonly settings?: string
  readonly linger?: string
  /** What the service manager does with the process it is told of. */
  readonly manager?: "moves" | "refuses" | "lies"
}

/** `execFile`'s word for no limit. */
const UNLIMITED = 0

/** Asks, and keeps the session 4711, on a machine of the test's own. */
const logout = async (situation: Situation) => {
  const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-logind-"))
  const path = (name: string) => Path.join(directory, name)
  const { booted = true, cgroup = SESSION, linger = "no", manager = "moves", settings = machine("yes") } = situation
  const script = (name: string, ...lines: ReadonlyArray<string>) =>
    Fs.writeFileSync(path(name), ["#!/bin/sh", `echo "${name} $*" >> '${path("calls")}'`, ...lines, ""].join("\n"), {
      mode: 0o755
    })
  Fs.writeFileSync(path("settings"), settings)
  Fs.writeFileSync(path("calls"), "")
  script(
    "loginctl",
    `case "$1" in show-session) cat '${path("settings")}';; show-user) echo Linger=${linger};; *) exit 1;; esac`
  )
  script("busctl", { moves: `: > '${path("moved")}'`, refuses: "echo Access denied >&2; exit 1", lies: "" }[manager])
  const system: SurviveLogout.System = {
    booted: () => booted,
    cgroup: (pid) => (pid !== "self" && Fs.existsSync(path("moved")) ? OWN : cgroup),
    user: () => ({ uid: 1000, name: "ann" }),
    // Without a limit: on a busy machine these programs may take longer than logind ever does.
    run: ([program = "", ...parameters]) =>
      SurviveLogout.system.run(
        ["/usr/bin/env", `PATH=${directory}:${process.env["PATH"]}`, program, ...parameters],
        UNLIMITED
      )
  }
  try {
    const verdict = await SurviveLogout.ask(system)
    const warning = await SurviveLogout.keep(system, verdict, 4711)
    const calls = Fs.readFileSync(path("calls"), "utf8").split("\n").slice(0, -1)
    return { calls, moved: Fs.existsSync(path("moved")), verdict, warning }
  } finally {
    Fs.rmSync(directory, { recursive: true, force: true })
  }
}

describe.concurrent("a logout", () => {
  it("costs nothing without systemd, and outside of login sessions", async () => {
    for (const situation of [{ booted: false }, { cgroup: "0::/system.slice/cron.service\n" }])
      expect(await logout(situation)).toEqual({ calls: [], moved: false, verdict: "Stays", warning: undefined })
  })

  it("needs nothing where programs stay", async () => {
    const { calls, moved, warning } = await logout({ settings: machine("no") })
    expect({ moved, warning }).toEqual({ moved: false, warning: undefined })
    expect(calls.sort()).toEqual([Logind.HOST_QUERY.join(" "), Logind.userQuery(1000).join(" ")])
  })

  it("does not reach a session in its own scope, of a user who lingers", async () => {
    const { calls, moved, warning } = await logout({ linger: "yes" })
    expect({ moved, warning }).toEqual({ moved: true, warning: undefined })
    expect(calls).toContain(Logind.moveToScope(4711).join(" "))
  })

  it("reaches everything else in the end, which is reported", async () => {
    const { moved, warning } = await logout({ linger: "no" })
    expect(moved).toBe(true)
    expect(warning).toBe(
      "mosh-server: systemd here ends programs at logout (KillUserProcesses=yes); `loginctl enable-linger` keeps them."
    )
  })

  it.each(["refuses", "lies"] as const)("is told of when the service manager %s", async (manager) => {
    const { moved, warning } = await logout({ linger: "yes", manager })
    expect(moved).toBe(false)
    expect(warning).toContain("could not be moved out of its reach")
  })
})
