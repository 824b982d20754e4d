/** Forwarding with real programs: options, the command line and the list, and a server that cannot forward. */
import { once } from "node:events"
import { readFileSync } from "node:fs"
import * as Net from "node:net"
import { describe, expect, it } from "vitest"
import { requirePrograms } from "../../support/peers.ts"
import { enter, person } from "./person.ts"

/** A server that answers each connection with its input. */
const echo = async () => {
  const server = Net.createServer((socket) => socket.on("error", () => undefined).pipe(socket))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    port: (server.address() as Net.AddressInfo).port,
    [Symbol.dispose]: () => void server.close()
  }
}

/** What comes back for a text; the code of the error if the connection breaks. */
const ask = (port: number, text: string) =>
  new Promise<string>((settle) => {
    const socket = Net.connect(port, "127.0.0.1")
    let read = ""
    socket.on("data", (bytes: Buffer) => (read += bytes.toString()))
    socket.on("close", () => settle(read))
    socket.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? ""))
    socket.end(text)
  })

const portOf = (rows: ReadonlyArray<string>, flag: string): number =>
  Number(new RegExp(`${flag} (\\d+)`).exec(rows.join("\n"))?.[1])

describe("forwarding", { timeout: 120_000 }, () => {
  it("carries connections of options and of the command line, and reports what cannot be opened", async (context) => {
    requirePrograms(context, "tmux")
    using target = await echo()
    await using someone = await person({ server: "ours" })
    const { terminal } = someone
    const client = `sh -c 'echo $$ > ${someone.home}/pid; exec "$@"' sh ${someone.client}`
    await enter(
      { ...someone, client },
      `-R 0:127.0.0.1:${target.port} -L ${target.port}:db:80 -L 0:127.0.0.1:${target.port}`
    )
    // The line that reports the port at the server may take the place of the list.
    let text: ReadonlyArray<string> = []
    while (text[0] !== "mosh: 2 forwarded:" || !/-R [1-9].* \(0/.test(text.join("\n"))) {
      await terminal.type("\x1e#")
      text = (await terminal.until("the bar", (view) => view.text[0]?.startsWith("mosh: ") === true)).text
    }
    expect(text.filter((row) => row.includes("connections"))).toHaveLength(2)
    expect(await ask(portOf(text, "-L"), "to the server")).toBe("to the server")
    expect(await ask(portOf(text, "-R"), "from the server")).toBe("from the server")

    // As when it writes to a forwarded connection that has broken.
    process.kill(Number(readFileSync(`${someone.home}/pid`, "utf8")), "SIGPIPE")

    await terminal.type("\x1eC-D 0\r")
    const added = await terminal.until("the proxy", ({ text }) => text[0]?.startsWith("mosh: -D ") === true)
    const proxy = portOf(added.text, "-D")
    expect(await ask(proxy, "GET /")).toMatch(/^$|ECONNRESET/)
    await terminal.type(`\x1eC-KD 0\r\x1eC-KD ${proxy}\r`)
    await terminal.until("its end", ({ text }) => text[0]?.startsWith("mosh: -KD: closed") === true)
    expect(await ask(proxy, "")).toBe("ECONNREFUSED")

    await terminal.type("exit\r")
    await terminal.until("the outer shell", ({ text }) => text.findLast((row) => row !== "") === "outer>")
    expect((await terminal.all()).join("\n")).toContain(`mosh: -L ${target.port}:db:80: address already in use`)
  })

  it("is unavailable with a stock server, in one line, and the session starts", async (context) => {
    requirePrograms(context, "tmux", "mosh")
    await using someone = await person({ server: "stock" })
    const { terminal } = someone
    await terminal.type(`${someone.client.replace(" 127", " -D 0 127")}\r`)
    await terminal.see("mosh: forwarding is unavailable: the server is not effect-mosh")
    await terminal.type("echo he''re\r")
    const { text } = await terminal.until("the output", (view) => view.text.includes("here"))
    expect(text.filter((row) => row.includes("unavailable"))).toHaveLength(1)
  })
})
