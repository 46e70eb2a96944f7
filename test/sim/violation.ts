/** What the simulator looks for: a fact that must never be. */
export class Violation extends Error {
  override readonly name = 'Violation'
}
