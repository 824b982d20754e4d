/**
 * Deliberate mistakes in images: what reaches whom, and what may be written to the user's terminal.
 */
import type { Fault } from "./Fault.ts"

export const imageFaults: ReadonlyArray<Fault> = [
  {
    name: "image-cells-to-all",
    what: "sends image cells to clients whose terminal shows no images",
    file: "domain/images/ImageAudience.ts",
    original: "!hasImages || isIncluded ? frame",
    mistaken: "hasImages || !hasImages ? frame",
    caughtBy: ["test/domain/images/ImageAudience.test.ts", "test/services/images/images.test.ts"]
  },
  {
    name: "image-first",
    what: "finishes an image that has left the screen before the next one",
    file: "services/images/ImageSender.ts",
    original: "if (!visible.has(id)) return yield* stream.reset(ABANDONED)",
    mistaken: "",
    caughtBy: ["test/services/images/images.test.ts"]
  },
  {
    name: "image-last",
    what: "sends no image that a program shows after the first has arrived",
    file: "services/images/ImageSender.ts",
    original: "    isSending = false\n",
    mistaken: "",
    caughtBy: ["test/services/images/images.test.ts"]
  },
  {
    name: "image-unchecked",
    what: "passes bytes that are no PNG file of the announced size on to the terminal",
    file: "services/images/ImageReceiver.ts",
    original: "const found = at === length ? Png.sizeOf(png) : undefined",
    mistaken: "const found = at === length ? size : undefined",
    caughtBy: ["test/services/images/images.test.ts"]
  },
  {
    name: "image-replies",
    what: "lets the terminal reply to graphics commands, which would be typed into the session",
    file: "domain/client/terminal/ImageOverlay.ts",
    original: "`a=t,f=100,t=d,i=${id},q=2,m=${more}`",
    mistaken: "`a=t,f=100,t=d,i=${id},m=${more}`",
    caughtBy: ["test/domain/client/terminal/ImageOverlay.test.ts"]
  },
  {
    name: "image-unbounded",
    what: "keeps every image of a session",
    file: "domain/images/ImageStore.ts",
    original: "store.bytes <= MAX_KEPT",
    mistaken: "store.bytes <= 100 * MAX_KEPT",
    caughtBy: ["test/domain/images/formats.test.ts"]
  },
  {
    name: "image-in-history",
    what: "keeps image cells in rows of the history",
    file: "services/node/xterm/history/ScrolledRows.ts",
    original: "ImageCells.rowWithoutImages(reader.convert(line, width, wraps))",
    mistaken: "reader.convert(line, width, wraps)",
    caughtBy: ["test/services/node/xterm/images/Images.test.ts"]
  },
  {
    name: "image-at-the-bottom",
    what: "draws sixel graphics down to the last row, so that the terminal scrolls",
    file: "domain/client/terminal/ImageOverlay.ts",
    original: "room - (room % BAND) - BAND : room",
    mistaken: "room : room",
    caughtBy: ["test/domain/client/terminal/ImageOverlay.test.ts"]
  }
]
