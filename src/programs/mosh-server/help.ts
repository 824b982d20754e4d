/**
 * The text of `mosh-server --help`.
 */
import * as HelpText from "../../domain/manual/HelpText.ts"
import { manual } from "../../domain/manual/MoshServerManual.ts"

export const HELP = HelpText.render(manual)
