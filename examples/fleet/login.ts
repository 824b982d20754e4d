/**
 * `mosh-fleet`: what sshd runs when a user logs in to a gateway. `authorized_keys` of the gateway's account has for each key
 *
 *     restrict,pty,command="node /opt/fleet/login.ts ada /run/fleet/gateway" ssh-ed25519 AAAA... ada's laptop
 *
 * So the user's name comes from the key with which they logged in. All they can do is send their command to the gateway, whose
 * socket only the gateway's account can open.
 */
import * as Http from "node:http"
import type { Answer, Request } from "./gateway.ts"

const [owner = "", socketPath = ""] = process.argv.slice(2)
const body: Request = { owner, command: process.env["SSH_ORIGINAL_COMMAND"] ?? "" }

const request = Http.request({ socketPath, path: "/", method: "POST", timeout: 60_000 }, (response) => {
  let text = ""
  response.setEncoding("utf8")
  response.on("data", (piece: string) => (text += piece))
  response.on("end", () => {
    const answer: Answer = response.statusCode === 200 ? JSON.parse(text) : REFUSED
    process.exitCode = answer.status
    process.stderr.write(answer.errors.map((line) => `${line}\n`).join(""))
    process.stdout.write(answer.lines.map((line) => `${line}\n`).join(""))
  })
})
const REFUSED: Answer = { lines: [], errors: ["mosh-fleet: the gateway refused the request."], status: 1 }

request.on("timeout", () => request.destroy(new Error("no answer within a minute")))
request.on("error", (error) => {
  process.stderr.write(`mosh-fleet: the gateway does not answer (${error.message}). Try again in a moment.\n`)
  process.exitCode = 1
})
request.setHeader("Content-Type", "application/json")
request.end(JSON.stringify(body))
