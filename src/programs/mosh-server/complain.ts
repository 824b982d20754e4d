/** For the person: stdout is the wrapper's. */
export const complain = (...lines: ReadonlyArray<string>): void => {
  for (const line of lines) process.stderr.write(line + "\n")
}
