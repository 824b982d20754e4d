/**
 * What has been learned of the program at the other end: what its commands do, and how it takes in text.
 *
 * A model is forgotten when the screen is replaced: another program may have started.
 */
import * as CommandModel from "./CommandModel.ts"
import * as LineEndModel from "./LineEndModel.ts"

export interface ProgramModel {
  readonly commands: CommandModel.CommandModel
  /** Whether text replaces what it is typed over; otherwise it pushes that to the right. */
  readonly overwrites: boolean
  readonly lineEnds: LineEndModel.LineEndModel
}

/** A program of which nothing has been learned. */
export const unknown = (overwrites: boolean): ProgramModel => ({
  commands: CommandModel.UNKNOWN,
  overwrites,
  lineEnds: LineEndModel.UNKNOWN
})
