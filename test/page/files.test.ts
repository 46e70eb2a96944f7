/** The files of the page, as browsers get them. */

import test from 'ava'
import { pageFiles } from '../../build/page.ts'
import { copyOfRepository } from '../tools/run-tool.ts'

test('page files - two builds in two folders give the same text, of less than 75 kB', async (t) => {
  const files = await pageFiles()
  t.deepEqual(await pageFiles(copyOfRepository(t, undefined, 'a folder/with spaces')), files)
  t.deepEqual(
    files.map(({ path }) => path),
    ['/', '/page.js', '/page.css'],
  )
  // 120 kB is the most that the page may ever have; it should not grow unseen.
  t.true(files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) < 75_000)
  for (const file of files) {
    // A long string goes on in the next line.
    const text = file.text.replaceAll('\\\n', '')
    t.notRegex(text, /<script>|style=|<style|https?:\/\/(?!www\.w3)/)
    // Behind a proxy the page can be below a path.
    t.notRegex(text, /["'`]\/[a-z]/)
  }
})
