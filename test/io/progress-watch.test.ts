/** A link makes progress when bytes that had to wait are taken, or more of a message comes. */

import test, { type ExecutionContext } from 'ava'
import { PROGRESS_LOOK_MS } from '../../src/io/limits.ts'
import { ProgressWatch, type Watched } from '../../src/io/progress-watch.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A link whose numbers a test sets. */
interface Link {
  unsentBytes: number
  takenBytes: number
  unfinishedBytes: number
  receivedBytes: number
}

function linkWith(numbers: Partial<Link>): Link {
  return { unsentBytes: 0, takenBytes: 0, unfinishedBytes: 0, receivedBytes: 0, ...numbers }
}

/** Watches links 1, 2 … and gives those that made progress, once link 0 has shown a look. */
async function progressOf(
  t: ExecutionContext,
  links: readonly Link[],
  change: () => void,
): Promise<readonly number[]> {
  const found: number[] = []
  const watch = new ProgressWatch((link) => found.push(link))
  // Its bytes change whenever they are read.
  const clock: Watched = {
    unsentBytes: 1,
    unfinishedBytes: 0,
    receivedBytes: 0,
    get takenBytes() {
      return performance.now()
    },
  }
  watch.add(0, clock)
  for (const [at, link] of links.entries()) watch.add(at + 1, link)
  t.teardown(() => {
    for (let link = 0; link <= links.length; link += 1) watch.gone(link)
  })
  change()
  const looks = (): number => found.filter((link) => link === 0).length
  await waitUntil(
    () => looks() >= 2,
    () => `${looks()} looks of ${PROGRESS_LOOK_MS} ms`,
  )
  return found.filter((link) => link !== 0)
}

test('progress - bytes that waited and are taken are, once', async (t) => {
  const link = linkWith({ unsentBytes: 100 })
  const found = await progressOf(t, [link], () => {
    Object.assign(link, { unsentBytes: 50, takenBytes: 50 })
  })
  t.deepEqual(found, [1])
})

test('progress - the last bytes that waited count, too', async (t) => {
  const link = linkWith({ unsentBytes: 100 })
  const found = await progressOf(t, [link], () => {
    Object.assign(link, { unsentBytes: 0, takenBytes: 100 })
  })
  t.deepEqual(found, [1])
})

test('progress - bytes that the kernel has room for prove nothing', async (t) => {
  const links = [linkWith({ unfinishedBytes: 1 }), linkWith({ unsentBytes: 100 })]
  const found = await progressOf(t, links, () => {
    // Nothing had to wait to be sent on the first; nothing was taken of the second, which was sent
    // more.
    Object.assign(links[0] ?? {}, { takenBytes: 100 })
    Object.assign(links[1] ?? {}, { unsentBytes: 200 })
  })
  t.deepEqual(found, [])
})

test('progress - more of a message that has not ended is, and a link that is gone makes none', async (t) => {
  const links = [linkWith({ unfinishedBytes: 10 }), linkWith({ unfinishedBytes: 10 })]
  const found = await progressOf(t, links, () => {
    Object.assign(links[0] ?? {}, { unfinishedBytes: 20, receivedBytes: 10 })
  })
  t.deepEqual(found, [1])
})
