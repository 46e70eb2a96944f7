/** A file of the page: build/page.ts makes it, and the HTTP handler serves it unchanged. */
export interface PageFile {
  /** Where it is served, such as `/` or `/page.js`. */
  readonly path: string
  /** Its Content-Type. */
  readonly type: string
  readonly text: string
}
