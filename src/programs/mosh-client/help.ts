/**
 * What `mosh-client` says of itself.
 */
import * as HelpText from "../../domain/manual/HelpText.ts"
import { manual } from "../../domain/manual/MoshClientManual.ts"

/** After a command line that it does not understand. */
export const USAGE = manual.usage.map((line, at) => (at === 0 ? "Usage: " : "       ") + line).join("\n")

export const HELP = HelpText.render(manual).trimEnd()
