/**
 * Generated modes of the keyboard.
 */
import * as Schema from "effect/Schema"

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

export const Keyboard = Schema.Struct({
  applicationKeypad: Schema.Boolean,
  modifyOtherKeys: upTo(3),
  formatOtherKeys: upTo(1),
  kitty: upTo(31)
})
