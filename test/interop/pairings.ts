import type { Pairing } from "./stage.ts"

/** Stock with stock is the yardstick: where it fails, the test is wrong or asks for too much. */
export const pairings: ReadonlyArray<Pairing> = [
  { client: "stock", server: "stock", through: "direct" },
  { client: "stock", server: "ours", through: "direct" },
  { client: "ours", server: "stock", through: "direct" },
  { client: "ours", server: "ours", through: "direct" },
  { client: "stock", server: "stock", through: "ssh" },
  { client: "stock", server: "ours", through: "ssh" },
  { client: "ours", server: "stock", through: "ssh" },
  { client: "ours", server: "ours", through: "ssh" }
]
