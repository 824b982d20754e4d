/**
 * Shows the images of a session on the user's terminal, over the grey cells of the pictures that are drawn.
 */
import * as ImageOverlay from "../../domain/client/terminal/ImageOverlay.ts"
import * as ImagePreference from "../../domain/client/ImagePreference.ts"
import * as ImageCells from "../../domain/images/ImageCells.ts"
import * as ImageStore from "../../domain/images/ImageStore.ts"
import type { Frame } from "../../domain/terminal/Frame.ts"
import * as TerminalReport from "../../domain/terminal/TerminalReport.ts"
import type { ClientSession } from "../../services/client/MoshClient.ts"
import * as ImageReceiver from "../../services/images/ImageReceiver.ts"
import { encoding } from "../../services/node/terminal/ImageEncoding.ts"
import type { StreamHandler } from "../../services/transport/StreamHandler.ts"

export interface ImagePainter {
  /** Receives the images. */
  readonly handler: StreamHandler
  /** The terminal has reported this about itself. The session, if it is open, gets it first. */
  readonly report: (
    report: TerminalReport.TerminalReport,
    session: Pick<ClientSession, "reportTerminal"> | undefined
  ) => void
  /** Called after images have arrived, or can be shown. */
  onChange: () => void
  /** The picture as it is drawn as text. */
  readonly hide: (frame: Frame) => Frame
  /** `text`, which draws `shown`, a frame of `hide`, and what draws the images over it. */
  readonly over: (text: string, shown: Frame) => string
  /** The terminal may show anything, and has lost the images. */
  readonly invalidate: () => void
}

export const make = (preference: ImagePreference.ImagePreference): ImagePainter => {
  const store = ImageStore.make()
  let terminal = TerminalReport.UNKNOWN
  let overlay = ImageOverlay.initial
  const painter: ImagePainter = {
    handler: ImageReceiver.receive(store, () => painter.onChange()),
    report: (answers, session) => {
      const report = ImagePreference.restrict(answers, preference)
      session?.reportTerminal(report)
      const isChanged = report.images !== terminal.images
      terminal = report
      if (isChanged) painter.onChange()
    },
    onChange: () => undefined,
    hide: ImageCells.withoutImages,
    over: (text, { cursor, rows }) => {
      const drawing = { terminal, images: store.images, text, rows, cursor, encode: encoding }
      const [next, images] = ImageOverlay.draw(overlay, drawing)
      overlay = next
      return images === "" ? text : text + images
    },
    invalidate: () => {
      overlay = ImageOverlay.unknown
    }
  }
  return painter
}
