/** The files of the page as the site serves them. build/page.ts makes them of src/web/page/. */

/** One file of the page. */
export interface PageFile {
  /** Where it is served: `/` is the page itself. */
  readonly path: `/${string}`
  /** Its Content-Type. */
  readonly type: string
  readonly text: string
}
