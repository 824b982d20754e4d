// The printer of a terminal: writes each page, which ends with a form feed, into the file of its argument, whole.
import { renameSync, writeFileSync } from "node:fs"

const file = process.argv[2]
let page = ""
process.stdin.setEncoding("utf8")
process.stdin.on("data", (text) => {
  page += text
  if (!page.endsWith("\f")) return
  writeFileSync(`${file}.part`, page)
  renameSync(`${file}.part`, file)
  page = ""
})
