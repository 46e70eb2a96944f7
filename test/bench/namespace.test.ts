import test from 'ava'
import { reasonIn } from '../../bench/namespace.ts'

test('namespace - tells an error of a trial on one line, without its stack', (t) => {
  const crash = [
    '/x/bench/messages/crew.ts:96',
    "    if (answer.kind === 'failed') throw new Error(answer.reason)",
    '',
    'Error: worker 8: stream closed',
    '    at Crew.ask (/x/bench/messages/crew.ts:96:41)',
    '',
    'Node.js v20.20.2',
    '',
  ]
  t.is(reasonIn(crash.join('\n')), 'Error: worker 8: stream closed')
  t.is(reasonIn('unshare: not permitted\n'), 'unshare: not permitted')
  t.is(reasonIn(''), 'it said nothing')
})
