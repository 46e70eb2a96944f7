/** What a run counts. */

/** Counters of one run. */
export class Tally {
  /** Dials to join a node, and dials to see who answers on a claimed address. */
  dials = 0
  verifications = 0
  dialsAnswered = 0
  /** Connections between our nodes, all that ever were. */
  connections = 0
  /**
   * Connections that the duplicate rule ended, apart those where one of the two looked into a
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
