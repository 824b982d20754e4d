/**
 * Our transport against a real mosh-server: the whole wire protocol, without our screen.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import type { SyncObject } from "../../../src/domain/ssp/SyncObject.ts"
import { MIN_DELAY_CLIENT } from "../../../src/domain/ssp/Timing.ts"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import * as HostMessage from "../../../src/domain/wire/HostMessage.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodeDatagrams from "../../../src/services/node/udp/NodeDatagrams.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import * as Transport from "../../../src/services/transport/Transport.ts"
import { requirePrograms, startServer } from "../../support/peers.ts"

/** What a server sent, as it sent it: enough to read what it shows, but not a screen. */
const transcript: SyncObject<string> = {
  equals: (a, b) => a === b,
  diff: () => new Uint8Array(0),
  patch: (base, diff) =>
    Result.map(HostMessage.decode(diff), (events) =>
      events.reduce((text, event) => {
        if (event._tag === "HostBytes") return text + event.host
        return event._tag === "Resize" ? `${text}[${event.size.columns}x${event.size.rows}]` : text
      }, base)
    ),
  subtract: (state) => state
}

const server = (host: string) =>
  Effect.acquireDisposable(
    Effect.promise(() =>
      startServer("stock", {
        command: ["sh", "-c", 'stty -echo; while read -r line; do echo "<$line> $(stty size)"; done'],
        environment: { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", HOME: "/" },
        arguments: ["-i", host, "-p", "0"]
      })
    )
  )

const layers = (host: string, port: number, key: string) =>
  Layer.mergeAll(
    NodeDatagrams.client({ host, port }),
    NodeCompression.layer,
    NodePacketCipher.layer(Result.getOrThrow(SessionKey.parse(key)))
  )

/** A line that fills many datagrams and, on a screen of 100 columns, no line break. */
const long = Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * i * i * 7919) & 0xff)).toString("hex")

for (const host of ["127.0.0.1", "::1"]) {
  it.live(`a stock server on ${host} accepts our size and keys, sends its screen, and ends when we do`, (context) =>
    Effect.gen(function* () {
      requirePrograms(context, "mosh")
      const { key, port } = yield* server(host)
      const heard: Array<string> = []
      const transport = yield* Transport.make<UserStream.UserStream, string>({
        role: "Client",
        local: { object: UserStream.object, initial: UserStream.EMPTY },
        remote: { object: transcript, initial: "" },
        features: 0,
        minDelay: MIN_DELAY_CLIENT,
        events: { onRemote: ({ state }) => heard.push(state), onStatus: () => {} }
      }).pipe(Effect.provide(yield* Layer.build(layers(host, port, key))))
      const say = (text: string) => transport.publish(UserStream.push(transport.local(), Buffer.from(text)))
      const until = (text: string) =>
        Effect.sleep(10).pipe(
          Effect.repeat({ until: () => heard.at(-1)?.includes(text) ?? false }),
          Effect.timeout("10 seconds")
        )

      transport.publish(UserStream.resize(transport.local(), { columns: 100, rows: 60 }))
      say("one\r")
      yield* until("<one> 60 100")
      expect(heard.at(-1)).toContain("[100x60]")
      say(`${long}\r`)
      yield* until(long.slice(-90))
      yield* until("> 60 100")

      expect(transport.status()).toMatchObject({ attached: true, peerFeatures: 0 })
      expect(transport.status().srtt).toBeLessThan(1000)
      expect(yield* transport.shutdown).toEqual({ _tag: "Acknowledged" })
      expect(transport.status()).toMatchObject({ shuttingDown: true, trouble: undefined })
      const { late: _late, ...dropped } = transport.status().counters.dropped
      expect(Object.values(dropped)).toEqual(Object.values(dropped).map(() => 0))
    })
  )
}
