import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ConnectionId from "../../../src/domain/crypto/ConnectionId.ts"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"

const Sequence = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: Nonce.MAX_SEQUENCE }))
const Id = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff }))
const Role = Schema.Literals(["Client", "Server"])

describe("ConnectionId", () => {
  it.prop("reads from a datagram the prefix of its id and block", [Role, Sequence, Id], ([role, sequence, id]) => {
    const datagram = Buffer.alloc(24)
    datagram.writeBigUInt64BE(Nonce.withId(Nonce.make(role, sequence) ?? 0n, id))
    const prefix = ConnectionId.prefixOf(datagram)
    expect(prefix).toBe(ConnectionId.prefix(id, ConnectionId.blockOf(sequence)))
    expect(Number.isSafeInteger(prefix)).toBe(true)
  })

  it.prop("has a prefix of its own for each id and block", [Id, Id, Sequence, Sequence], ([a, b, first, second]) => {
    const [one, two] = [ConnectionId.blockOf(first), ConnectionId.blockOf(second)]
    expect(ConnectionId.prefix(a, one) === ConnectionId.prefix(b, two)).toBe(a === b && one === two)
  })

  it("expects the ids of a block and the next ones", () => {
    const idOf = (block: number) => 10 * block
    expect(ConnectionId.expected(idOf, 2)).toEqual([2, 3, 4, 5].map((block) => ConnectionId.prefix(10 * block, block)))
  })

  it("expects no block after the last one", () => {
    const last = ConnectionId.blockOf(Nonce.MAX_SEQUENCE)
    const asked: Array<number> = []
    const idOf = (block: number) => asked.push(block)
    expect(ConnectionId.expected(idOf, last - 1)).toHaveLength(2)
    expect(ConnectionId.expected(idOf, last)).toHaveLength(1)
    expect(asked).toEqual([last - 1, last, last])
  })

  it("changes after 4096 packets", () => {
    expect([0n, 4095n, 4096n, Nonce.MAX_SEQUENCE].map(ConnectionId.blockOf)).toEqual([0, 0, 1, 2 ** 35 - 1])
  })
})
