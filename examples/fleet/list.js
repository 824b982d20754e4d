/**
 * The list of a user's sessions. A link shows one live.
 */
const { search } = location
// The secret need not stay in the address bar and the history.
history.replaceState(undefined, "", "/")

const list = document.getElementById("sessions")
const status = document.getElementById("status")

const link = ({ machine, name, state }) => {
  const item = document.createElement("li")
  const text = `${name} on ${machine}: ${state.toLowerCase()}`
  if (state !== "Running") {
    item.textContent = text
    return item
  }
  const anchor = document.createElement("a")
  anchor.href = `/view${search}&name=${encodeURIComponent(name)}`
  anchor.textContent = text
  item.append(anchor)
  return item
}

/** What the list shows. It is replaced only when it changes, so that the focus stays. */
let shown = ""

/** Fetches the list every few seconds while the page is visible. */
const refresh = async () => {
  if (document.visibilityState !== "visible") return
  try {
    const response = await fetch(`/sessions${search}`)
    const text = await response.text()
    status.textContent = response.ok ? "" : text
    if (!response.ok || text === shown) return
    shown = text
    list.replaceChildren(...JSON.parse(text).map(link))
  } catch {
    status.textContent = "The gateway does not answer."
  }
}

await refresh()
setInterval(refresh, 3000)
