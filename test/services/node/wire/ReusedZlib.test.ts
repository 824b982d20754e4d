import { expect, it } from "@effect/vitest"
import * as Zlib from "node:zlib"
import * as ReusedZlib from "../../../../src/services/node/wire/ReusedZlib.ts"

it("this Node provides contexts that can be reused", () => {
  const options = { windowBits: 9, memLevel: 3 }
  const deflate = ReusedZlib.deflater(options, 1024)
  const inflate = ReusedZlib.inflater(1024)
  const bytes = Buffer.from("abc".repeat(20))
  expect(deflate?.(bytes)).toEqual(Zlib.deflateSync(bytes, options))
  expect(inflate?.(Zlib.deflateSync(bytes))).toEqual(bytes)
})

it("a result that does not fit is refused", () => {
  const inflate = ReusedZlib.inflater(100)
  expect(inflate?.(Zlib.deflateSync(Buffer.alloc(99)))).toEqual(Buffer.alloc(99))
  expect(inflate?.(Zlib.deflateSync(Buffer.alloc(1000)))).toBeUndefined()
  expect(inflate?.(Zlib.deflateSync(Buffer.alloc(99)))).toEqual(Buffer.alloc(99))
})
