/** The limits of what a node stores. */

/**
 * When another file is begun, in bytes.
 *
 * Larger: more is read at once, and deleted at once. Smaller: more files, and a sync of the folder
 * for each.
 */
export const SEGMENT_BYTES_MAX = 8 * 1024 * 1024

/**
 * The files of one folder.
 *
 * Larger: a node that restarts all the time fills the folder, and its list, with short files.
 * Smaller: what it published in earlier runs is deleted too early.
 */
export const SEGMENTS_MAX = 4_096

/**
 * The payload of one record, in bytes: a frame of the mesh has no more.
 *
 * Larger: a flipped bit in a length makes the scan wait for what is no record. Smaller: a message
 * of the most bytes does not fit.
 */
export const RECORD_BYTES_MAX = 256 * 1024

/** What is stored by default, in MiB: four times what a node keeps in memory. */
export const FOLDER_MIB = 256

/**
 * The pause between two times that the place of a subscription is written, in ms.
 *
 * Larger: more messages come again after a crash. Smaller: a busy handler costs as many syncs.
 */
export const PLACE_PAUSE_MS = 100

/**
 * The named subscriptions of a folder, also those that no program opens any more.
 *
 * Larger: a name that is made up for each run fills the folder. Smaller: programs run out of names.
 */
export const NAMES_MAX = 256

/**
 * The senders whose place a named subscription remembers.
 *
 * Larger: each write of the places takes longer. Smaller: messages of the sender that was silent
 * for longest come again after a restart.
 */
export const PLACES_MAX = 4_096
