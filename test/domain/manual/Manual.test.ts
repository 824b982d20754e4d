/**
 * Texts made from the definitions of options: `--help`, man pages, and completions for bash, zsh and fish.
 */
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest"
import { execFileSync, spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Manuals from "../../../scripts/manuals.ts"
import * as HelpText from "../../../src/domain/manual/HelpText.ts"
import * as Manual from "../../../src/domain/manual/Manual.ts"
import * as MoshClientManual from "../../../src/domain/manual/MoshClientManual.ts"
import * as MoshManual from "../../../src/domain/manual/MoshManual.ts"
import * as MoshServerManual from "../../../src/domain/manual/MoshServerManual.ts"
import { quoted } from "../../support/peers-shell.ts"
import { Workshop } from "../../programs/mosh/workshop.ts"

const manuals = [MoshManual.manual, MoshClientManual.manual, MoshServerManual.manual]
const made = Manuals.files("1.2.3")
const file = (path: string): string => made.get(path) ?? ""

/** These programs are optional in CI, too: without them there is less to test. */
const skipWithout = (context: TestContext, program: string, ...probe: ReadonlyArray<string>): void => {
  if (spawnSync(program, probe, { stdio: "ignore" }).error === undefined) return
  console.warn(`not installed: ${program}; its tests are skipped`)
  context.skip(`${program} is not installed`)
}

describe.each(manuals)("the manual of $name", (manual) => {
  it("lists every option in --help, in 80 columns", () => {
    const help = HelpText.render(manual)
    for (const option of Manual.documented(manual)) expect(help).toContain(`${Manual.heading(option)}`)
    expect(Math.max(...help.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(help.startsWith(`Usage: ${manual.name} `)).toBe(true)
  })

  it("is a complete man page without warnings of groff", (context) => {
    skipWithout(context, "groff", "--version")
    const ran = spawnSync("groff", ["-man", "-Tutf8", "-P-cbou", "-rLL=200n", "-ww"], {
      input: file(`man/${manual.name}.1`),
      encoding: "utf8"
    })
    expect(ran).toMatchObject({ status: 0, stderr: "" })
    const words = (text: string) => text.replaceAll(/\s+/g, " ")
    const page = words(ran.stdout)
    expect(page).toContain("effect-mosh 1.2.3")
    expect(page).toContain(`NAME ${manual.name} - ${manual.summary}`)
    for (const option of Manual.documented(manual)) {
      expect(page).toContain(words(`${Manual.heading(option)} ${option.meaning}.`))
    }
    for (const { meaning, term } of [
      ...manual.examples,
      ...manual.sections.flatMap(({ entries = [], title }) => [{ term: title.toUpperCase(), meaning: "" }, ...entries])
    ]) {
      expect(page).toContain(words(`${term} ${meaning}`).trim())
    }
  })

  it("is what the shells complete from", () => {
    for (const spelling of Manual.documented(manual).flatMap(Manual.spellings)) {
      expect(file(`completions/bash/${manual.name}`)).toContain(spelling)
      expect(file("completions/zsh/_mosh")).toContain(spelling)
      const name = spelling.replace(/^-+/, "")
      expect(file(`completions/fish/${manual.name}.fish`)).toMatch(new RegExp(`-[ls] '?${name}'? `))
    }
  })
})

describe("completion", () => {
  let workshop: Workshop
  beforeAll(() => {
    workshop = new Workshop()
    for (const [path, text] of made) {
      Fs.mkdirSync(Path.dirname(workshop.path(path)), { recursive: true })
      Fs.writeFileSync(workshop.path(path), text)
    }
    Fs.mkdirSync(workshop.path(".ssh"))
    Fs.writeFileSync(workshop.path(".ssh/config"), "Host zalpha zbeta *.zx\n  HostName 192.0.2.1\n\thost zgamma\n")
    Fs.writeFileSync(
      workshop.path(".ssh/known_hosts"),
      "|1|abc= ssh-rsa A\n[zdelta.example]:2222,192.0.2.9 ssh-rsa A\n@revoked zrevoked ssh-rsa A\n"
    )
  })
  afterAll(() => {
    workshop[Symbol.dispose]()
  })

  const environment = () => ({ PATH: process.env["PATH"], HOME: workshop.directory, LANG: "C.UTF-8" })

  it.each<[string, ReadonlyArray<string>, ReadonlyArray<string>]>([
    ["bash cuts no option short", ["--pre"], ["--predict=", "--predict-overwrite"]],
    ["bash knows values", ["--predict", "=", "a"], ["adaptive", "always"]],
    ["bash knows values apart", ["--family", "pre"], ["prefer-inet", "prefer-inet6"]],
    ["bash knows hosts", ["z"], ["zalpha", "zbeta", "zgamma", "zdelta.example"]],
    ["bash knows hosts after a user", ["me@zd"], ["me@zdelta.example"]],
    ["bash passes over values", ["-p", "5", "--port", "=", "6", "zg"], ["zgamma"]],
    ["bash offers nothing for a port", ["-p", ""], []],
    ["bash offers options after the host", ["zalpha", "--fam"], ["--family="]],
    ["bash offers commands after the host", ["zalpha", "--", "printen"], ["printenv"]],
    ["bash takes no value for a host", ["--verbose", "=", "x", "zal"], ["zalpha"]]
  ])("%s", (_what, line, offered) => {
    const words = ["mosh", ...line].map(quoted).join(" ")
    const script = `source completions/bash/mosh; COMP_WORDS=(${words}); COMP_CWORD=${line.length}; _mosh
      printf '%s\\n' "\${COMPREPLY[@]}"`
    const said = execFileSync("bash", ["--norc", "-c", script], {
      cwd: workshop.directory,
      env: environment(),
      encoding: "utf8"
    })
    expect([...new Set(said.split("\n").filter((text) => text !== ""))]).toEqual(offered)
  })

  it("bash completes mosh-server's first word, and no later one", () => {
    const script = `source completions/bash/mosh-server
      for COMP_CWORD in 1 2; do COMP_WORDS=(mosh-server n n); _mosh_server; echo "$COMP_CWORD:\${COMPREPLY[*]}"; done`
    const said = execFileSync("bash", ["--norc", "-c", script], {
      cwd: workshop.directory,
      env: environment(),
      encoding: "utf8"
    })
    expect(said).toBe("1:new\n2:\n")
  })

  it("fish offers options, values, hosts and commands", (context) => {
    skipWithout(context, "fish", "--version")
    const lines = [
      "mosh --pre",
      "mosh --family=pre",
      "mosh -p 5 zg",
      "mosh me@zd",
      "mosh zalpha printen",
      "mosh-server -",
      "mosh-server n"
    ]
    const script = ["mosh", "mosh-server"].map((name) => `source completions/fish/${name}.fish`)
    const ask = lines.map((line) => `echo '== ${line}'; complete -C ${quoted(line)}`)
    const said = execFileSync("fish", ["--no-config", "-c", [...script, ...ask].join("\n")], {
      cwd: workshop.directory,
      env: environment(),
      encoding: "utf8"
    })
    const offered = (line: string) => {
      const [, after = ""] = said.split(`== ${line}\n`)
      return (after.split("\n==")[0] ?? "").split("\n").map((text) => text.split("\t")[0])
    }
    expect(offered("mosh --pre")).toEqual(["--predict", "--predict-overwrite"])
    expect(offered("mosh --family=pre")).toEqual(["--family=prefer-inet", "--family=prefer-inet6"])
    expect(offered("mosh -p 5 zg")).toEqual(["zgamma"])
    expect(offered("mosh me@zd")).toEqual(["me@zdelta.example"])
    expect(offered("mosh zalpha printen")).toContain("printenv")
    expect(offered("mosh-server -")).toContain("-p")
    expect(offered("mosh-server n")).toEqual(["new", ""])
  })

  it("zsh offers options, values and hosts", (context) => {
    skipWithout(context, "zsh", "--version")
    // What a user sees after Tab; the line is cleared before the next one.
    const script = `
      zmodload zsh/zpty; zpty -b z zsh -f -i
      see() { local o all=; local -F end=$((SECONDS + 10))
        while (( SECONDS < end )) && [[ $all != *$1* ]]; do zpty -rt z o && all+=$o || sleep 0.02; done
        [[ $all == *$1* ]] && print "seen $1" || print -r -- "not seen $1: $all" }
      zpty -w z "PS1='%% '; stty cols 200; fpath=($PWD/completions/zsh \\$fpath); autoload -Uz compinit; compinit -u -D; print REA''DY"
      see READY
      for line in '--pre:--predict' '--predict=ex:experimental' 'zal:zalpha' 'me@zd:zdelta.example' '-p 5 zga:zgamma'; do
        zpty -n -w z "mosh \${line%:*}"$'\\t'; see \${line##*:}; zpty -n -w z $'\\x15'
      done
      zpty -n -w z "mosh-server n"$'\\t'; see "mosh-server new"`
    const said = execFileSync("zsh", ["-f", "-c", `typeset -F SECONDS\n${script}`], {
      cwd: workshop.directory,
      env: { ...environment(), TERM: "xterm" },
      encoding: "utf8"
    })
    expect(said.trim().split("\n")).toEqual(
      ["READY", "--predict", "experimental", "zalpha", "zdelta.example", "zgamma", "mosh-server new"].map(
        (what) => `seen ${what}`
      )
    )
  })
})
