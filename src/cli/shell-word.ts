/** Words of a command line that is shown. */

/** In double quotes where it needs them; on POSIX with a backslash before what a shell expands. */
export function shellWord(word: string, platform: string = process.platform): string {
  if (/^[\w@%+=:,./\\-]+$/.test(word)) return word
  return platform === 'win32' ? `"${word}"` : `"${word.replace(/["$`\\]/g, '\\$&')}"`
}
