/** What the simulator looks for: an invariant that does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation'
}
