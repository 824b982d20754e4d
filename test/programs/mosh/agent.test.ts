/**
 * `mosh -A`: programs of a session and commands without a terminal sign with the keys of a real agent.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { execFileSync, spawn } from "node:child_process"
import * as Fs from "node:fs"
import { endWithUs } from "../../support/leftovers.ts"
import { program, requirePrograms, startServer } from "../../support/peers.ts"
import { mosh, start, Workshop } from "./workshop.ts"

describe("mosh -A", () => {
  let workshop: Workshop
  let environment: Record<string, string>
  beforeAll(async () => {
    workshop = new Workshop()
    environment = {
      SHELL: "/bin/sh",
      SSH_AUTH_SOCK: workshop.path("agent"),
      XDG_STATE_HOME: workshop.path("state")
    }
    Fs.mkdirSync(workshop.path("state"))
    const agent = spawn("ssh-agent", ["-D", "-a", workshop.path("agent")], { stdio: "ignore" })
    agent.on("error", () => undefined)
    if (agent.pid === undefined) return
    endWithUs(agent.pid)
    while (!Fs.existsSync(workshop.path("agent"))) await new Promise((resolve) => setTimeout(resolve, 10))
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a key", "-f", workshop.path("key")])
    execFileSync("ssh-add", ["-q", workshop.path("key")], { env: { ...process.env, ...environment } })
  })
  afterAll(() => workshop[Symbol.dispose]())

  const sign = () => `ssh-add -T ${workshop.path("key.pub")} && echo signed by $(basename $SSH_AUTH_SOCK)`

  it("lets programs of a session sign, and shows each signature", async (context) => {
    requirePrograms(context, "ssh")
    const ran = await mosh(["--local", "-A", "--", "sh", "-c", sign()], { environment })
    expect(ran.stdout).toMatch(/signed by \d+\.agent/)
    expect(ran).toMatchObject({
      code: 0,
      stderr: "mosh: the server asks your agent for a signature (ssh-ed25519)\n"
    })
    const quiet = await mosh(["--local", "-A", "--", "sh", "-c", sign()], {
      environment: { ...environment, MOSH_AGENT_QUIET: "1" }
    })
    expect(quiet).toMatchObject({ code: 0, stderr: "" })
  })

  it("works with mosh-client alone, at a server that was started with -@ agent", async (context) => {
    requirePrograms(context, "ssh")
    using server = await startServer("ours", {
      command: ["sh", "-c", sign()],
      arguments: ["-c", "256", "-i", "127.0.0.1", "-p", "0", "-@", "agent"],
      environment: { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", ...environment }
    })
    const ran = await start([...program("ours", "mosh-client"), "-A", "127.0.0.1", String(server.port)], {
      environment: { ...environment, MOSH_KEY: server.key }
    }).ended
    expect(ran.stdout).toMatch(/signed by \d+\.agent/)
  })

  it("lets commands without a terminal sign, and no program without -A", async (context) => {
    requirePrograms(context, "ssh")
    const ran = await mosh(["--local", "-T", "-A", sign()], { environment })
    expect(ran).toEqual({ code: 0, stdout: expect.stringMatching(/^signed by \d+\.agent\n$/), stderr: "" })
    const without = await mosh(["--local", "-T", "echo $SSH_AUTH_SOCK"], { environment })
    expect(without.stdout).toBe(`${workshop.path("agent")}\n`)
  })

  it("reports that there is no agent, or that the server cannot use one", async (context) => {
    requirePrograms(context, "mosh")
    const none = await mosh(["--local", "-T", "-A", "true"], { environment: { ...environment, SSH_AUTH_SOCK: "" } })
    expect(none).toEqual({
      code: 0,
      stdout: "",
      stderr: "mosh: no agent is forwarded: SSH_AUTH_SOCK names none here\n"
    })
    const stock = await mosh(["--local", "-A", "--server=/usr/bin/mosh-server", "--", "sh", "-c", "sleep 1"], {
      environment
    })
    expect(stock.stderr).toContain("mosh: no agent is forwarded: the server is not effect-mosh, or an old one\n")
  })
})
