/**
 * Decides which clients of a session are sent its images. All others get grey cells in their place.
 */
import { Features } from "../ssp/SyncObject.ts"
import type { Frame } from "../terminal/Frame.ts"
import type { TerminalReport } from "../terminal/TerminalReport.ts"
import * as ImageCells from "./ImageCells.ts"

/** Whether a client shows images: it announced that it receives them, and its terminal reported how it shows them. */
export const includes = (peer: Features, terminal: TerminalReport | undefined): boolean =>
  terminal?.images !== undefined && (peer & Features.images) !== 0

/** The frame for a client. `hasImages`: whether the session has ever had any; most never have. */
export const frameFor = (frame: Frame, hasImages: boolean, isIncluded: boolean): Frame =>
  !hasImages || isIncluded ? frame : ImageCells.withoutImages(frame)
