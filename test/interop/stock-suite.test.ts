/**
 * Stock mosh's own test suite, with our program at one end and stock's at the other.
 */
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { afterAll, beforeAll, describe, it } from "vitest"
import { archive } from "../../scripts/stock-suite.ts"
import { program, requirePrograms } from "../support/peers.ts"
import { quoted } from "../support/peers-shell.ts"
import { StockSuite } from "../support/stock-suite.ts"

/**
 * All but these: `e2e-failure` has to fail, `emulation-attributes` is a part of others, the `repeat`s only repeat,
 * `emulation-attributes-bce` leaves out tmux since 3.0, and `emulation-attributes-256color8` fails between two stock ends, too,
 * because stock draws the first eight of 256 colours as the eight basic ones, which tmux shows as different.
 */
const ALL = [
  "e2e-success",
  "emulation-80th-column",
  "emulation-ascii-iso-8859",
  "emulation-attributes-16color",
  "emulation-attributes-256color248",
  "emulation-attributes-truecolor",
  "emulation-attributes-vt100",
  "emulation-back-tab",
  "emulation-cursor-motion",
  "emulation-multiline-scroll",
  "emulation-scroll",
  "emulation-wrap-across-frames",
  "local",
  "network-no-diff",
  "prediction-unicode",
  "pty-deadlock",
  "server-network-timeout",
  "server-signal-timeout",
  "unicode-combine-fallback-assert",
  "unicode-later-combining",
  "window-resize"
]

/** They wait for half a minute each, so all of them run only with `STOCK_SUITE=full`. */
const isFull = process.env["STOCK_SUITE"] === "full"
const OF_CLIENT = ["local", "emulation-80th-column", "emulation-attributes-256color248", "unicode-later-combining"]
const OF_SERVER = ["local", "emulation-scroll", "emulation-cursor-motion"]

const ours = (name: "mosh-client" | "mosh-server") => program("ours", name).map(quoted).join(" ")

describe.concurrent.each([
  [
    "our client",
    isFull ? ALL : OF_CLIENT,
    { mosh: "/usr/bin/mosh", client: ours("mosh-client"), server: "/usr/bin/mosh-server" }
  ],
  [
    "our server",
    isFull ? ALL : OF_SERVER,
    { mosh: "/usr/bin/mosh", client: "/usr/bin/mosh-client", server: ours("mosh-server") }
  ]
] as const)("stock's test suite with %s", (_name, tests, commands) => {
  const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "stock-suite-"))
  let suite: StockSuite | undefined
  beforeAll(() => {
    if (Fs.existsSync(archive)) suite = new StockSuite(directory, commands)
  })
  afterAll(() => Fs.rmSync(directory, { recursive: true, force: true }))

  // Its tests contain waits and limits of a few seconds, for which its authors call them fragile.
  it.concurrent.for(tests)("%s", { timeout: 120_000, retry: 2 }, async (test, context) => {
    requirePrograms(context, "mosh", "tmux")
    if (suite === undefined) return context.skip("the suite is not here: npm run stock-suite fetches it")
    const { expect } = context
    const { output, status } = await suite.run(test)
    expect(status, output.slice(-4000)).toBe(0)
  })
})
