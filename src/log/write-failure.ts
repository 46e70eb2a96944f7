/** What the log and errors say of a write that the system refuses. Pure. */

/** What an operator does about it, by the code of the system. */
export function fixOfWrite(refusal: string): string {
  switch (refusal) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'free the disk'
    case 'EIO':
      return 'check the disk'
    case 'EMFILE':
    case 'ENFILE':
      return 'raise the limit of file descriptors (ulimit -n 4096)'
    default:
      return 'let this user write there'
  }
}

/** That a write or a sync of DATA failed: nothing is tried again in this run. */
export function dataFailureText(folder: string, reason: string): string {
  return `nothing more is stored in ${folder} (${reason}); ${fixOfWrite(reason)}, then restart the node`
}
