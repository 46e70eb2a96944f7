/** What a run counts. */

/** Counters of one run. */
export class Tally {
  /** Dials to join a node, and dials to verify a claimed address. */
  dials = 0
  verifications = 0
  dialsAnswered = 0
  /** Connections between our nodes, all that ever were. */
  connections = 0
  /**
   * Connections that the duplicate rule closed, separately those where one of the two verified a
   * claim.
   */
  joinDuplicates = 0
  verificationDuplicates = 0
  handshakes = 0
  handshakeBytes = 0

  get duplicatesClosed(): number {
    return this.joinDuplicates + this.verificationDuplicates
  }
}
