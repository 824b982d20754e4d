/** Prints lines for the user on stderr; stdout belongs to the wrapper. */
export const complain = (...lines: ReadonlyArray<string>): void => {
  for (const line of lines) process.stderr.write(line + "\n")
}
