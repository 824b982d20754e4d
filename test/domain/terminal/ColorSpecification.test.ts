import { expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ColorSpecification from "../../../src/domain/terminal/ColorSpecification.ts"

it.prop("reads what it writes", [Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffffff }))], ([color]) => {
  expect(ColorSpecification.parse(ColorSpecification.format(color))).toBe(color)
})

it.each([
  ["rgb:ff/00/80", 0xff0080],
  ["rgb:f/0/8", 0xff0088],
  ["rgb:FFFF/0000/8080", 0xff0080],
  ["rgba:ffff/ffff/ffff/8000", 0xffffff],
  ["#f08", 0xf00080],
  ["#ff0080", 0xff0080],
  ["#fff000888", 0xff0088],
  ["#ffff00008888", 0xff0088],
  ["Red", 0xff0000],
  ["white", 0xffffff],
  ["green", undefined],
  ["constructor", undefined],
  ["rgb:zz/00/00", undefined],
  ["rgb:00/00", undefined],
  ["#ff00", undefined],
  ["?", undefined]
])("reads %s", (text, color) => {
  expect(ColorSpecification.parse(text)).toBe(color)
})
