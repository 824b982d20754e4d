/**
 * The cache of compiled code that the programs keep between starts: where it is, and that no other user can read or write it.
 */
import { expect, it } from "vitest"
import * as Fs from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { program, startServer } from "../../support/peers.ts"
import { mosh, start, Workshop } from "./workshop.ts"

const files = (directory: string): ReadonlyArray<string> =>
  Fs.existsSync(directory) ? Fs.readdirSync(directory, { recursive: true, encoding: "utf8" }) : []

it("is kept in the user's cache directory, for that user alone", async () => {
  using workshop = new Workshop()
  const cache = workshop.path("cache")
  expect((await mosh(["--version"], { environment: { XDG_CACHE_HOME: cache } })).code).toBe(0)
  expect(files(`${cache}/effect-mosh`).length).toBeGreaterThan(1)
  expect(Fs.statSync(`${cache}/effect-mosh`).mode & 0o777).toBe(0o700)
})

it("is neither written nor read where other users may write, and is not needed", async () => {
  using workshop = new Workshop()
  const cache = workshop.path("cache")
  Fs.mkdirSync(`${cache}/effect-mosh`, { recursive: true })
  Fs.chmodSync(`${cache}/effect-mosh`, 0o777)
  Fs.writeFileSync(workshop.path("file"), "")
  for (const place of [cache, workshop.path("file"), "/nowhere/at/all"]) {
    const { code, stderr } = await mosh(["--version"], { environment: { XDG_CACHE_HOME: place } })
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  }
  expect(files(`${cache}/effect-mosh`)).toEqual([])
})

it("serves the session's process, too, and is not visible to its program", async () => {
  using workshop = new Workshop()
  const cache = workshop.path("cache")
  const environment = {
    PATH: process.env["PATH"] ?? "",
    LANG: "C.UTF-8",
    HOME: workshop.directory,
    XDG_CACHE_HOME: cache
  }
  const seen = workshop.path("seen")
  const command = ["sh", "-c", `env > ${seen}.new; mv ${seen}.new ${seen}; exec cat`]
  using server = await startServer("ours", { command, environment })
  const kept = /^NODE_COMPILE_CACHE=(.*)$/m.exec(
    Fs.readFileSync(`/proc/${server.pid}/environ`, "utf8").replaceAll("\0", "\n")
  )
  const [file = "", ...first] = program("ours", "mosh-client")
  const words = ["-q", "-c", [file, ...first, "127.0.0.1", String(server.port)].join(" "), "/dev/null"]
  const client = start(["script", ...words], { environment: { ...environment, MOSH_KEY: server.key } })
  while (!Fs.existsSync(seen)) await sleep(20)
  client.child.kill()
  await client.ended
  expect(kept?.[1]).toBe(`${cache}/effect-mosh`)
  expect(Fs.readFileSync(seen, "utf8")).toMatch(/^XDG_CACHE_HOME=/m)
  expect(Fs.readFileSync(seen, "utf8")).not.toMatch(/^(NODE_|MALLOC_)/m)
})
