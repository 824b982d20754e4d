/**
 * The shell commands that list or end a user's sessions on a host, for any login shell.
 *
 * effect-mosh's `mosh-server` answers them. Stock's treats `--version` at any place as the only request, prints its
 * version and starts nothing. Then, and if there is no `mosh-server`, a shell script inspects the user's processes
 * instead.
 */
import * as Result from "effect/Result"
import { quote } from "../arguments/ShellWords.ts"
import { plain } from "../session/PlainText.ts"
import * as SessionName from "./SessionName.ts"
import type { Listed } from "./SessionRecord.ts"

/** Which sessions to end: one, by its name or process id, or `all` of this user's, which is no session's name. */
export type Which = SessionName.Selector

/**
 * Which sessions to end. Without `force`, `all` spares sessions that have a client, or do not report whether they do.
 */
export interface Kill {
  readonly which: Which
  readonly force: boolean
}

/** Whether `kill` spares a session. A stock session, and one that does not answer, may have a client. */
export const isSpared = ({ force, which }: Kill, { details }: Listed): boolean =>
  which === "all" && !force && (details._tag !== "Told" || details.told.attached)

/** Maximum length of a refused argument in a message. */
const LONGEST = 100

/** Parses the argument of `--kill`. A failure is a sentence for the user. */
export const which = (text: string): Result.Result<Which, string> => {
  const selected = text === "all" ? text : SessionName.selector(text)
  return selected === undefined
    ? Result.fail(`--kill=${plain(text, LONGEST)}: use the name or the ID of a session, as --list shows them, or all.`)
    : Result.succeed(selected)
}

/** The `mosh-server` options that request the list. */
export const listOptions: ReadonlyArray<string> = ["--list", "--version"]
/** The `mosh-server` options that request the end of sessions. */
export const killOptions = ({ force, which }: Kill): ReadonlyArray<string> => [
  `--kill=${which}`,
  ...(force ? ["--force"] : []),
  "--version"
]

/** The shell command that lists sessions. `server` is shell text that names the program. */
export const list = (server: string): string => piped(server, listOptions, LIST)

/** The shell command that ends sessions. `server` is shell text that names the program. */
export const kill = (server: string, what: Kill): string => piped(server, killOptions(what), killScript(what))

const piped = (server: string, options: ReadonlyArray<string>, script: string): string =>
  `${server} ${options.map(quote).join(" ")} | sh -c ${quote(script)}`

/** POSIX's listing of this user's processes: id, parent, elapsed time, name. */
const PS = `ps -u "$(id -u)" -o pid= -o ppid= -o etime= -o comm=`

/** Runs `commands` for each `mosh-server` process of this user, with id `$p`, parent `$q` and elapsed time `$e`. */
const each = (commands: string): string =>
  `${PS} | while read p q e c; do case "\${c##*/}" in mosh-server) ${commands};; esac; done`

/** Exits without output if processes cannot be listed. */
const CAN_LIST = `${PS} >/dev/null || exit 3`

/**
 * The ids of all `mosh-server` processes. A stock session that still waits for its client has two: a parent and its
 * child, which is skipped.
 */
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
 * A name selects nothing, because processes show none. Waits up to 10 s for the sessions to end. A second SIGTERM after 5 s ends a session that still waits for its client's
 * acknowledgement. The script cannot know whether a session has a client, so without `force`, `all` spares every
 * session.
 */
const killScript = ({ force, which }: Kill): string =>
  [
    `o=$(cat)`,
    `case "$o" in *"MOSH KILL "*) printf "%s\\n" "$o"; exit 0;; esac`,
    CAN_LIST,
    `echo MOSH PROCESSES`,
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
