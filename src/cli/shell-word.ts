/** Words of a command line that is shown. Pure. */

/** In double quotes, which all shells have, where it needs them. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word}"`
}
