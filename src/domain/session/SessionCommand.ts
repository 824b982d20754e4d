/**
 * What to run on a machine, in any login shell there, to list its sessions or to end some.
 *
 * Our `mosh-server` answers. Stock's takes `--version` anywhere for a question of its own, answers that, and starts
 * nothing; then, and where there is none, a shell script looks at the processes of this user instead.
 */
import * as Result from "effect/Result"
import { quote } from "../arguments/ShellWords.ts"
import type { Listed } from "./SessionRecord.ts"

/** Sessions to end: one, by its process id, or all of this user. */
export type Which = number | "all"

/** What to end. Without `force`, `all` spares sessions whose client is there, or that do not report whether it is. */
export interface Kill {
  readonly which: Which
  readonly force: boolean
}

/** Whether a session outlives `kill`. One of stock's, and one that does not answer, may have a client. */
export const isSpared = ({ force, which }: Kill, { details }: Listed): boolean =>
  which === "all" && !force && (details._tag !== "Told" || details.told.attached)

/** Reads what somebody wants to end. A failure says in one sentence what can be said. */
export const which = (text: string): Result.Result<Which, string> => {
  if (text === "all") return Result.succeed("all")
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : 0
  return pid > 1 && pid < 2 ** 31
    ? Result.succeed(pid)
    : Result.fail(`--kill=${text}: say the ID of a session, as --list shows it, or all.`)
}

/** The options by which programs ask `mosh-server`. */
export const listOptions: ReadonlyArray<string> = ["--list", "--version"]
export const killOptions = ({ force, which }: Kill): ReadonlyArray<string> => [
  `--kill=${which}`,
  ...(force ? ["--force"] : []),
  "--version"
]

/** `server` is shell text that names the program. */
export const list = (server: string): string => piped(server, listOptions, LIST)

export const kill = (server: string, what: Kill): string => piped(server, killOptions(what), killScript(what))

const piped = (server: string, options: ReadonlyArray<string>, script: string): string =>
  `${server} ${options.map(quote).join(" ")} | sh -c ${quote(script)}`

/** POSIX's way to ask for this user's processes: number, parent, age, name. */
const PS = `ps -u "$(id -u)" -o pid= -o ppid= -o etime= -o comm=`

/** This user's processes that are called `mosh-server`, each run through `commands` as `$p`, with parent `$q` and age `$e`. */
const each = (commands: string): string =>
  `${PS} | while read p q e c; do case "\${c##*/}" in mosh-server) ${commands};; esac; done`

/** No answer at all when processes cannot be listed. */
const CAN_LIST = `${PS} >/dev/null || exit 3`

/** All of them. A session of stock mosh that still waits for its client has two, of which one is the other's child. */
const ALL = `a=" $(echo $(${each(`echo "$p"`)})) "`
const unlessChild = (commands: string): string => `case "$a" in *" $q "*) ;; *) ${commands};; esac`

const LIST = [
  `o=$(cat)`,
  `case "$o" in *"MOSH SESSIONS "*) printf "%s\\n" "$o"; exit 0;; esac`,
  CAN_LIST,
  `echo MOSH PROCESSES`,
  ALL,
  each(unlessChild(`echo "MOSH PROCESS $p $e"`))
].join("; ")

/**
 * Waits for their end up to 10 s; a second SIGTERM after 5 ends a session that waits for its client's answer. Of none is it
 * known whether its client is there, so without `force` all are spared.
 */
const killScript = ({ force, which }: Kill): string =>
  [
    `o=$(cat)`,
    `case "$o" in *"MOSH KILL "*) printf "%s\\n" "$o"; exit 0;; esac`,
    CAN_LIST,
    ALL,
    ...(which === "all" && !force ? [each(unlessChild(`echo "MOSH SPARED $p"`)), `echo MOSH KILL DONE`, `exit 0`] : []),
    `f() { ${each(unlessChild(`case ${which} in all|"$p") echo "$p";; esac`))}; }`,
    `l=$(f)`,
    `[ -z "$l" ] || kill $l`,
    `n=0`,
    `while [ "$n" -lt 10 ] && [ -n "$(f)" ]; do n=$((n+1)); [ "$n" = 6 ] && kill $(f) 2>/dev/null; sleep 1; done`,
    `s=" $(echo $(f)) "`,
    `for p in $l; do case "$s" in *" $p "*) echo "MOSH STAYS $p";; *) echo "MOSH ENDED $p";; esac; done`,
    `echo MOSH KILL DONE`
  ].join("; ")
