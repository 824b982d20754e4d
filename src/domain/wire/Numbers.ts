/**
 * The three kinds of numbers on the wire, as types that the compiler does not confuse: the number of a state, of a packet,
 * and of an instruction's fragments.
 *
 * Each is a `bigint` at run time. Any `bigint` can become one of them, such as a literal or a decoded field, but none can
 * become another. `effect/Brand` would also reject literals, so that every calculation would need a conversion.
 */
declare const kind: unique symbol
type Kind<Name extends string> = bigint & { readonly [kind]?: Name }

/** The number of a state of a synchronised object (spec 5.2); 0 is the initial state, `Instruction.SHUTDOWN` the last. */
export type StateNumber = Kind<"StateNumber">

/** The number of a packet of one direction, which makes its nonce unique (spec 2.2). */
export type PacketNumber = Kind<"PacketNumber">

/** The number that all fragments of one instruction share (spec 3.2). */
export type FragmentId = Kind<"FragmentId">
