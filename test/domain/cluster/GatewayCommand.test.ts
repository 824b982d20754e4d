/**
 * A gateway understands the command lines of wrappers and apps, and never passes on what could change its machines.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { quote } from "../../../src/domain/arguments/ShellWords.ts"
import * as GatewayCommand from "../../../src/domain/cluster/GatewayCommand.ts"
import * as SessionIdentity from "../../../src/domain/cluster/SessionIdentity.ts"
import * as Messages from "../../../src/domain/cluster/SessionMessages.ts"

const Word = Schema.String.check(Schema.isMaxLength(20))

describe("a gateway's command", () => {
  it("is what stock's wrapper, our wrapper and apps send", () => {
    const environment = { TERM: "xterm-256color", LANG: "C.UTF-8" }
    const stock = "mosh-fleet session work 'new' '-c' '256' '-s' '-l' 'LANG=C.UTF-8' '--' 'ls' 'a'\\''b'"
    const open = { _tag: "Open", name: "work", request: { command: ["ls", "a'b"], environment } }
    expect(GatewayCommand.parse(stock)).toEqual({ ...open, expectsAddress: false })
    const report = `sh -c '[ -n "$SSH_CONNECTION" ] && printf "\\nMOSH SSH_CONNECTION %s\\n" "$SSH_CONNECTION"' ; `
    expect(GatewayCommand.parse(report + stock)).toEqual({ ...open, expectsAddress: true })
    for (const text of [
      "mosh-server new -s -c 256 -l LANG=C.UTF-8",
      "LANG=C.UTF-8 exec /usr/bin/mosh-server new -s -p 60001:60999 -c 256 -l LANG=C.UTF-8"
    ]) {
      expect(GatewayCommand.parse(text)).toEqual({
        _tag: "Open",
        name: "main",
        request: { command: [], environment },
        expectsAddress: false
      })
    }
    expect(GatewayCommand.parse("mosh-server attach --view work new -c 8")).toEqual({
      _tag: "Attach",
      name: "work",
      mode: "View",
      expectsAddress: false
    })
    expect(GatewayCommand.parse("mosh-fleet --list")).toEqual({ _tag: "List" })
    expect(GatewayCommand.parse("mosh-fleet --kill=work")).toEqual({ _tag: "End", name: "work" })
    for (const text of [
      "",
      "  ",
      "mosh-fleet",
      "sftp",
      "scp -t file",
      "mosh-fleet session all new",
      "mosh-fleet --kill=all",
      "'"
    ]) {
      expect(GatewayCommand.parse(text)._tag).toBe("Refused")
    }
    // Users of other programs read what this host is for.
    expect(GatewayCommand.parse("scp -t file")).toMatchObject({
      message: expect.stringContaining("mosh sessions only")
    })
    expect(GatewayCommand.parse("mosh-fleet new -p x")).toMatchObject({ message: expect.stringContaining("port") })
    expect(GatewayCommand.parse(`mosh-fleet new ${"x".repeat(GatewayCommand.LONGEST)}`)._tag).toBe("Refused")
  })

  it.prop(
    "has every word of the user's command, and only variables of the locale",
    [Schema.Array(Word).check(Schema.isMaxLength(8)), Schema.Array(Word).check(Schema.isMaxLength(8))],
    ([command, locale]) => {
      const variables = locale.concat("LD_PRELOAD=/tmp/evil.so", "TERM=evil", "LC_=x").flatMap((text) => ["-l", text])
      const words = ["mosh-fleet", "session", "work", "new", "-c", "8", ...variables, "--", ...command]
      const parsed = GatewayCommand.parse(words.map(quote).join(" "))
      if (parsed._tag !== "Open") return expect.unreachable(JSON.stringify(parsed))
      expect(parsed.request.command).toEqual(command)
      expect(parsed.request.environment["TERM"]).toBe("xterm")
      expect(
        Object.keys(parsed.request.environment).filter((name) => !/^(TERM|LANG|LANGUAGE|LC_[A-Z]+)$/.test(name))
      ).toEqual([])
    }
  )

  it.prop("is refused, or within the bounds of a request, for any text", [Schema.String], ([text]) => {
    for (const each of [text, `mosh-fleet ${text}`, `mosh-fleet session ${text}`, `mosh-fleet attach ${text}`]) {
      const parsed = GatewayCommand.parse(each)
      if (parsed._tag === "Open") expect(Schema.is(Messages.Request)(parsed.request)).toBe(true)
      if ("name" in parsed) expect(SessionIdentity.isValid({ owner: "ada", name: parsed.name })).toBe(true)
    }
  })
})
