/**
 * Handles a closed standard output or standard error, for which Node would end the program with a stack trace.
 */
/** For a program that only prints: when the reader of stdout has exited, it ends silently, as C programs do by SIGPIPE. */
export const endWithReader = (program: string): void => {
  process.stdout.on("error", (error) => {
    if (!isGone(error)) process.stderr.write(`${program}: cannot write to standard output: ${words(error)}.\n`)
    process.exit(isGone(error) ? ENDED_BY_SIGPIPE : 1)
  })
  process.stderr.on("error", () => undefined)
}

/** For a session: ignores the error, because the client detects a closed terminal or pipe itself and ends the session properly. */
export const outliveReaders = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined)
}

/** Not by `NodeSystemError`, which would be a file more to load at each start. */
const words = ({ message }: Error): string => message.replace(/^[A-Z]+: (.*), \w+$/, "$1")

const ENDED_BY_SIGPIPE = 128 + 13

const isGone = (error: NodeJS.ErrnoException): boolean => error.code === "EPIPE" || error.code === "EIO"
