/**
 * Generates bash's completion of a program's arguments. Needs bash alone: no
 * bash-completion package.
 */
import * as Manual from "./Manual.ts"

export const render = (manual: Manual.Manual): string => {
  const { name } = manual
  const me = `_${name.replaceAll("-", "_")}`
  const options = Manual.documented(manual)
  const withValue = options.filter(({ kind }) => kind === "value")
  return `# What bash offers after ${name}. Made from the definitions that its --help is made from.

${me}() {
  local current=\${COMP_WORDS[COMP_CWORD]} before= word at hosts=0 rest=0
  COMPREPLY=()
  (( COMP_CWORD > 0 )) && before=\${COMP_WORDS[COMP_CWORD-1]}
  # bash takes --option=value for three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for (( at = 1; at < COMP_CWORD; at++ )); do
    word=\${COMP_WORDS[at]}
    if (( hosts > 0 )); then
      [[ $word == -* ]] || rest=1
      [[ $word == -- ]] && rest=1
      continue
    fi
    case $word in
      --|=) ;;
      ${cases(withValue.flatMap(Manual.spellings))}) [[ \${COMP_WORDS[at+1]} == = ]] && (( at++ )); (( at++ )) ;;
      -*) [[ \${COMP_WORDS[at+1]} == = ]] && (( at += 2 )) ;;
      *) (( hosts++ )) ;;
    esac
  done
  if (( ! rest )); then
    case $before in
${options.flatMap(value).join("\n")}
    esac
    if [[ $current == -* ]]; then
      mapfile -t COMPREPLY < <(compgen -W '${options.flatMap(offered).join(" ")}' -- "$current")
      [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2> /dev/null
      return
    fi
  fi
${manual.operand === "host" ? hosts(me) : firstWords(manual)}
}
${manual.operand === "host" ? knownHosts(me) : ""}
complete -F ${me} ${name}
`
}

const cases = (words: ReadonlyArray<string>): string => (words.length === 0 ? "''" : words.join("|"))

/** A long option that needs a value is offered with its equals sign. */
const offered = (option: Manual.Option): ReadonlyArray<string> =>
  Manual.spellings(option).map((spelling) =>
    spelling.startsWith("--") && option.kind === "value" ? `${spelling}=` : spelling
  )

const value = (option: Manual.Option): ReadonlyArray<string> => {
  if (option.kind !== "value" && option.completes === undefined) return []
  const reply = option.words !== undefined ? `-W '${option.words.join(" ")}'` : ACTIONS[option.completes ?? "none"]
  return [
    `      ${Manual.spellings(option).join("|")})`,
    ...(reply === undefined ? [] : [`        mapfile -t COMPREPLY < <(compgen ${reply} -- "$current")`]),
    ...(option.kind === "optional"
      ? [
          `        [[ \${COMP_WORDS[COMP_CWORD]} == = || \${COMP_WORDS[COMP_CWORD-1]} == = ]] && return`,
          "        COMPREPLY=() ;;"
        ]
      : ["        return ;;"])
  ]
}

const ACTIONS: Readonly<Record<string, string>> = { command: "-c", file: "-f" }

const firstWords = ({ firstWords = [] }: Manual.Manual): string =>
  `  (( COMP_CWORD == 1 )) && mapfile -t COMPREPLY < <(compgen -W '${firstWords.join(" ")}' -- "$current")
  return 0`

const hosts = (me: string): string => `  if (( hosts == 0 )); then
    local user=
    [[ $current == *@* ]] && user=\${current%%@*}@
    mapfile -t COMPREPLY < <(compgen -P "$user" -W "$(${me}_hosts)" -- "\${current#"$user"}")
  elif (( hosts > 0 )); then
    mapfile -t COMPREPLY < <(compgen -c -- "$current"; compgen -f -- "$current")
  fi`

/** The names that ssh knows: aliases, and hosts that were visited before. */
const knownHosts = (me: string): string => `
${me}_hosts() {
  local file word words
  for file in ~/.ssh/config ~/.ssh/config.d/* /etc/ssh/ssh_config; do
    [[ -f $file && -r $file ]] || continue
    while read -r -a words; do
      [[ \${words[0],,} == host ]] || continue
      for word in "\${words[@]:1}"; do
        [[ $word == *[*?!]* ]] || printf '%s\\n' "$word"
      done
    done < "$file"
  done
  for file in ~/.ssh/known_hosts /etc/ssh/ssh_known_hosts; do
    [[ -f $file && -r $file ]] || continue
    while read -r -a words; do
      # Hashed names tell nothing, and marked lines tell of certificates.
      [[ \${words[0]} == [\\|@#]* ]] && continue
      IFS=, read -r -a words <<< "\${words[0]}"
      for word in "\${words[@]}"; do
        word=\${word#[}
        printf '%s\\n' "\${word%%]*}"
      done
    done < "$file"
  done
}
`
