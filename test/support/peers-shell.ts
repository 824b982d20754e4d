/** A word that a POSIX shell reads back as it stands. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`
