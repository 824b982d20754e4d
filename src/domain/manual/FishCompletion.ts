/**
 * Generates fish's completion of a program's arguments. Hosts are those that fish knows from ssh.
 */
import * as Manual from "./Manual.ts"

export const render = (manual: Manual.Manual): string =>
  [
    `# What fish offers after ${manual.name}. Made from the definitions that its --help is made from.`,
    `complete -c ${manual.name} -f`,
    ...Manual.documented(manual).map((option) => `complete -c ${manual.name} ${words(option).join(" ")}`),
    ...(manual.operand === "host" ? hosts(manual) : []),
    ...(manual.firstWords ?? []).map(
      (word) => `complete -c ${manual.name} -n 'test (count (commandline -opc)) -eq 1' -a ${word}`
    ),
    ""
  ].join("\n")

/** Tests whether a host precedes the cursor: fish does not know which options take the next word. */
const hosts = (manual: Manual.Manual): ReadonlyArray<string> => {
  const named = `__fish_${manual.name}_host_named`
  const valued = Manual.documented(manual).filter(({ kind }) => kind === "value")
  return [
    `function ${named}`,
    "    set -l skip 0",
    "    for word in (commandline -opc)[2..-1]",
    "        if test $skip -eq 1",
    "            set skip 0",
    "            continue",
    "        end",
    "        switch $word",
    `            case ${valued.flatMap(Manual.spellings).join(" ")}`,
    "                set skip 1",
    "            case '-*'",
    "            case '*'",
    "                return 0",
    "        end",
    "    end",
    "    return 1",
    "end",
    `complete -c ${manual.name} -n 'not ${named}' -a '(__fish_complete_user_at_hosts)'`,
    `complete -c ${manual.name} -n ${named} -a '(__fish_complete_command)'`
  ]
}

const words = (option: Manual.Option): ReadonlyArray<string> => [
  ...Manual.spellings(option).map((spelling) =>
    spelling.startsWith("--") ? `-l ${spelling.slice(2)}` : `-s ${quote(spelling.slice(1))}`
  ),
  ...(option.kind === "value" ? ["-x"] : []),
  ...(option.words === undefined ? [] : ["-a", quote(option.words.join(" "))]),
  ...(option.completes === undefined ? [] : ["-a", ACTIONS[option.completes]]),
  "-d",
  quote(option.meaning)
]

const ACTIONS = { command: "'(__fish_complete_command)'", file: "'(__fish_complete_path)'" }

const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`
