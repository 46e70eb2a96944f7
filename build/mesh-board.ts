/** A mesh of many nodes as a list with one line for each, and below it a summary. Pure. */

import { fitted } from './live-region.ts'
import { pageLine, styled } from './mesh-show.ts'

type Row =
  | { readonly kind: 'starting' }
  | { readonly kind: 'up'; readonly address: string; readonly count: number }
  | { readonly kind: 'ended'; readonly words: string }

export interface MeshBoard {
  /** The nodes by name, in the order of their lines. */
  readonly rows: Map<string, Row>
  readonly pages: Map<string, string>
  /** Shown instead of the figures. */
  sentence?: string | undefined
}

export interface BoardLook {
  readonly columns: number
  readonly rows: number
  readonly colour: boolean
  /** Since the start. */
  readonly elapsedMs: number
}

/** The style of each condition; the conditions that are left out last come first. */
const STYLES = { ended: 'red', starting: 'dim', lacking: 'yellow', connected: 'green' } as const

type Condition = keyof typeof STYLES

const CONDITIONS = Object.keys(STYLES)

/** The lines of a board: none is wider than the terminal, and all fit into its rows. */
export function boardLines(board: MeshBoard, look: BoardLook): readonly string[] {
  const { columns, colour, elapsedMs } = look
  const sentence = board.sentence ?? figures(board, elapsedMs)
  const below = [sentence, pageLine(board.rows.keys(), board.pages)]
    .filter((line) => line !== undefined)
    .map((line) => styled('bold', fitted(line, columns), colour))
  // The cursor is in the last line of the terminal.
  return [...nodeLines(board, look, look.rows - below.length - 1), ...below]
}

function nodeLines(board: MeshBoard, { columns, colour }: BoardLook, room: number) {
  const peers = peersOf(board)
  const nameColumns = Math.max(...[...board.rows.keys()].map((name) => name.length))
  const all = [...board.rows].map(([name, row]) => ({
    is: conditionOf(row, peers),
    text: `${name.padEnd(nameColumns)}  ${wordsFor(row, peers)}`,
  }))
  const fits = all.length <= room
  const shown = fits ? all : mostUrgent(all, Math.max(room - 1, 0))
  const lines = shown.map(({ is, text }) => styled(STYLES[is], fitted(text, columns), colour))
  if (fits) return lines
  const rest = all.filter((node) => !shown.includes(node))
  const isWell = rest.every(({ is }) => is === 'connected')
  const more = `… and ${rest.length} more${isWell ? ', all connected' : ''}`
  return [...lines, fitted(more, columns)]
}

function conditionOf(row: Row, peers: number): Condition {
  if (row.kind !== 'up') return row.kind
  return row.count < peers ? 'lacking' : 'connected'
}

function wordsFor(row: Row, peers: number): string {
  if (row.kind === 'starting') return 'starting'
  if (row.kind === 'ended') return row.words
  return `${row.address}  connected to ${row.count}${row.count > peers ? '' : ` of ${peers}`}`
}

function figures(board: MeshBoard, elapsedMs: number): string {
  const up = [...board.rows.values()].filter((row) => row.kind === 'up')
  const peers = peersOf(board)
  const needed = ((peers + 1) * peers) / 2
  // Both ends count each connection, one of them a little later.
  const ends = up.reduce((sum, { count }) => sum + count, 0)
  const connections = Math.min(Math.floor(ends / 2), needed)
  const seconds = (elapsedMs / 1000).toFixed(1)
  return `${up.length} of ${board.rows.size} nodes running, ${connections} of ${needed} connections, ${seconds} s`
}

/** How many peers each node should have. */
function peersOf({ rows }: MeshBoard): number {
  const running = [...rows.values()].filter(({ kind }) => kind !== 'ended')
  return Math.max(running.length - 1, 0)
}

/** The `count` nodes that need attention first, in the order of the board. */
function mostUrgent<Node extends { readonly is: Condition }>(
  nodes: readonly Node[],
  count: number,
): readonly Node[] {
  const rank = ({ is }: Node): number => CONDITIONS.indexOf(is)
  const chosen = new Set([...nodes].sort((a, b) => rank(a) - rank(b)).slice(0, count))
  return nodes.filter((node) => chosen.has(node))
}
