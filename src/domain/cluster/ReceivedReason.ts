/**
 * A failure's reason as another node sends it: the node may be of a later release, and have reasons that this one does not know.
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

/** Reads any text: one that is none of the `reasons` counts as `otherwise`, so that the rest of the failure still arrives. */
export const make = <Reason extends string>(
  reasons: Schema.Literals<ReadonlyArray<Reason>>,
  otherwise: NoInfer<Reason>
) => {
  const isKnown = Schema.is(reasons)
  return Schema.String.pipe(
    Schema.decodeTo(
      reasons,
      SchemaTransformation.transform({
        decode: (text): Reason => (isKnown(text) ? text : otherwise),
        encode: (reason): string => reason
      })
    )
  )
}
