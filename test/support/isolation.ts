/**
 * The environment of programs while they are recorded. It shows nothing of the machine or the user.
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
