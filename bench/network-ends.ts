/**
 * A session of real programs through a relay, with an emulated screen that shows what the user sees.
 */
import type * as Frame from "../src/domain/terminal/Frame.ts"
import * as Row from "../src/domain/terminal/Row.ts"
import { startServer, type Maker } from "../test/support/peers.ts"
import { Relay } from "../test/support/relay.ts"
import { type Client, ENVIRONMENT, startClient } from "./ends.ts"
import { makeScreen } from "./screen.ts"

export interface Pairing {
  readonly client: Maker
  readonly server: Maker
}

export interface Ends extends AsyncDisposable {
  readonly client: Client
  readonly relay: Relay
  /** Number of characters before the cursor, counted along the rows. */
  readonly position: () => number
  /** Whether the characters from position `from` on are those of `text`. */
  readonly shows: (from: number, text: string) => boolean
}

export const SIZE: Frame.Size = { columns: 80, rows: 24 }

/** Starts a server with `script` in a shell, and a client that has drawn `READY`. */
export const startEnds = async (options: {
  readonly pairing: Pairing
  readonly script: string
  readonly seed: number
  readonly prediction: boolean
  /** Configures the network before the start. */
  readonly prepare: (relay: Relay) => void
  /** Called whenever the screen has changed. */
  readonly onScreen: (ends: Ends) => void
}): Promise<Ends> => {
  const { onScreen, pairing, prediction, prepare, script, seed } = options
  const screen = await makeScreen(SIZE)
  const server = await startServer(pairing.server, { command: ["sh", "-c", script], environment: ENVIRONMENT })
  const relay = await Relay.start(() => server.port, seed)
  prepare(relay)
  let ends: Ends | undefined
  const client = await startClient(
    pairing.client,
    { port: relay.port, key: server.key },
    {
      ...(prediction && { environment: { MOSH_PREDICTION_DISPLAY: "adaptive" } }),
      onOutput: (bytes) => {
        screen.write(bytes)
        if (ends !== undefined) onScreen(ends)
      }
    }
  )
  ends = {
    client,
    relay,
    position: () => {
      const { cursor, size } = screen.frame()
      return cursor.row * size.columns + cursor.column
    },
    shows: (from, text) => {
      const { rows, size } = screen.frame()
      return Array.from(text).every((character, i) => {
        const row = rows[Math.floor((from + i) / size.columns)]
        return row !== undefined && (Row.text(row, (from + i) % size.columns) || " ") === character
      })
    },
    [Symbol.asyncDispose]: async () => {
      await client.end()
      await relay[Symbol.asyncDispose]()
      server[Symbol.dispose]()
    }
  }
  await client.until((drawn) => drawn.includes("READY"))
  return ends
}
