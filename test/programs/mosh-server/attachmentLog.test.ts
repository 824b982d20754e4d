import { expect, it } from "vitest"
import { eventsOf } from "../../../src/programs/mosh-server/attachmentLog.ts"
import type { Attachment } from "../../../src/services/server/Attachments.ts"

type Logged = Parameters<typeof eventsOf>[0][number]

const client = (id: number, mode: Attachment["mode"] = "TakeOver"): Logged => ({
  id,
  mode,
  contact: { age: 0, from: `192.0.2.${id}:5000` }
})

it("a log names who took over from whom, who joined, and who left", () => {
  expect(eventsOf([], [client(1)])).toEqual([["client attached", { id: 1, mode: "TakeOver", from: "192.0.2.1:5000" }]])
  expect(eventsOf([client(1)], [client(2)])).toEqual([
    [
      "client took over",
      { id: 2, mode: "TakeOver", from: "192.0.2.2:5000", former: [{ id: 1, from: "192.0.2.1:5000" }] }
    ],
    ["client detached", { id: 1 }]
  ])
  expect(eventsOf([client(1)], [client(1), client(2, "Share")])).toEqual([
    ["client attached", { id: 2, mode: "Share", from: "192.0.2.2:5000" }]
  ])
  expect(eventsOf([client(1)], [])).toEqual([["client detached", { id: 1 }]])
  expect(eventsOf([client(1)], [client(1)])).toEqual([])
})
