import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { StreamKind } from "../../../src/domain/streams/StreamKind.ts"
import * as TerminalReport from "../../../src/domain/terminal/TerminalReport.ts"
import * as TerminalReportMessage from "../../../src/domain/wire/streams/TerminalReportMessage.ts"
import * as TerminalReports from "../../../src/services/server/TerminalReports.ts"
import type { Peer } from "../../../src/services/transport/StreamHandler.ts"

it.effect("passes on reports that are newer than those before, and well-formed", () =>
  Effect.gen(function* () {
    const names: Array<string> = []
    let finished = 0
    const streamOf = (header: Uint8Array) => ({
      header,
      finish: Effect.sync(() => {
        finished++
      }),
      readable: Stream.empty,
      release: Effect.void
    })
    const header = (number: number, name: string) =>
      TerminalReportMessage.encode({ number, report: { ...TerminalReport.UNKNOWN, name } })
    const streams = [header(2, "b"), header(1, "a"), Uint8Array.of(9), header(2, "again"), header(3, "c")].map(streamOf)
    const peer = {
      streams: {
        accept: (kind: number) => {
          expect(kind).toBe(StreamKind.terminal)
          return Stream.fromIterable(streams)
        }
      }
    } as unknown as Peer
    yield* TerminalReports.receive({ reportTerminal: ({ name }) => names.push(name) })(peer)
    yield* Effect.yieldNow
    while (finished < streams.length) yield* Effect.yieldNow
    expect(names).toEqual(["b", "c"])
  }).pipe(Effect.scoped)
)
