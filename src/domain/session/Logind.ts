/**
 * What systemd's logind does with a session when the ssh connection that started it ends.
 *
 * With `KillUserProcesses=yes` it ends every program of the login session, and with the person's last login everything
 * that the person's own service manager started, unless the person "lingers" (logind.conf(5), systemd-run(1),
 * loginctl(1)). Some distributions have it so, most do not.
 */

/**
 * Whether `/proc/PID/cgroup` shows a process within a login session, where logind can reach it. Of the hierarchies there,
 * systemd keeps its units in the unified one, or in the one that bears its name.
 */
export const inLoginSession = (cgroup: string): boolean =>
  /^(0:|\d+:name=systemd):.*\/session-[^/]+\.scope(\/|$)/m.test(cgroup)

/** The question about the machine. Without a session, properties of logind itself are shown. */
export const MACHINE: ReadonlyArray<string> = [
  "loginctl",
  "show-session",
  "--property=KillUserProcesses",
  "--property=KillOnlyUsers",
  "--property=KillExcludeUsers"
]

/** The question about a person. */
export const person = (uid: number): ReadonlyArray<string> => [
  "loginctl",
  "show-user",
  String(uid),
  "--property=Linger"
]

/** What becomes of a program in the login session. */
export type Logout =
  | "Stays"
  /** It ends with the login session it is in; outside of it, it would stay. */
  | "EndsWithSession"
  /** It ends with the last login at the latest, wherever it is. */
  | "EndsWithLogin"

/** Reads the two answers; `undefined` is none, and no reason to worry anybody. */
export const decide = (user: string, machine: string | undefined, personal: string | undefined): Logout => {
  const settings = properties(machine ?? "")
  if (settings.get("KillUserProcesses") !== "yes") return "Stays"
  if (words(settings.get("KillExcludeUsers")).includes(user)) return "Stays"
  const only = words(settings.get("KillOnlyUsers"))
  if (only.length > 0 && !only.includes(user)) return "Stays"
  return properties(personal ?? "").get("Linger") === "yes" ? "EndsWithSession" : "EndsWithLogin"
}

/**
 * Has the person's own service manager put a running process into a scope of its own, as `systemd-run --user --scope` does
 * with the process that it becomes (org.freedesktop.systemd1(5)). So the session need not wait for the decision to start.
 */
export const moveToScope = (pid: number): ReadonlyArray<string> => [
  "busctl",
  "--user",
  "call",
  "org.freedesktop.systemd1",
  "/org/freedesktop/systemd1",
  "org.freedesktop.systemd1.Manager",
  "StartTransientUnit",
  "ssa(sv)a(sa(sv))",
  // Name, what to do if there is one by that name, two properties, no further units.
  `mosh-server-${pid}.scope`,
  "fail",
  "2",
  "Description",
  "s",
  "A mosh session",
  "PIDs",
  "au",
  "1",
  String(pid),
  "0"
]

/** What to tell the person; `undefined` where all is well. `moved`: the session is out of the login session. */
export const warning = (logout: Logout, moved: boolean): string | undefined => {
  switch (logout) {
    case "Stays":
      return undefined
    case "EndsWithSession":
      return moved ? undefined : `${KILLS}, and this session could not be moved out of its reach.`
    case "EndsWithLogin":
      return `${KILLS}; \`loginctl enable-linger\` keeps them.`
  }
}

const KILLS = "mosh-server: systemd here ends programs at logout (KillUserProcesses=yes)"

const properties = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(/\r?\n/).map((line) => {
      const [name = "", ...value] = line.split("=")
      return [name, value.join("=")]
    })
  )

const words = (text: string | undefined): ReadonlyArray<string> =>
  (text ?? "").split(/\s+/).filter((word) => word !== "")
