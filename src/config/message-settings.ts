/** What is set of messages. A file of its own: the types of the library have it. */

/** Which messages a node keeps. Undefined: the default. */
export interface MessageSettings {
  /** In MiB. */
  readonly keepMib: number | undefined
  readonly keepSeconds: number | undefined
  /** The part of `keepMib` that one sender may take, in percent. */
  readonly senderPercent: number | undefined
}
