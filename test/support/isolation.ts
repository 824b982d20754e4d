/**
 * What programs know of the world while they are recorded: nothing of the machine, and nothing of a person.
 */

/** The home directory of a recorded program: a scratch directory is mounted there. */
export const HOME = "/mnt"

/** The environment of a recorded program, whose home is made from `scratch`. */
export const environment = (scratch: string): Readonly<Record<string, string>> => ({
  HOME,
  LANG: "C.UTF-8",
  LOGNAME: "user",
  PATH: "/usr/local/bin:/usr/bin:/bin",
  SCRATCH: scratch,
  SHELL: "/bin/sh",
  TERM: "xterm-256color",
  TZ: "UTC",
  USER: "user"
})
