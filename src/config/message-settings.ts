/** What is set of messages. A file of its own: the types of the library have it. */

/** Which messages a node keeps, and where it stores its own. Undefined: the default. */
export interface MessageSettings {
  /** In MiB. */
  readonly keepMib: number | undefined
  readonly keepSeconds: number | undefined
  /** The part of `keepMib` that one sender may take, in percent. */
  readonly senderPercent: number | undefined
  /** Where the node stores what it publishes. Undefined: nowhere. */
  readonly folder: string | undefined
  /** The most that it takes there, in MiB. */
  readonly folderMib: number | undefined
}
