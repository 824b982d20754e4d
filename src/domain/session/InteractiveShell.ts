/**
 * Whether a shell was started to prompt for commands, and not to run a script, by its command line.
 *
 * A script may read a name and then a password by the same call, so where it waits does not distinguish them.
 */

/** Options whose value is the next argument, of bash, zsh and fish; of a cluster of letters, the last one counts. */
const VALUED = /^(?:--(?:rcfile|init-file|init-command)|[-+][A-Za-z]*[oOC])$/
/** A cluster with `c`, which runs a command. fish also has a long name for it. */
const COMMAND = /^(?:[-+][A-Za-z]*c|--command(?:=|$))/

/** Whether a shell with these arguments, after its name, prompts for commands. What is not understood counts as a script. */
export const prompts = (arguments_: ReadonlyArray<string>): boolean => {
  for (let at = 0; at < arguments_.length; at++) {
    const argument = arguments_[at] as string
    if (!/^[-+]./.test(argument) || argument === "--" || COMMAND.test(argument)) return false
    if (VALUED.test(argument)) at++
  }
  return true
}
