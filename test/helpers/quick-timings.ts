/**
 * Timings for meshes on one machine, so that a test need not wait for what takes minutes between
 * continents.
 */

/** For `.env`. Nodes that are not starved of CPU keep their links with these. */
export const QUICK_TIMINGS = {
  DIAL_TIMEOUT_MS: '1000',
  HANDSHAKE_TIMEOUT_MS: '2000',
  REDIAL_MIN_MS: '100',
  REDIAL_MAX_MS: '1000',
  PING_AFTER_MS: '500',
  SILENT_AFTER_MS: '2000',
} as const
