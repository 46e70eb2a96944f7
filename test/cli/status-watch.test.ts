import { stripVTControlCharacters } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { nodeNotRunning } from '../../src/cli/errors.ts'
import { watchStatus } from '../../src/cli/status/status-watch.ts'
import type { Status } from '../../src/http/status.ts'
import { aLink, aPeer, aStatus } from '../helpers/status-document.ts'
import { TextScreen } from '../helpers/text-screen.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** Watches what the test serves, until the test ends it. */
class Watching {
  readonly screen: TextScreen
  served: Status | undefined
  looks = 0
  readonly #controller = new AbortController()
  readonly #whenOver: Promise<void>

  constructor(t: ExecutionContext, served: Status, screen = new TextScreen()) {
    this.served = served
    this.screen = screen
    const ask = async (): Promise<Status> => {
      this.looks += 1
      if (this.served !== undefined) return this.served
      throw nodeNotRunning({ host: '127.0.0.1', port: 4001, source: '/x/.env' }, 'node index.js')
    }
    const { signal } = this.#controller
    this.#whenOver = watchStatus({
      ask,
      stdout: screen,
      env: { NO_COLOR: '1' },
      signal,
      everyMs: 5,
    })
    t.teardown(() => this.end())
  }

  /** Waits until what is served now was looked at for sure. */
  async lookAgain(): Promise<void> {
    const enough = this.looks + 2
    await waitUntil(
      () => this.looks >= enough,
      () => `look ${enough}`,
    )
  }

  end(): Promise<void> {
    this.#controller.abort()
    return this.#whenOver
  }
}

test('status watch - prints anew in a pipe when something changed, and only then', async (t) => {
  const watching = new Watching(t, aStatus([aPeer(4002)]))
  await watching.lookAgain()
  watching.served = aStatus([aPeer(4002, { link: aLink({ roundTripMs: 99 }) })])
  await watching.lookAgain()
  t.is(watching.screen.text.split('nodes connected\n').length - 1, 1, watching.screen.text)
  watching.served = aStatus([aPeer(4002), aPeer(4003)])
  await watching.lookAgain()
  await watching.end()
  t.is(watching.screen.text.split('nodes connected\n').length - 1, 2, watching.screen.text)
  t.false(watching.screen.text.includes('\u001b'))
})

test('status watch - outlives the node', async (t) => {
  const watching = new Watching(t, aStatus())
  await watching.lookAgain()
  watching.served = undefined
  await watching.lookAgain()
  watching.served = aStatus([aPeer(4002)])
  await watching.lookAgain()
  await watching.end()
  const { text } = watching.screen
  t.is(text.split('the node does not run').length - 1, 1, text)
  t.true(text.endsWith('all 2 nodes connected\n'), text)
})

test('status watch - draws in place on a terminal, and gives it back with the last picture', async (t) => {
  const screen = new TextScreen({ isTTY: true })
  const watching = new Watching(t, aStatus([aPeer(4002)]), screen)
  await watching.lookAgain()
  t.true(screen.text.startsWith('\u001b[?1049h\u001b[?25l\u001b[H'))
  await watching.end()
  const [pictures = '', after = ''] = screen.text.split('\u001b[?25h\u001b[?1049l')
  t.true(pictures.split('\u001b[H').length > 2)
  t.regex(after, /^ws:\/\/localhost:4002 +connected/m)
  t.is(after, stripVTControlCharacters(after))
})

test('status watch - never scrolls: what does not fit is counted', async (t) => {
  const peers = Array.from({ length: 50 }, (_, index) => aPeer(4002 + index))
  const screen = new TextScreen({ isTTY: true, rows: 10 })
  const watching = new Watching(t, aStatus(peers), screen)
  await watching.lookAgain()
  await watching.end()
  const [, picture = ''] = screen.text.split('\u001b[H')
  t.is(picture.split('\r\n').length, 10)
  t.true(picture.includes('… and 46 more'), picture)
  t.true(picture.includes('all 51 nodes connected'))
})

test('status watch - shows our own bugs, and gives the terminal back before', async (t) => {
  const screen = new TextScreen({ isTTY: true })
  const ask = async (): Promise<Status> => {
    throw new Error('a bug')
  }
  const { signal } = new AbortController()
  await t.throwsAsync(watchStatus({ ask, stdout: screen, env: {}, signal }), { message: 'a bug' })
  t.true(screen.text.endsWith('\u001b[?25h\u001b[?1049l'))
})
