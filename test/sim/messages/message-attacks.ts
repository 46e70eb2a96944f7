/** What a hostile peer does with messages. */

/** The attacks. */
export const MESSAGE_ATTACKS = [
  'forged feeds', // Says anything about the feeds of living and dead owners, in its own name.
  'forged feeds with copied ids', // The same, on a link that has the id of the owner.
  'rewinds', // Wants everything again and again.
  'holes', // Publishes with holes.
  'unknown feeds', // Names more feeds than a link may make known.
  'never reads', // Wants everything and reads nothing.
] as const

export type MessageAttack = (typeof MESSAGE_ATTACKS)[number]
