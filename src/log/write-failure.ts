/** What the log and errors say of a write that the system refuses. Pure. */

/** What an operator does about it, by the code of the system; undefined for other causes. */
export function fixOfWrite(refusal: string): string | undefined {
  switch (refusal) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'free the disk'
    case 'EIO':
      return 'check the disk'
    case 'EMFILE':
    case 'ENFILE':
      return 'raise the limit of file descriptors (ulimit -n 4096)'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'let this user write there'
    default:
      return undefined
  }
}

/** That a write or a sync of DATA failed: nothing is tried again in this run. */
export function dataFailureText(folder: string, reason: string): string {
  const fix = fixOfWrite(reason)
  const first = fix === undefined ? '' : `${fix}, then `
  return `nothing more is stored in ${folder} (${reason}); ${first}restart the node`
}
