/**
 * The page: what the server sends is drawn, what is typed is sent.
 */
import { Terminal } from "./xterm.js"

const terminal = new Terminal()
const status = document.getElementById("status")
terminal.open(document.getElementById("screen"))
terminal.focus()

const socket = new WebSocket(`${location.origin.replace("http", "ws")}/session${location.search}`)
// Whoever looks over the shoulder, or through the history, need not find it there.
history.replaceState(undefined, "", "/")

const send = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message))

/** Asks for a session as large as the window. */
const fit = () => {
  const { clientHeight, clientWidth } = terminal.element.querySelector(".xterm-screen")
  const columns = Math.floor((innerWidth * terminal.cols) / clientWidth)
  const rows = Math.floor((innerHeight * terminal.rows) / clientHeight)
  send({ _tag: "Resize", columns: Math.min(Math.max(columns, 2), 500), rows: Math.min(Math.max(rows, 1), 200) })
}

socket.addEventListener("open", fit)
window.addEventListener("resize", fit)
terminal.onData((text) => send({ _tag: "Type", text }))
socket.addEventListener("message", ({ data }) => {
  const { columns, output, rows } = JSON.parse(data)
  if (columns !== terminal.cols || rows !== terminal.rows) terminal.resize(columns, rows)
  terminal.write(output)
})
// The server closes normally when the session ends. A proxy that times out, a gateway that ends and a refusal do not.
socket.addEventListener("close", ({ code }) => {
  status.textContent =
    code === 1000 ? "The session has ended." : "No connection to the session. Open the page's address again."
})
