// Runs within a terminal: writes what it is sent over the socket of its argument, and reports when the terminal has read it.
import { connect } from "node:net"

const socket = connect(process.argv[2])
process.stdin.setRawMode(true)
let replies = ""
process.stdin.on("data", (bytes) => {
  replies += bytes.toString("latin1")
  const reply = /\x1b\[(\d+);(\d+)R/.exec(replies)
  if (reply === null) return
  replies = ""
  socket.write(`${reply[1]};${reply[2]}\n`)
})
// The terminal answers a question for the cursor once it has read all before it.
socket.on("data", (bytes) => process.stdout.write(bytes))
process.stdout.on("resize", () => socket.write(`size ${process.stdout.columns} ${process.stdout.rows}\n`))
socket.on("close", () => process.exit(0))
socket.write("ready\n")
