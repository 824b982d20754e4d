/**
 * A network on loopback that drops datagrams above a size, in one direction.
 */
import { createSocket, type Socket } from "node:dgram"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

export class Narrows implements AsyncDisposable {
  /** Where the client sends to. */
  readonly port: number
  /** Where the server's port is to be written before the client sends. */
  readonly portFile: string
  readonly #front: Socket
  readonly #back: Socket
  #client: number | undefined

  private constructor(front: Socket, back: Socket, directory: string, from: "server" | "client", bytes: number) {
    this.#front = front
    this.#back = back
    this.port = front.address().port
    this.portFile = Path.join(directory, "port")
    front.on("message", (datagram, { port }) => {
      this.#client = port
      if (from === "client" && datagram.length > bytes) return
      back.send(datagram, Number(Fs.readFileSync(this.portFile, "utf8")), "127.0.0.1")
    })
    back.on("message", (datagram) => {
      if (from === "server" && datagram.length > bytes) return
      if (this.#client !== undefined) front.send(datagram, this.#client, "127.0.0.1")
    })
    back.on("error", () => undefined)
  }

  static async start(from: "server" | "client", bytes: number): Promise<Narrows> {
    const [front, back] = [createSocket("udp4"), createSocket("udp4")]
    for (const socket of [front, back]) {
      socket.bind(0, "127.0.0.1")
      await once(socket, "listening")
    }
    return new Narrows(front, back, Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-narrows-")), from, bytes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#front.close()
    this.#back.close()
    Fs.rmSync(Path.dirname(this.portFile), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
