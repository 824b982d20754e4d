import type { Pairing } from "./stage.ts"

/** Stock with stock is the reference: if it fails, the test is wrong or demands too much. */
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
