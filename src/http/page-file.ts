/** A file of the page: what build/page.ts makes, and what the HTTP side serves as it is. */

/** One file, complete. */
export interface PageFile {
  /** Where it is served, such as `/` or `/page.js`. */
  readonly path: string
  /** Its Content-Type. */
  readonly type: string
  readonly text: string
}
