/** Seeds that found a bug when they were first run: tests of their own. */

/** Without messages. */
export const REGRESSIONS = [
  5, 12, 17, 54, 64, 76, 85, 94, 96, 101, 119, 219, 243, 1173, 1667, 3091, 5667, 5883, 8750, 11_126,
  11_347, 11_712, 16_338, 114_522, 1_443_373_794, 1_443_382_403,
]

/** With messages. */
export const MESSAGE_REGRESSIONS = [
  50_000, // A link that is full and pauses kept the deadline in the past.
  50_004, // An entry was due and not dropped, as the times were rounded in two ways.
  50_065, // An answer for what was sent beyond the window opened the window again.
  50_092, // A gap from 1 to 0.
  50_236, // A gap came after one of higher numbers.
  50_283, // A feed began amid an answer whose start was ignored.
  50_306,
  50_640, // Numbers forged in the name of one that had published nothing hid its first ones.
  51_148, // Gaps among what was taken back came out of order to a program that reads late.
  51_938, // Unknown feeds hid one whose owner had been linked.
  52_371, // What an owner had dropped before it was sent was no gap.
  68_785, // A forged gap hid where a feed ends from a link that was verified after it had said so.
  107_357, // What had come again was taken back before a program that reads late had read it.
]
