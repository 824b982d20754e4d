/**
 * Parses the command line of `mosh -T`, which programs write as they write ssh's: `rsync -e "mosh -T"`, `scp -S mosh`,
 * `sftp -S mosh`, `GIT_SSH_COMMAND="mosh -T"`.
 *
 * Short options have ssh's meaning (ssh(1)); most are passed to the ssh that logs in. Long options are mosh's own, which
 * ssh has none of, with their value after `=`. Options end at `--`, and where the command begins; as with ssh, they may stand
 * before the host and after it.
 */
import * as Result from "effect/Result"
import type { CommandRequest } from "../command/CommandRequest.ts"
import * as ForwardSpec from "../forwarding/ForwardSpec.ts"

/** A command line, split into what mosh, ssh and the server need. */
export interface SshCommandLine {
  /** mosh's own options. */
  readonly mosh: ReadonlyArray<string>
  /** The options for the ssh that logs in. */
  readonly ssh: ReadonlyArray<string>
  /** `[user@]host`; `undefined` with `--local`. */
  readonly destination: string | undefined
  readonly what: CommandRequest["what"]
  /** The command as ssh sends it: its words joined by blanks, for the user's shell. Or the subsystem's name. */
  readonly text: string
  /** Whether the command reads this process's input; otherwise its input is empty. */
  readonly readsInput: boolean
  /** Whether there is no command (`-N`): the session forwards until it is ended. */
  readonly forwardsOnly: boolean
  /** What to forward, in the order of the options. */
  readonly forwards: ReadonlyArray<ForwardSpec.ForwardSpec>
  /** Whether the command may use this machine's agent (`-A`, `-a`); `undefined`: as ssh's configuration has it. */
  readonly agent: boolean | undefined
  /** Whether only ssh's settings for the host are asked for: git tells by this which options an ssh understands. */
  readonly isSettingsQuery: boolean
}

/** Options of ssh that are passed to it. */
const PASSED = "46CgKkqvx"
const PASSED_WITH_VALUE = "BbcEFIiJlmop"
/** Options of ssh that are the default here, or mean nothing without a terminal. */
const IGNORED = "Ty"
const IGNORED_WITH_VALUE = "e"
/** Options of ssh that are not possible here: without a value, and with one. */
const REFUSED_FLAGS = "fMtXYV"
const REFUSED = `${REFUSED_FLAGS}OPQSWw`

/**
 * Whether a command line is one of ssh's. Its options before the host show that: `-T`; `-N` with a forwarding or in one word with
 * other letters; or as the first one beside mosh's long options, what scp (`-x`) and sftp (`-oNAME…`) write. None of these is an
 * option of stock mosh, which takes a lone `-N` for `-n`. `takesNext`: whether the argument after a long option is its value, as
 * in `--server -x`.
 */
export const isSshCommandLine = (
  line: ReadonlyArray<string>,
  takesNext: (argument: string) => boolean = () => false
): boolean => {
  const first = line.findIndex((argument) => !isOwn(argument))
  if (first < 0 || line.slice(0, first).some(takesNext)) return false
  return /^-(T|x$|o[A-Z])/.test(line[first] ?? "") || namesTask(line.slice(first))
}

/** Whether options that begin like ssh's contain its `-T`, or its `-N`. */
const namesTask = (line: ReadonlyArray<string>): boolean => {
  let forwards = false
  let isLoneN = false
  for (let at = 0; at < line.length; at++) {
    const argument = line[at] ?? ""
    if (isOwn(argument)) continue
    const [, flags = "", valued = "", value = ""] = SHAPE.exec(argument) ?? []
    if (flags + valued === "") break
    if (flags.includes("T") || (flags.includes("N") && argument.length > 2)) return true
    if (flags === "N") isLoneN = true
    if ("LRD".includes(valued) && valued !== "") forwards = true
    if (valued !== "" && value === "") at++
  }
  return isLoneN && forwards
}

/** A word of options: letters without a value, then one with a value, which may follow as a word of its own. */
const SHAPE = new RegExp(`^-([${PASSED}${REFUSED_FLAGS}${IGNORED}NnsGAa]*)(?:([LRD${PASSED_WITH_VALUE}])(.*))?$`)

/** A long option. `--` alone ends the options. */
const isOwn = (argument: string): boolean => argument.startsWith("--") && argument.length > 2

/** Parses a command line. A failure is one sentence for the user. */
export const parse = (line: ReadonlyArray<string>): Result.Result<SshCommandLine, string> => {
  const mosh: Array<string> = []
  const ssh: Array<string> = []
  let destination: string | undefined
  let isSubsystem = false
  let readsInput = true
  let forwardsOnly = false
  const forwards: Array<ForwardSpec.ForwardSpec> = []
  let isSettingsQuery = false
  let agent: boolean | undefined
  let at = 0
  for (; at < line.length; at++) {
    const argument = line[at] ?? ""
    if (argument === "--") {
      at++
      // Nothing after it is an option, but the first may be the host.
      if (destination === undefined && !isLocal(mosh)) destination = line[at++]
      break
    }
    if (isOwn(argument)) {
      mosh.push(argument)
      continue
    }
    if (argument.length < 2 || !argument.startsWith("-")) {
      if (destination !== undefined || isLocal(mosh)) break
      destination = argument
      continue
    }
    for (let i = 1; i < argument.length; i++) {
      const letter = argument[i] ?? ""
      if (REFUSED.includes(letter)) return Result.fail(refusal(letter))
      if (letter === "n") readsInput = false
      else if (letter === "N") forwardsOnly = true
      else if (letter === "s") isSubsystem = true
      else if (letter === "A" || letter === "a") agent = letter === "A"
      else if (letter === "G") isSettingsQuery = true
      else if (PASSED.includes(letter)) ssh.push(`-${letter}`)
      else if (takesValue(letter)) {
        const attached = argument.slice(i + 1)
        const value = attached === "" ? line[++at] : attached
        if (value === undefined) return Result.fail(`The option -${letter} needs a value.`)
        if (PASSED_WITH_VALUE.includes(letter)) ssh.push(`-${letter}`, value)
        const flag = ForwardSpec.FLAGS.find((known) => known === letter)
        const forward = flag === undefined ? undefined : ForwardSpec.parse(flag, value)
        if (forward !== undefined && Result.isFailure(forward)) return Result.fail(forward.failure)
        if (forward !== undefined) forwards.push(forward.success)
        break
      } else if (!IGNORED.includes(letter)) {
        return Result.fail(`ssh has no option -${letter}, and after -T single letters have ssh's meaning.`)
      }
    }
  }
  const words = line.slice(at)
  const text = words.join(" ")
  if (forwardsOnly && (isSubsystem || words.length > 0)) return Result.fail("-N runs no command, so none may be given.")
  if (isSubsystem && words.length === 0) return Result.fail("Which subsystem? Usage: mosh -T -s [user@]host sftp")
  const what = isSubsystem ? "subsystem" : words.length === 0 ? "shell" : "command"
  return Result.succeed({
    mosh,
    ssh,
    destination,
    what,
    text,
    readsInput,
    forwardsOnly,
    forwards,
    agent,
    isSettingsQuery
  })
}

const takesValue = (letter: string): boolean =>
  PASSED_WITH_VALUE.includes(letter) || IGNORED_WITH_VALUE.includes(letter) || "LRD".includes(letter)

const isLocal = (mosh: ReadonlyArray<string>): boolean => mosh.includes("--local")

/** Why an option of ssh is not possible, and what to do instead. */
const refusal = (letter: string): string =>
  letter === "t"
    ? "-T and -t contradict each other: mosh without -T gives the command a terminal."
    : `mosh -T has no option -${letter}: use ssh for it.`
