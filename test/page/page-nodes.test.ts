/** Selecting a node with the pointer and with keys, and the table. */

import test from 'ava'
import {
  afterLeave,
  completeMesh,
  failedDial,
  madeAddress,
  withoutLine,
  withPeer,
} from '../helpers/made-status.ts'
import { look } from '../helpers/page-view.ts'
import { brokenMesh, detailsOf, mark, namesIn, rowOf, show, until } from '../helpers/shown-page.ts'

const THIRD = madeAddress(3)

test.serial('page - a selected node shows its facts and its lines', async (t) => {
  const status = withoutLine(completeMesh(5), THIRD, madeAddress(4))
  const lastEnding = {
    at: '2026-01-02T03:04:05Z',
    ...failedDial('refused', 'connection refused'),
  }
  const { page } = await show(t, withPeer(status, THIRD, { lastEnding }))
  await mark(page, THIRD).hover()
  t.like((await look(page)).lines, { selected: 3, missing: 2 })
  t.deepEqual(await detailsOf(page), {}, 'pointing at a node opens nothing')
  await mark(page, THIRD).click()
  await page.mouse.move(0, 0)
  const { Since, ...row } = await rowOf(page, THIRD)
  t.deepEqual(row, {
    Name: '4003',
    State: 'connected',
    Connections: '3/4',
    'Round trip': '1.4 ms',
    'Dialed by': 'the peer',
    Runtime: 'Deno 2.9.6',
    Id: '7'.repeat(8),
  })
  t.regex(Since ?? '', /^(?:59 min|1 h) ago$/)
  const { 'Last dial': lastDial, ...details } = await detailsOf(page)
  t.deepEqual(details, {
    Code: '0b5f0b5f0b5f',
    Id: `${'7'.repeat(31)}3`,
    Address: `${THIRD}Its page`,
    Missing: '4004',
  })
  t.regex(
    lastDial ?? '',
    /^2026-01-0[123] \d\d:\d\d:\d\d nothing listens there.* \(connection refused\)$/,
  )
  const link = page.locator('tr.details a')
  t.is(await link.getAttribute('href'), 'http://localhost:4003/')
  t.is((await look(page)).lines['selected'], 3, 'also when the pointer is elsewhere')
  const opacity = (kind: string) =>
    page.evaluate(
      (name) => Number(document.querySelector(`.lines > .${name}`)?.getAttribute('opacity')),
      kind,
    )
  t.true((await opacity('mutual')) < 0.15 && (await opacity('selected')) > 0.5)
})

test.serial('page - shows what nodes tell of themselves, as text', async (t) => {
  const data = { name: '<b>a', role: 'job' }
  const status = completeMesh(3)
  const [peer] = status.peers
  if (peer?.link == null) return t.fail()
  const { page } = await show(t, withPeer(status, madeAddress(2), { link: { ...peer.link, data } }))
  const texts = await page.locator('.texts .name').allTextContents()
  t.deepEqual(texts.toSorted(), ['4001', '4002 <b>a, job', '4003'])
  const node = page.locator(`[data-address="${madeAddress(2)}"][role="option"]`)
  t.is(await node.getAttribute('aria-label'), `${madeAddress(2)}, <b>a, job, connected`)
  await mark(page, madeAddress(2)).click()
  await until(async () => (await detailsOf(page))['Data'], JSON.stringify(data))
})

test.serial('page - works with the keyboard alone', async (t) => {
  const { page } = await show(t, completeMesh(5))
  const address = async () => (await detailsOf(page))['Address']?.replace('Its page', '')
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  await page.locator('.choice button').nth(1).focus()
  await press('Tab')
  await until(address, madeAddress(1))
  await press('ArrowRight', 'ArrowDown')
  await until(address, THIRD)
  t.is(
    await page.locator('[role=option][aria-selected="true"]').getAttribute('data-address'),
    THIRD,
  )
  await press('Home', 'ArrowLeft')
  await until(address, madeAddress(5))
  await press('Escape')
  await until(address, undefined)
  t.is(await page.locator('[role=option][aria-selected="true"]').count(), 0)

  await page.locator('button.name').first().focus()
  await press('ArrowDown', 'ArrowDown', 'Enter')
  await until(address, THIRD)
  await press('Enter')
  await until(address, undefined)
})

/** The first names, ascending and descending, where the order is not that of the texts. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  State: ['4003'],
  'Round trip': ['4002', '4010'],
  // How long, not when.
  Since: ['4010', '4001'],
}

test.serial('page - forgets a node that is missing, and says why its node does not', async (t) => {
  const { node, page } = await show(t, afterLeave(completeMesh(4), THIRD))
  const asked: string[] = []
  let answer = { status: 403, body: 'not allowed from 10.0.0.9; run forget there\n' }
  await page.route(/\/peers\?/, async (route) => {
    const request = route.request()
    asked.push(`${request.method()} ${new URL(request.url()).search}`)
    await route.fulfill(answer)
  })
  await mark(page, madeAddress(2)).click()
  await page.locator('tr.details').waitFor()
  const legend = page.locator('#legend')
  t.regex((await legend.textContent()) ?? '', /connection of the highlighted node/)
  const forget = page.getByRole('button', { name: 'Forget' })
  t.is(await forget.count(), 0, 'one that is connected cannot be forgotten')

  await mark(page, THIRD).click()
  await page.mouse.move(0, 0)
  await until(async () => /highlighted node/.test((await legend.textContent()) ?? ''), false)
  await forget.click()
  await page.getByRole('alert').filter({ hasText: 'not allowed from 10.0.0.9' }).waitFor()
  answer = { status: 200, body: '{"forgotten":[]}' }
  await forget.click()
  await until(() => page.getByRole('alert').count(), 0)
  const query = `?address=${encodeURIComponent(THIRD)}`
  t.deepEqual(asked, [`DELETE ${query}`, `DELETE ${query}`])

  const mesh = completeMesh(4)
  node.publish({ ...mesh, peers: mesh.peers.filter(({ address }) => address !== THIRD) })
  await until(() => page.locator('tr.details').count(), 0)
})

test.serial('table - sorts by each column, both ways', async (t) => {
  const { page } = await show(t, brokenMesh())
  const columns = await page.locator('thead button').allTextContents()
  t.deepEqual(columns, [
    'Name',
    'State',
    'Connections',
    'Round trip',
    'Since',
    'Dialed by',
    'Runtime',
    'Id',
  ])
  const texts = new Map<string, Readonly<Record<string, string>>>()
  for (const name of await namesIn(page))
    texts.set(name, await rowOf(page, `ws://localhost:${name}`))
  const sort = async (column: string, direction: string) => {
    const head = page.locator('thead th').filter({ hasText: column })
    await head.getByRole('button').click()
    await until(() => head.getAttribute('aria-sort'), direction)
    const names = await namesIn(page)
    const known = names.filter((name) => texts.get(name)?.[column] !== '–')
    t.deepEqual(names.slice(0, known.length), known, 'what is unknown comes last')
    return { names, known: known.map((name) => texts.get(name)?.[column]) }
  }
  // The table is sorted by states first.
  for (const column of columns) {
    const up = await sort(column, 'ascending')
    const down = await sort(column, 'descending')
    t.deepEqual(down.known, up.known.toReversed(), column)
    t.not(down.names[0], up.names[0], column)
    const [least, most] = ENDS[column] ?? []
    if (least !== undefined) t.is(up.names[0], least)
    if (most !== undefined) t.is(down.names[0], most)
    if (column === 'Round trip') t.deepEqual(down.names.slice(-2), ['4001', '4003'])
  }
})

test.serial('table - searches, and shows problems only', async (t) => {
  const { page } = await show(t, brokenMesh())
  await page.getByRole('searchbox').fill('DENO')
  await until(async () => (await namesIn(page)).join(), '4006,4009')
  t.is(await page.locator('#nodes h2').textContent(), '2 of 10 nodes')
  await page.getByRole('searchbox').fill('no such node')
  await page.getByText('No node matches.').waitFor()
  await page.getByRole('searchbox').fill('')
  await page.getByRole('checkbox').check()
  await until(async () => (await namesIn(page)).join(), '4003,4005,4008')
})

test.serial('table - counts those apart that are not expected any more', async (t) => {
  const { page, node } = await show(t, completeMesh(5))
  const heading = () => page.locator('#nodes h2').textContent()
  t.is(await heading(), '5 nodes')
  node.publish(afterLeave(completeMesh(5), THIRD, null))
  await until(heading, '4 nodes, 1 gone')
})

test.serial('table - leaves out columns that are alike, and says what they have', async (t) => {
  const status = completeMesh(4)
  const { node, page } = await show(t, status)
  const columns = async () => (await page.locator('thead th').allTextContents()).join()
  t.is(await columns(), 'Name,State,Round trip,Since,Dialed by,Runtime,Id')
  t.is(await page.locator('.alike').textContent(), 'All nodes: Connections 3/3 · Code 0b5f0b5f0b5f')
  const [peer] = status.peers
  if (peer?.link == null) return t.fail()
  node.publish(withPeer(status, peer.address, { link: { ...peer.link, sameCode: false, lag: 7 } }))
  await until(columns, 'Name,State,Round trip,Since,Unsent,Dialed by,Runtime,Code,Id')
})

test.serial('table - copies an id', async (t) => {
  const permissions = ['clipboard-read', 'clipboard-write']
  const { page } = await show(t, completeMesh(3), { permissions })
  await page.locator(`[data-row="${THIRD}"] .copy`).click()
  await page.locator(`[data-row="${THIRD}"] .copied`).waitFor()
  t.is(await page.evaluate(() => navigator.clipboard.readText()), `${'7'.repeat(31)}3`)
})

test.serial('table - says "copied" only of what is copied, as long for each', async (t) => {
  const permissions = ['clipboard-read', 'clipboard-write']
  const { page } = await show(t, completeMesh(3), { permissions })
  const copied = page.locator('.copied')
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => {
      document.body.dataset['refused'] = ''
      return Promise.reject(new Error('refused'))
    }
  })
  const copy = (address: string) => page.locator(`[data-row="${address}"] .copy`).click()
  await copy(THIRD)
  await page.locator('[data-refused]').waitFor()
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
  t.is(await copied.count(), 0)

  await page.evaluate(() => Reflect.deleteProperty(navigator.clipboard, 'writeText'))
  await copy(THIRD)
  await copied.waitFor()
  const untilMs = performance.now() + 700
  while (performance.now() < untilMs) t.is(await page.locator('.copied').count(), 1)
  const copiedMs = performance.now()
  await copy(madeAddress(2))
  await page.locator(`[data-row="${madeAddress(2)}"] .copied`).waitFor()
  await until(() => copied.count(), 0)
  t.true(performance.now() - copiedMs >= 1_400)
})

test.serial('table - a row whose texts stay becomes a problem', async (t) => {
  // One that reports nothing makes a column of the connections.
  const status = withPeer(afterLeave(completeMesh(5), THIRD), madeAddress(4), { connectedTo: null })
  const { node, page } = await show(t, status)
  const isProblem = async () =>
    /problem/.test(
      (await page.locator(`[data-row="${madeAddress(2)}"]`).getAttribute('class')) ?? '',
    )
  t.false(await isProblem(), 'no node is connected to the missing one')
  node.publish(withPeer(status, madeAddress(5), { connectedTo: [madeAddress(1), THIRD] }))
  await until(isProblem, true)
})

test.serial('page - a row that goes, or a node, is not pointed at any more', async (t) => {
  const { node, page } = await show(t, brokenMesh())
  const isFocused = async () => (await page.locator('.nodes.focused').count()) > 0
  const row = page.locator(`[data-row="${madeAddress(10)}"]`)
  const search = page.getByRole('searchbox')
  await row.hover()
  await until(isFocused, true)
  await search.pressSequentially('no such node')
  await page.getByText('No node matches.').waitFor()
  t.false(await isFocused())

  await search.fill('')
  await row.hover()
  await until(isFocused, true)
  await page.getByRole('checkbox').focus()
  await page.keyboard.press('Space')
  await until(async () => (await namesIn(page)).join(), '4003,4005,4008')
  t.false(await isFocused())
  await page.keyboard.press('Space')

  await mark(page, madeAddress(10)).click()
  const legend = page.locator('#legend')
  await until(async () => /of the highlighted node/.test((await legend.textContent()) ?? ''), true)
  node.publish(completeMesh(9))
  await until(async () => Object.keys((await look(page)).nodes).length, 9)
  t.notRegex((await legend.textContent()) ?? '', /of the highlighted node/)
})
