/** build/mesh-progress.ts: what `npm start` prints about the mesh as a whole. */

import test from 'ava'
import { MeshProgress } from '../../build/mesh-progress.ts'

/**
 * Feeds `name count` lines, `name up` and `name ended`, one per 100 ms, and gives what was printed.
 */
function linesOf(names: readonly string[], script: readonly string[]): string[] {
  const progress = new MeshProgress(names, 0)
  return script.flatMap((line, index) => {
    const [name = '', what = ''] = line.split(' ')
    const nowMs = (index + 1) * 100
    if (what === 'up') return progress.listening(name, nowMs) ?? []
    if (what === 'ended') return progress.ended(name, nowMs) ?? []
    return progress.connectedTo(name, Number(what), nowMs) ?? []
  })
}

const THREE = ['a', 'b', 'c'] as const
const COMPLETE = ['a 1', 'b 1', 'a 2', 'c 1', 'c 2', 'b 2'] as const

test('mesh progress - prints once that all nodes are connected', (t) => {
  t.deepEqual(linesOf(THREE, ['a up', ...COMPLETE]), [
    'all 3 nodes connected after 0.7 s, 3 connections',
  ])
})

test('mesh progress - a node that is silent is not complete', (t) => {
  t.deepEqual(linesOf(THREE, ['a 2', 'b 2', 'a 2']), [])
})

test('mesh progress - two nodes have one connection', (t) => {
  t.deepEqual(linesOf(['a', 'b'], ['a 1', 'b 1']), [
    'all 2 nodes connected after 0.2 s, 1 connection',
  ])
})

test('mesh progress - one node is complete when it listens', (t) => {
  t.deepEqual(linesOf(['a'], ['a up']), ['1 node running after 0.1 s, no other node connected'])
})

test('mesh progress - a lost connection and its return are printed once', (t) => {
  t.deepEqual(linesOf(THREE, [...COMPLETE, 'a 1', 'b 1', 'a 2', 'b 2']).slice(1), [
    'a is connected to 1 of 2 other nodes',
    'all 3 nodes connected again, 3 connections',
  ])
})

test('mesh progress - an ended node is named when the others are connected, in any order of reports', (t) => {
  const again = 'all 2 running nodes connected; ended: c'
  t.deepEqual(linesOf(THREE, [...COMPLETE, 'c ended', 'a 1', 'b 1']).slice(1), [again])
  t.deepEqual(linesOf(THREE, [...COMPLETE, 'a 1', 'c ended', 'b 1']).slice(1), [
    'a is connected to 1 of 2 other nodes',
    again,
  ])
  t.deepEqual(linesOf(THREE, [...COMPLETE, 'a 1', 'b 1', 'c ended']).slice(1), [
    'a is connected to 1 of 2 other nodes',
    again,
  ])
})

test('mesh progress - a node that was started elsewhere is counted apart', (t) => {
  const joined = [...COMPLETE, 'a 3', 'b 3', 'c 3']
  const here = 'all 4 nodes connected again: 3 here, 1 elsewhere'
  t.deepEqual(linesOf(THREE, joined).slice(1), [here])
  t.deepEqual(linesOf(THREE, [...joined, 'c ended', 'a 2', 'b 2']).slice(2), [
    'all 3 nodes connected again: 2 here, 1 elsewhere',
  ])
  t.deepEqual(linesOf(THREE, [...joined, 'a 2', 'b 2', 'c 2']).slice(2), [
    'all 3 nodes connected again, 3 connections',
  ])
})

test('mesh progress - with nodes elsewhere, only those that were started here have stopped', (t) => {
  const progress = new MeshProgress(['a'], 0)
  progress.listening('a', 1)
  t.is(progress.ownNodes, 'nodes')
  progress.connectedTo('a', 1, 2)
  progress.connectedTo('a', 2, 3)
  t.is(progress.ownNodes, 'nodes that were started here')
})

test('mesh progress - reports of an ended node are ignored', (t) => {
  t.deepEqual(linesOf(['a', 'b'], ['b ended', 'a up', 'b 1']), [
    '1 node running after 0.2 s, no other node connected',
  ])
})

test('mesh progress - isComplete is the present state, everComplete stays true', (t) => {
  const progress = new MeshProgress(['a', 'b'], 0)
  progress.listening('a', 1)
  t.deepEqual([progress.isComplete, progress.everComplete], [false, false])
  progress.connectedTo('a', 1, 2)
  progress.connectedTo('b', 1, 3)
  t.deepEqual([progress.isComplete, progress.everComplete], [true, true])
  progress.connectedTo('b', 0, 4)
  t.deepEqual([progress.isComplete, progress.everComplete], [false, true])
})

test('mesh progress - prints nothing when all have ended', (t) => {
  t.deepEqual(linesOf(['a'], ['a up', 'a ended']).slice(1), [])
})
