/**
 * What `mosh` is about while there is no session yet, for a person who waits.
 */
export type Stage =
  | { readonly _tag: "LookingUp"; readonly host: string }
  /** `address` is what ssh has reached, where that is known already. */
  | { readonly _tag: "LoggingIn"; readonly destination: string; readonly address: string | undefined }
  | { readonly _tag: "Starting" }

/** One line, without an end. */
export const words = (stage: Stage): string => {
  switch (stage._tag) {
    case "LookingUp":
      return `looking up the address of ${stage.host}…`
    case "LoggingIn": {
      const where = stage.address === undefined ? "" : ` (${stage.address})`
      return `logging in to ${stage.destination}${where} by ssh…`
    }
    case "Starting":
      return "starting mosh-server here…"
  }
}
