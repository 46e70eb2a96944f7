/** build/mesh-board.ts: what a terminal shows of many nodes. */

import { stripVTControlCharacters } from 'node:util'
import test from 'ava'
import { BoardShow } from '../../build/board-show.ts'
import { boardLines, type MeshBoard } from '../../build/mesh-board.ts'
import { pictureOf } from '../helpers/terminal-picture.ts'
import { TextScreen } from '../helpers/text-screen.ts'

function linesOf(board: MeshBoard, { columns = 80, rows = 24, colour = false } = {}) {
  return boardLines(board, { columns, rows, colour, elapsedMs: 1234 })
}

function up(port: number, count: number) {
  return { kind: 'up', address: `ws://localhost:${port}`, count } as const
}

function ended(words: string) {
  return { kind: 'ended', words } as const
}

/** All nodes listen, and are connected to so many. */
function boardWith(counts: readonly number[]): MeshBoard {
  const names = counts.map((_, index) => `node-${index + 1}`)
  return {
    rows: new Map(names.map((name, index) => [name, up(4001 + index, counts[index] ?? 0)])),
    pages: new Map(names.map((name, index) => [name, `http://localhost:${4001 + index}/`])),
  }
}

test('mesh board - has a line for each node, and a summary', (t) => {
  const pages = new Map([['node-1', 'http://localhost:4001/']])
  const board: MeshBoard = { rows: new Map(), pages }
  board.rows.set('node-1', up(4001, 1))
  board.rows.set('node-2', { kind: 'starting' })
  board.rows.set('node-10', up(4010, 1))
  t.deepEqual(linesOf(board), [
    'node-1   ws://localhost:4001  connected to 1 of 2',
    'node-2   starting',
    'node-10  ws://localhost:4010  connected to 1 of 2',
    '2 of 3 nodes running, 1 of 3 connections, 1.2 s',
    'page: http://localhost:4001/',
  ])
})

test('mesh board - a sentence replaces the figures', (t) => {
  const board = boardWith([1, 1])
  board.sentence = 'all 2 nodes connected after 0.5 s, 1 connection'
  t.is(linesOf(board)[2], 'all 2 nodes connected after 0.5 s, 1 connection')
  board.sentence = undefined
  t.is(linesOf(board)[2], '2 of 2 nodes running, 1 of 1 connections, 1.2 s')
})

test('mesh board - an ended node is marked, and is no longer counted as a peer', (t) => {
  const board = boardWith([2, 2, 2])
  board.pages.delete('node-1')
  board.rows.set(
    'node-1',
    ended('was ended by SIGKILL; to start it again: cd node-1 && node index.js'),
  )
  board.rows.set('node-2', up(4002, 1))
  t.deepEqual(linesOf(board), [
    'node-1  was ended by SIGKILL; to start it again: cd node-1 && node index.js',
    'node-2  ws://localhost:4002  connected to 1 of 1',
    'node-3  ws://localhost:4003  connected to 2',
    '2 of 3 nodes running, 1 of 1 connections, 1.2 s',
    'page: http://localhost:4002/',
  ])
})

test('mesh board - with more nodes than lines, the nodes that lack connections are shown', (t) => {
  const board = boardWith([5, 5, 5, 5, 4, 5])
  board.rows.set('node-3', ended('ended with exit code 1'))
  board.rows.set('node-5', up(4005, 3))
  t.deepEqual(linesOf(board, { rows: 7 }), [
    'node-1  ws://localhost:4001  connected to 5',
    'node-3  ended with exit code 1',
    'node-5  ws://localhost:4005  connected to 3 of 4',
    '… and 3 more, all connected',
    '5 of 6 nodes running, 10 of 10 connections, 1.2 s',
    'page: http://localhost:4001/',
  ])
  board.rows.set('node-1', up(4001, 0))
  board.rows.set('node-2', up(4002, 0))
  t.is(linesOf(board, { rows: 5 })[1], '… and 5 more')
})

test('mesh board - never has more lines, or longer ones, than the terminal', (t) => {
  for (const rows of [1, 2, 3, 4, 5, 8, 24]) {
    for (const columns of [1, 10, 40]) {
      for (const colour of [false, true]) {
        const lines = linesOf(boardWith([3, 3, 3, 2]), { rows, columns, colour })
        t.true(lines.length <= Math.max(rows - 1, 3), `${lines.length} of ${rows}`)
        t.true(lines.every((line) => stripVTControlCharacters(line).length <= columns))
      }
    }
  }
})

test('mesh board - has colours when the option is set', (t) => {
  const [first = '', , , last = ''] = linesOf(boardWith([2, 2, 1]), { colour: true })
  t.is(first, '\u001b[32mnode-1  ws://localhost:4001  connected to 2 of 2\u001b[39m')
  t.true(last.startsWith('\u001b[1m'))
})

test('board show - draws the board, and removes the page of a node that ended', (t) => {
  const screen = new TextScreen()
  const nodes = ['node-1', 'node-2'].map((name) => ({ name, level: 'info' as const }))
  const show = new BoardShow({ nodes, colour: false, terminal: screen })
  const address = 'ws://localhost:4001'
  show.printed('node-1', { text: '', event: { kind: 'listening', address } })
  show.printed('node-1', { text: '', event: { kind: 'page', url: 'http://localhost:4001/' } })
  show.ended('node-1', 'ended with exit code 1')
  show.summary('a sentence')
  show.end('all nodes stopped')
  t.deepEqual(pictureOf(screen.text), [
    'node-1  ended with exit code 1',
    'node-2  starting',
    'a sentence',
    'all nodes stopped',
  ])
})
