import { stripVTControlCharacters } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { watchStatus } from '../../src/cli/status/status.ts'
import { NodeError } from '../../src/errors/node-error.ts'
import type { Status } from '../../src/http/status.ts'
import { aLink, aPeer, aStatus } from '../helpers/status-document.ts'
import { TextScreen } from '../helpers/text-screen.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** Watches what the test serves, until `end`. */
class Watching {
  readonly screen: TextScreen
  served: Status | undefined
  requests = 0
  readonly #controller = new AbortController()
  readonly #whenOver: Promise<void>

  constructor(t: ExecutionContext, served: Status, screen = new TextScreen()) {
    this.served = served
    this.screen = screen
    const request = async (): Promise<Status> => {
      this.requests += 1
      if (this.served !== undefined) return this.served
      throw new NodeError('STATUS_NODE_NOT_RUNNING', 'the node is not running')
    }
    const { signal } = this.#controller
    this.#whenOver = watchStatus({
      request,
      stdout: screen,
      env: { NO_COLOR: '1' },
      signal,
      everyMs: 5,
    })
    t.teardown(() => this.end())
  }

  /** Waits until what is served now was requested for sure. */
  async refreshTwice(): Promise<void> {
    const enough = this.requests + 2
    await waitUntil(
      () => this.requests >= enough,
      () => `request ${enough}`,
    )
  }

  end(): Promise<void> {
    this.#controller.abort()
    return this.#whenOver
  }
}

test('status watch - prints again in a pipe only when something changed', async (t) => {
  const watching = new Watching(t, aStatus([aPeer(4002)]))
  await watching.refreshTwice()
  watching.served = aStatus([aPeer(4002, { link: aLink({ roundTripMs: 99 }) })])
  await watching.refreshTwice()
  t.is(watching.screen.text.split('nodes connected\n').length - 1, 1, watching.screen.text)
  watching.served = aStatus([aPeer(4002), aPeer(4003)])
  await watching.refreshTwice()
  await watching.end()
  t.is(watching.screen.text.split('nodes connected\n').length - 1, 2, watching.screen.text)
  t.false(watching.screen.text.includes('\u001b'))
})

test('status watch - goes on when the node stops', async (t) => {
  const watching = new Watching(t, aStatus())
  await watching.refreshTwice()
  watching.served = undefined
  await watching.refreshTwice()
  watching.served = aStatus([aPeer(4002)])
  await watching.refreshTwice()
  await watching.end()
  const { text } = watching.screen
  t.is(text.split('the node is not running').length - 1, 1, text)
  t.true(text.endsWith('all 2 nodes connected\n'), text)
})

test('status watch - draws in place on a terminal, and restores it with the last status below', async (t) => {
  const screen = new TextScreen({ isTTY: true })
  const watching = new Watching(t, aStatus([aPeer(4002)]), screen)
  await watching.refreshTwice()
  t.true(screen.text.startsWith('\u001b[?1049h\u001b[?25l\u001b[H'))
  await watching.end()
  const [pictures = '', after = ''] = screen.text.split('\u001b[?25h\u001b[?1049l')
  t.true(pictures.split('\u001b[H').length > 2)
  t.regex(after, /^ws:\/\/localhost:4002 +connected/m)
  t.is(after, stripVTControlCharacters(after))
})

test('status watch - does not scroll: counts the rows that do not fit', async (t) => {
  const peers = Array.from({ length: 50 }, (_, index) => aPeer(4002 + index))
  const screen = new TextScreen({ isTTY: true, rows: 10 })
  const watching = new Watching(t, aStatus(peers), screen)
  await watching.refreshTwice()
  await watching.end()
  const [, picture = ''] = screen.text.split('\u001b[H')
  t.is(picture.split('\r\n').length, 10)
  t.true(picture.includes('… and 46 more'), picture)
  t.true(picture.includes('all 51 nodes connected'))
})

test('status watch - throws errors of our own, after it restored the terminal', async (t) => {
  const screen = new TextScreen({ isTTY: true })
  const request = async (): Promise<Status> => {
    throw new Error('a bug')
  }
  const { signal } = new AbortController()
  await t.throwsAsync(watchStatus({ request, stdout: screen, env: {}, signal }), {
    message: 'a bug',
  })
  t.true(screen.text.endsWith('\u001b[?25h\u001b[?1049l'))
})
