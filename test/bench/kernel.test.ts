import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import test from 'ava'
import { ConnectionWatch, connectionsAmong } from '../../bench/kernel/connections.ts'
import { counterIn, networkCounters, progress } from '../../bench/kernel/counters.ts'
import { costOf, fieldIn, memoryOf } from '../../bench/kernel/process-stats.ts'
import { parseSocketTable, type SocketRow } from '../../bench/kernel/socket-table.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0FA1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1 0
   1: 0100007F:0FA1 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 101 1 0
   2: 0100007F:C350 0100007F:0FA1 01 00000000:00000000 00:00000000 00000000     0        0 102 1 0
   3: 0100007F:C351 0100007F:0FA1 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0
`

test('socket table - has ports, states and inodes', (t) => {
  t.deepEqual(parseSocketTable(TABLE), [
    { localPort: 4001, remotePort: 0, isOpen: false, inode: 100 },
    { localPort: 4001, remotePort: 50_000, isOpen: true, inode: 101 },
    { localPort: 50_000, remotePort: 4001, isOpen: true, inode: 102 },
    { localPort: 50_001, remotePort: 4001, isOpen: false, inode: 0 },
  ])
})

/** Both ends of a connection from the process with this pid; the inode of its end is the pid. */
function connection(pid: number, from: number, to: number): readonly SocketRow[] {
  return [
    { localPort: from, remotePort: to, isOpen: true, inode: pid },
    { localPort: to, remotePort: from, isOpen: true, inode: 999 },
  ]
}

const LISTENERS = [
  { pid: 1, port: 4001 },
  { pid: 2, port: 4002 },
  { pid: 3, port: 4003 },
]
const ownerIsInode = (inode: number) => (inode === 999 ? undefined : inode)

test('connections - two of one pair are one pair, and two directions when both dialed', (t) => {
  const rows = [...connection(1, 50_000, 4002), ...connection(2, 50_001, 4001)]
  t.deepEqual(connectionsAmong(LISTENERS, rows, ownerIsInode), {
    count: 2,
    pairs: 1,
    directions: 2,
    pending: 0,
  })
  const twice = [...connection(1, 50_000, 4002), ...connection(1, 50_001, 4002)]
  t.deepEqual(connectionsAmong(LISTENERS, twice, ownerIsInode), {
    count: 2,
    pairs: 1,
    directions: 1,
    pending: 0,
  })
})

test('connections - one that the acceptor has not taken does not count, and may come to', (t) => {
  const [dialersEnd] = connection(1, 50_000, 4002)
  if (dialersEnd === undefined) return t.fail()
  const { pairs, pending } = connectionsAmong(LISTENERS, [dialersEnd], ownerIsInode)
  t.deepEqual([pairs, pending], [0, 1])
})

test('connections - another process, and a node that dials itself, make no pair', (t) => {
  const rows = [...connection(77, 50_000, 4002), ...connection(1, 50_001, 4001)]
  t.is(connectionsAmong(LISTENERS, rows, ownerIsInode).pairs, 0)
})

test('connections - are found in the kernel, and removed when they close', async (t) => {
  const port = await freePort(t)
  const server = createServer().listen(port, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  // Another process, so that the dialer is not the listener.
  const script = `require('net').connect(${port}, '127.0.0.1')`
  const dialer = spawn(process.execPath, ['-e', script])
  t.teardown(() => dialer.kill('SIGKILL'))
  const watch = new ConnectionWatch()
  const listeners = [
    { pid: process.pid, port },
    { pid: dialer.pid ?? 0, port: 1 },
  ]
  const connections = () => watch.look(listeners)
  await waitUntil(
    () => connections().pairs === 1,
    () => JSON.stringify(connections()),
  )
  t.deepEqual(connections(), { count: 1, pairs: 1, directions: 1, pending: 0 })
  dialer.kill('SIGKILL')
  await waitUntil(
    () => connections().pairs === 0,
    () => JSON.stringify(connections()),
  )
})

test('counters - are found by their group and name', (t) => {
  const text = 'Ip: A B\nIp: 1 2\nTcp: B A\nTcp: 3 4\n'
  t.is(counterIn(text, 'Ip', 'A'), 1)
  t.is(counterIn(text, 'Tcp', 'A'), 4)
  t.throws(() => counterIn(text, 'Tcp', 'C'), { message: /Tcp C/ })
})

test('counters - count a dial and its bytes', async (t) => {
  const port = await freePort(t)
  const server = createServer().listen(port, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const before = networkCounters()
  const acceptedBefore = progress().accepted
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  const after = networkCounters()
  t.true(after.dials > before.dials)
  t.true(after.bytes > before.bytes)
  t.true(progress().accepted > acceptedBefore)
})

test('process stats - are those of this process', (t) => {
  const { cpuSeconds, wakeUps } = costOf(process.pid)
  t.true(cpuSeconds > 0)
  t.true(wakeUps > 0)
  const { rss, pss } = memoryOf(process.pid)
  t.true(pss > 2 ** 20)
  t.true(rss >= pss)
})

test('process stats - name a field that the kernel lacks', (t) => {
  t.is(fieldIn('Rss:     12 kB\nPss:   7 kB\n', 'Pss'), 7)
  t.throws(() => fieldIn('Rss: 12 kB\n', 'Pss'), { message: /Pss/ })
})
