/**
 * What systemd's logind does to a session's program when the ssh connection that started it ends.
 *
 * With `KillUserProcesses=yes`, logind ends every program of the login session. At the user's last logout it also ends
 * everything that the user's service manager started, unless the user "lingers" (logind.conf(5), systemd-run(1),
 * loginctl(1)). Some distributions set this; most do not.
 */

/**
 * Whether `cgroup`, the content of `/proc/PID/cgroup`, places the process in a login session, where logind ends it.
 * systemd keeps its units in the unified hierarchy, or in the one named `systemd`.
 */
export const inLoginSession = (cgroup: string): boolean =>
  /^(0:|\d+:name=systemd):.*\/session-[^/]+\.scope(\/|$)/m.test(cgroup)

/** The command that queries the host's settings. Without a session id, loginctl shows logind's own properties. */
export const HOST_QUERY: ReadonlyArray<string> = [
  "loginctl",
  "show-session",
  "--property=KillUserProcesses",
  "--property=KillOnlyUsers",
  "--property=KillExcludeUsers"
]

/** The command that queries whether a user lingers. */
export const userQuery = (uid: number): ReadonlyArray<string> => [
  "loginctl",
  "show-user",
  String(uid),
  "--property=Linger"
]

/** What logout does to a program of the login session. */
export type Logout =
  /** It keeps running. */
  | "Stays"
  /** It ends with its login session; outside of the login session it would keep running. */
  | "EndsWithSession"
  /** It ends at the user's last logout at the latest, wherever it is. */
  | "EndsWithLogin"

/**
 * Decides from the output of the two commands; `undefined` means that the command failed, and logout is then assumed to
 * be harmless.
 */
export const decide = (user: string, host: string | undefined, account: string | undefined): Logout => {
  const settings = properties(host ?? "")
  if (settings.get("KillUserProcesses") !== "yes") return "Stays"
  if (words(settings.get("KillExcludeUsers")).includes(user)) return "Stays"
  const only = words(settings.get("KillOnlyUsers"))
  if (only.length > 0 && !only.includes(user)) return "Stays"
  return properties(account ?? "").get("Linger") === "yes" ? "EndsWithSession" : "EndsWithLogin"
}

/**
 * The command that asks the user's service manager to move a running process into its own scope, as `systemd-run --user
 * --scope` does with itself (org.freedesktop.systemd1(5)). So a session can start before this decision is made.
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
  // Unit name, mode if the name is taken, two properties, no auxiliary units.
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

/**
 * The warning for the user; `undefined` if none is needed. `moved`: whether the session was moved out of the login
 * session.
 */
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
