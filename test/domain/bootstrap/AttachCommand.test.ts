import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as ShellWords from "../../../src/domain/arguments/ShellWords.ts"
import * as WrapperArguments from "../../../src/domain/arguments/WrapperArguments.ts"
import { attachCommand } from "../../../src/domain/bootstrap/AttachCommand.ts"

const request = (line: ReadonlyArray<string>): WrapperArguments.SessionRequest => {
  const read = Result.getOrThrow(WrapperArguments.parse(line, { predictionDisplay: undefined }))
  if (read._tag !== "Open") throw new Error("no session")
  return read.request
}

describe("attachCommand", () => {
  it.each([
    ["user@host"],
    ["host", "--", "tmux", "new -A"],
    ["--ssh=ssh -o 'ProxyJump a b'", "-P", "2222", "--no-ssh-pty", "--experimental-remote-ip=remote", "host"],
    ["--server=env X=1 mosh-server", "-p", "60000:60010", "--bind-server=any", "-6", "user@host"],
    ["--bind-server=192.0.2.1", "host"],
    ["-A", "-L", "8080:localhost:80", "-R", "0:/run/here", "-D", "[::1]:1080", "host"],
    ["--no-forwarding", "host"],
    ["--local"],
    ["--local", "::1"]
  ])("reaches the session as %j did", (...line) => {
    const asked = request(line)
    for (const which of [undefined, "work", 4711]) {
      const [program, ...words] = Result.getOrThrow(ShellWords.split(attachCommand(asked, which)))
      expect(program).toBe("mosh")
      expect(request(words)).toMatchObject({ ...asked, command: [], attach: { which } })
    }
  })

  it("is short where the host is all that was given", () => {
    expect(attachCommand(request(["me@example.org", "--", "vim"]), 4711)).toBe("mosh --attach=4711 me@example.org")
  })
})
