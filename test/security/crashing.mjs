// Preloaded into our programs: a session process that fails on SIGUSR2, in the way that CRASH names.

const ways = {
  exception: () => {
    throw new Error("planted\nexception")
  },
  rejection: () => void Promise.reject(new Error("planted rejection")),
  memory: () => {
    const all = []
    for (;;) all.push(Array.from({ length: 1_000_000 }, () => all.length))
  }
}

const way = ways[process.env.CRASH]
if (way !== undefined && process.argv[1]?.includes("mosh-server-session")) process.once("SIGUSR2", way)
