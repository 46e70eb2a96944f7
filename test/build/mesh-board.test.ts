/** build/mesh-board.ts: what a terminal shows of many nodes. */

import { stripVTControlCharacters } from 'node:util'
import test from 'ava'
import { MeshBoard } from '../../build/mesh-board.ts'

const NAMES = ['node-1', 'node-2', 'node-10']

function linesOf(board: MeshBoard, { columns = 80, rows = 24, colour = false } = {}) {
  return board.lines({ columns, rows, colour, elapsedMs: 1234 })
}

/** All nodes listen, and are connected to so many. */
function boardWith(counts: readonly number[]): MeshBoard {
  const board = new MeshBoard(counts.map((_, index) => `node-${index + 1}`))
  for (const [index, count] of counts.entries()) {
    const name = `node-${index + 1}`
    board.listening(name, `ws://localhost:${4001 + index}`)
    board.pageAt(name, `http://localhost:${4001 + index}/`)
    board.connectedTo(name, count)
  }
  return board
}

test('mesh board - has a line for each node, and says how far all are', (t) => {
  const board = new MeshBoard(NAMES)
  board.listening('node-1', 'ws://localhost:4001')
  board.pageAt('node-1', 'http://localhost:4001/')
  board.listening('node-10', 'ws://localhost:4010')
  board.connectedTo('node-1', 1)
  board.connectedTo('node-10', 1)
  t.deepEqual(linesOf(board), [
    'node-1   ws://localhost:4001  connected to 1 of 2',
    'node-2   starting',
    'node-10  ws://localhost:4010  connected to 1 of 2',
    '2 of 3 nodes running, 1 of 3 connections, 1.2 s',
    'page: http://localhost:4001/',
  ])
})

test('mesh board - says how all stand instead of how far they are, until that is over', (t) => {
  const board = boardWith([1, 1])
  board.say('all 2 nodes connected after 0.5 s, 1 connection')
  t.is(linesOf(board)[2], 'all 2 nodes connected after 0.5 s, 1 connection')
  board.say(undefined)
  t.is(linesOf(board)[2], '2 of 2 nodes running, 1 of 1 connections, 1.2 s')
})

test('mesh board - the line of a node that ended says so, and the others need it no more', (t) => {
  const board = boardWith([2, 2, 2])
  board.ended('node-1', 'was ended by SIGKILL; to start it again: cd node-1 && node index.js')
  board.connectedTo('node-2', 1)
  t.deepEqual(linesOf(board), [
    'node-1  was ended by SIGKILL; to start it again: cd node-1 && node index.js',
    'node-2  ws://localhost:4002  connected to 1 of 1',
    'node-3  ws://localhost:4003  connected to 2',
    '2 of 3 nodes running, 1 of 1 connections, 1.2 s',
    'page: http://localhost:4002/',
  ])
})

test('mesh board - of more nodes than there are lines, those that lack something are seen', (t) => {
  const board = boardWith([5, 5, 5, 5, 4, 5])
  board.ended('node-3', 'ended with exit code 1')
  board.connectedTo('node-5', 3)
  t.deepEqual(linesOf(board, { rows: 7 }), [
    'node-1  ws://localhost:4001  connected to 5',
    'node-3  ended with exit code 1',
    'node-5  ws://localhost:4005  connected to 3 of 4',
    '… and 3 more, all connected',
    '5 of 6 nodes running, 10 of 10 connections, 1.2 s',
    'page: http://localhost:4001/',
  ])
  board.connectedTo('node-1', 0)
  board.connectedTo('node-2', 0)
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

test('mesh board - is in colour where colours are wanted', (t) => {
  const [first = '', , , last = ''] = linesOf(boardWith([2, 2, 1]), { colour: true })
  t.is(first, '\u001b[32mnode-1  ws://localhost:4001  connected to 2 of 2\u001b[39m')
  t.true(last.startsWith('\u001b[1m'))
})
