/**
 * The stages before a session exists, for the progress line.
 */
export type Stage =
  | { readonly _tag: "LookingUp"; readonly host: string }
  /** `address` is the address that ssh reached, once it is known. */
  | { readonly _tag: "LoggingIn"; readonly destination: string; readonly address: string | undefined }
  | { readonly _tag: "Starting" }

/** One line, without a line feed. */
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
