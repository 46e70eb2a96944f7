/** The page of a node, which build/page.ts makes and puts into the bundle. */
declare module 'fullmesh:page' {
  import type { PageFile } from './page-file.ts'

  /** Every file of the page. */
  export const PAGE: readonly PageFile[]
}
