/**
 * Command lines of the three programs, and the words of shells. An input is a byte for the program, then words between
 * zeros.
 */
import * as Result from "effect/Result"
import * as ServerArguments from "../../../src/domain/arguments/ServerArguments.ts"
import * as ShellWords from "../../../src/domain/arguments/ShellWords.ts"
import * as SshCommand from "../../../src/domain/bootstrap/SshCommand.ts"
import * as WrapperArguments from "../../../src/domain/arguments/WrapperArguments.ts"
import type { PortRange } from "../../../src/domain/arguments/PortRange.ts"
import * as ClientArguments from "../../../src/domain/arguments/ClientArguments.ts"
import { law, type Target, texts } from "../target.ts"

type Words = ReadonlyArray<string>

const same = (a: Words, b: Words): boolean => a.length === b.length && a.every((word, i) => word === b[i])

const isPort = (port: number, least = 1): boolean => Number.isInteger(port) && port >= least && port <= 65535

const inRange = ({ high, low }: PortRange): boolean => isPort(low, 0) && isPort(high, 0) && low <= high

const wrapper = (words: Words): void => {
  const read = WrapperArguments.parse(words, { predictionDisplay: undefined })
  if (Result.isFailure(read)) return law(read.failure !== "", "a refusal without words")
  const asked = read.success
  if (asked._tag === "FakeProxy") return law(isPort(asked.port), "no port")
  if (asked._tag !== "Open" && asked._tag !== "Run") return
  const { place, ports } = asked.request
  law(ports === undefined || inRange(ports), "no range of ports")
  if (place._tag === "Local") return law(/^[\da-fA-F:.]+(%\w+)?$/.test(place.address), "no numeric address")
  law(place.destination !== "" && !place.destination.startsWith("-"), "ssh would take the host for an option")
  law(place.ssh.length > 0 && (place.sshPort === undefined || isPort(place.sshPort)), "no way to call ssh")
  const own = SshCommand.serverArguments(asked.request, 256, { LANG: words[0] })
  const said = ShellWords.split(SshCommand.serverCommand("mosh-server", own))
  law(Result.isSuccess(said) && same(said.success, ["mosh-server", ...own]), "a shell would read other words")
  const { bind, command } = asked.request
  // A server takes a word that is not an address for an option, as stock's does (spec 1.5).
  if (bind._tag === "Address" && bind.address.startsWith("-")) return
  const parsed = ServerArguments.parse(own)
  if (asked.request.attach !== undefined) {
    const { attach, mode } = asked.request
    return law(parsed._tag === "Attach" && parsed.which === attach.which && parsed.mode === mode, "another session")
  }
  const { session } = asked.request
  if (session !== undefined) {
    law(parsed._tag === "Session" && parsed.name === session, "a session of another name")
    return law(parsed._tag === "Session" && same(parsed.request.command, command), "our server would run another")
  }
  law(parsed._tag === "Start", "our own server would refuse")
  if (asked._tag === "Run") law(parsed.request.withoutTerminal, "our server would open a terminal")
  else law(same(parsed.request.command, command), "our server would run another")
}

const server = (words: Words): void => {
  const read = ServerArguments.parse(words)
  if (read._tag === "Refused") return law(read.complaints.length > 0, "a refusal without words")
  if (read._tag !== "Start") return
  law(inRange(read.request.ports), "no range of ports")
  law(Number.isInteger(read.request.colors), "an impossible number of colours")
  const end = words.indexOf("--")
  law(same(read.request.command, end < 0 ? [] : words.slice(end + 1)), "another command")
  ServerArguments.sshAddress(words[0])
}

const client = (words: Words): void => {
  const read = ClientArguments.parse(words)
  if (read._tag === "Connect") law(isPort(read.port), "no port")
}

const shell = (words: Words): void => {
  for (const write of [ShellWords.display, (all: Words) => all.map(ShellWords.quote).join(" ")]) {
    const read = ShellWords.split(write(words))
    law(Result.isSuccess(read) && same(read.success, words), "other words when quoted and split")
  }
  for (const word of words) ShellWords.split(word)
  SshCommand.goesThroughProxy(words.join("\n"))
}

const programs = [wrapper, server, client, shell]

const line = (program: number, ...words: Words): Uint8Array =>
  Buffer.from([String.fromCharCode(program), ...words].join("\0"))

const OPTIONS = [
  [
    "--ssh=ssh -p 2222",
    "--family",
    "prefer-inet6",
    "--predict",
    "always",
    "--no-init",
    "--port=60000:61000",
    "--server"
  ],
  [
    "-P",
    "22",
    "-p",
    "60001",
    "-4",
    "-6",
    "-a",
    "-n",
    "-o",
    "--local",
    "--bind-server=any",
    "--no-ssh-pty",
    "--fake-proxy"
  ],
  [
    "new",
    "-s",
    "-v",
    "-c",
    "256",
    "-l",
    "LANG=C.UTF-8",
    "-i",
    "::1",
    "-@",
    "-sv",
    "-p60001",
    "--help",
    "--version",
    "-#"
  ],
  ["user@host", "127.0.0.1", "--", "-", "--client=", "--pre", "--no", "--experimental-remote-ip", "remote", "22", "-x"],
  ["'", '"', "\\", "$(x)", "`x`", " ", "\n", "a'b", "+5", "99999999999999999999", "1e3", "proxyjump x"]
].flat()

export const commandLine: Target = {
  what: "command lines of mosh, mosh-client and mosh-server, and shell words",
  seeds: () => [
    line(0, "", "--ssh=ssh -i 'a b'", "-P", "2222", "-p", "60000:60010", "user@host", "--", "tmux", "new -A"),
    line(0, "", "--local", "--", "top", "-d", "1"),
    line(0, "", "--fake-proxy", "--family=inet6", "--", "host", "22"),
    line(1, "", "new", "-s", "-c", "256", "-l", "LANG=C.UTF-8", "-p", "60001:60010", "--", "sh", "-c", "x"),
    line(0, "", "--attach=work", "--view", "user@host"),
    line(0, "", "--session=work", "--detachable", "user@host", "--", "vim"),
    line(1, "", "session", "work", "new", "-@", "inside=work@host", "--", "vim"),
    line(1, "", "attach", "--share", "4711", "new", "-s", "-c", "256"),
    line(1, "", "127.0.0.1", "60001"),
    line(2, "", "-#", "mosh host", "192.0.2.1", "60001"),
    line(3, "", "it's", "", "two words", 'a "quote"')
  ],
  tokens: texts(...OPTIONS.flatMap((option) => [option, `\0${option}`])),
  maxLength: 1024,
  budget: 500,
  quick: 6000,
  run: (input) => {
    const words = Buffer.from(input.subarray(1)).toString().split("\0").slice(1)
    programs[(input[0] ?? 0) % programs.length]?.(words)
  }
}
