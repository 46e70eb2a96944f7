/**
 * Errors that the person who runs a node can fix: one line with the place, the problem and the fix,
 * shown without a stack. What a peer does wrong closes a link; our own bugs are plain `Error`s.
 */

import { printable } from '../log/printable.ts'

/** Every code of a {@link NodeError}. Codes are never renamed: scripts may test for them. */
export type NodeErrorCode =
  | 'CLI_ADDRESS_MISSING'
  | 'CLI_COMMAND_UNKNOWN'
  | 'CLI_DIR_MISSING'
  | 'CLI_FLAG_MISPLACED'
  | 'CLI_FLAG_UNKNOWN'
  | 'CLI_FLAG_VALUE_MISSING'
  | 'CLI_FLAG_VALUE_UNEXPECTED'
  | 'CLI_PEER_INVALID'
  | 'CLI_TIMEOUT_INVALID'
  | 'CLI_TOPIC_INVALID'
  | 'CLI_TOPIC_MISSING'
  | 'CLI_WORDS_CONTRADICT'
  | 'CONFIG_ADDRESS_INVALID'
  | 'CONFIG_DATA_INVALID'
  | 'CONFIG_DIR_INVALID'
  | 'CONFIG_ENV_FILE_MISSING'
  | 'CONFIG_FILE_TOO_LARGE'
  | 'CONFIG_FILE_UNREADABLE'
  | 'CONFIG_HTTP_ALLOW_INVALID'
  | 'CONFIG_HTTP_HOSTS_INVALID'
  | 'CONFIG_KNOWN_PEERS_INVALID'
  | 'CONFIG_LISTEN_INVALID'
  | 'CONFIG_LOG_FORMAT_INVALID'
  | 'CONFIG_LOG_LEVEL_INVALID'
  | 'CONFIG_MESH_INVALID'
  | 'CONFIG_MESSAGES_INVALID'
  | 'CONFIG_NODE_DATA_INVALID'
  | 'CONFIG_OPTION_UNKNOWN'
  | 'CONFIG_PORT_INVALID'
  | 'CONFIG_PORT_MISSING'
  | 'CONFIG_SECRET_INVALID'
  | 'CONFIG_SECRET_MISSING'
  | 'CONFIG_TIMING_INVALID'
  | 'CONFIG_TLS_INVALID'
  | 'CONFIG_TOPICS_ALLOW_INVALID'
  | 'DATA_FAILED'
  | 'DATA_IN_USE'
  | 'DATA_MISSING'
  | 'DATA_NOT_WRITABLE'
  | 'HANDLER_FAILED'
  | 'INIT_FILE_NOT_CREATED'
  | 'INIT_PORTS_TAKEN'
  | 'KNOWN_PEERS_NOT_WRITTEN'
  | 'LISTEN_ADDRESS_UNAVAILABLE'
  | 'LISTEN_PORT_IN_USE'
  | 'LISTEN_PORT_NOT_PERMITTED'
  | 'NO_RESPONDER'
  | 'OUTPUT_NOT_WRITTEN'
  | 'PEER_CONNECTED'
  | 'PEER_GONE'
  | 'RESPONDER_FAILED'
  | 'RUNTIME_CERTIFICATES_IGNORED'
  | 'RUNTIME_NO_DESCRIPTORS'
  | 'RUNTIME_PERMISSION_MISSING'
  | 'SECRET_FILE_NOT_CREATED'
  | 'STATUS_NODE_NOT_RUNNING'
  | 'STATUS_NOT_UNDERSTOOD'
  | 'TIMEOUT'
  | 'TOO_MANY_REQUESTS'
  | 'TOPICS_NODE_NOT_RUNNING'
  | 'TOPICS_REFUSED'

/** An operator's error. Its text is worded where the mistake is found. */
export class NodeError extends Error {
  /** Node prints this one for an uncaught error, and the bundler renames the class. */
  static override readonly name = 'NodeError'
  override readonly name = 'NodeError'
  readonly code: NodeErrorCode
  /**
   * What the process ends with: 1 for what can change by itself, such as a port in use or a node
   * that is not running; 2, the default, for a configuration error; 3 for a request that failed, or
   * may have run.
   */
  readonly exitCode: 1 | 2 | 3

  constructor(
    code: NodeErrorCode,
    message: string,
    { exitCode = 2, cause }: { readonly exitCode?: 1 | 2 | 3; readonly cause?: unknown } = {},
  ) {
    // Paths and texts of the operating system are not escaped yet.
    super(printable(message), cause === undefined ? undefined : { cause })
    this.code = code
    this.exitCode = exitCode
  }
}
