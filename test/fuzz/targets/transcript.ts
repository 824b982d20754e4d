/**
 * The output of ssh while it starts a server: lines from an untrusted machine.
 *
 * An input is a byte with the options, then lines.
 */
import * as Result from "effect/Result"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import type { BootstrapError } from "../../../src/domain/bootstrap/BootstrapError.ts"
import * as PlainTextRenderer from "../../../src/domain/bootstrap/BootstrapTranscript.ts"
import { reader } from "../reader.ts"
import { law, type Target, texts } from "../target.ts"

const KEY = "AAECAwQFBgcICQoLDA0ODw"
const LINES = 50
const LENGTH = 300

const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/

const toldPlainly = (error: BootstrapError): void => {
  const lines = error.message.split("\n")
  law(lines.length >= 1 && lines.length <= 3, "an error of no line, or of more than three")
  law(!CONTROLS.test(error.message), "a stranger's control characters in a message of ours")
  law(error.message.length <= 2000, "an endless message")
}

export const transcript: Target = {
  what: "lines that ssh lets through, the CONNECT line among them",
  seeds: () =>
    texts(
      `\0MOSH IP 192.0.2.1\nWelcome!\r\n\r\nMOSH CONNECT 60001 ${KEY}\n`,
      `\x01\r\nMOSH SSH_CONNECTION 192.0.2.7 50000 192.0.2.1 22\r\nMOSH CONNECT 60001 ${KEY}\r\n`,
      "\x02MOSH IP ::1\nMOSH IP ::2\n",
      "\x03bash: line 1: mosh-server: command not found\n",
      "\x04mosh-server needs a UTF-8 locale to run.\n",
      "\x05mosh-server: Bad UDP port range (60000:61000)\n",
      "\x06bind(): Address already in use\n",
      `\x07MOSH CONNECT 99999 ${KEY}\nMOSH CONNECT 60001 short\n`
    ),
  tokens: texts(
    "MOSH CONNECT ",
    "MOSH IP ",
    "MOSH SSH_CONNECTION ",
    KEY,
    " 60001 ",
    "0",
    "\n",
    "\r\n",
    " ",
    "::1",
    "192.0.2.1",
    "1 2 3 4",
    "mosh-server",
    "not found",
    "Bad UDP port",
    "UDP port: address already in use",
    "mosh-server needs a UTF-8",
    "\x1b]0;x\x07",
    "\u009b2J",
    "x".repeat(400)
  ),
  maxLength: 4096,
  budget: 500,
  quick: 4000,
  run: (input) => {
    const { byte, rest } = reader(input)
    const circumstances = byte()
    const flag = (bit: number): boolean => (circumstances & (1 << bit)) !== 0
    let heard = PlainTextRenderer.begin({
      destination: flag(0) ? "host" : null,
      server: flag(1) ? "env X=1 /opt/mosh-server" : "mosh-server",
      askedForRange: flag(2),
      address: flag(3) ? "192.0.2.9" : undefined
    })
    for (const line of Buffer.from(rest()).toString().split("\n")) {
      const progress = PlainTextRenderer.readLine(heard, line)
      if (progress._tag === "Ended") {
        if (Result.isFailure(progress.result)) return toldPlainly(progress.result.failure)
        const { address, key, port } = progress.result.success
        law(Result.isSuccess(SessionKey.parse(key)) || key.length === SessionKey.CHARACTERS, "no key")
        law(Number.isInteger(port) && port >= 1 && port <= 65535, "no port")
        law(address !== "" && !/\s/.test(address) && !CONTROLS.test(address), "no address")
        return
      }
      heard = progress.transcript
      law(heard.lines.length <= LINES, "too many lines are kept")
      law(
        heard.lines.every((kept) => kept.length <= LENGTH),
        "lines too long are kept"
      )
      law(heard.address === undefined || heard.address.length <= LENGTH, "an address too long is kept")
    }
    const code = flag(4) ? (flag(5) ? 255 : 127) : 1
    toldPlainly(
      PlainTextRenderer.diagnose(heard, flag(6) ? { code: undefined, signal: "SIGKILL" } : { code, signal: undefined })
    )
  }
}
