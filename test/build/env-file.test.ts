/** build/env-file.ts: the port is changed, and nothing else. */

import test from 'ava'
import { portOf, withPort } from '../../build/env-file.ts'
import { parseEnvFile } from '../../src/config/env-file.ts'

function settings(text: string): Record<string, string> {
  return Object.fromEntries(parseEnvFile(text).values)
}

for (const [title, before, after] of [
  ['a plain line', 'PORT=4001\n', 'PORT=4002\n'],
  ['a line without an end', 'A=1\nPORT=4001', 'A=1\nPORT=4002'],
  [
    'comments and other settings',
    '# PORT=1\n\nA=b # c\nPORT=4001 # d\n',
    '# PORT=1\n\nA=b # c\nPORT=4002 # d\n',
  ],
  ['export', 'export PORT=4001\n', 'export PORT=4002\n'],
  ['double quotes', 'PORT="4001"\n', 'PORT="4002"\n'],
  ['single quotes and spaces', "  PORT = '4001'  \n", "  PORT = '4002'  \n"],
  ['a colon', 'PORT: 4001\n', 'PORT: 4002\n'],
  ['line ends of Windows', 'PORT=4001\r\nA=1\r\n', 'PORT=4002\r\nA=1\r\n'],
  ['no value', 'PORT=\nA=1\n', 'PORT=4002\nA=1\n'],
  ['no value after a colon', 'PORT:\n#\nA=1\n', 'PORT: 4002\n#\nA=1\n'],
  ['the next line as the value after a colon', 'PORT:\nA=1\n', 'PORT:\n4002\n'],
  ['no PORT and a colon at the end', 'A:\n', 'A:\n\nPORT=4002\n'],
  ['no value but a comment', 'PORT= # c\n', 'PORT= 4002# c\n'],
  ['no number', 'PORT=abc\n', 'PORT=4002\n'],
  ['several', 'PORT=1\nPORT=2\n', 'PORT=4002\nPORT=4002\n'],
  ['names like it', 'XPORT=1\nPORT_2=1\nPORT=1\n', 'XPORT=1\nPORT_2=1\nPORT=4002\n'],
  ['a value of several lines', 'A="\nPORT=1\n"\nPORT=2\n', 'A="\nPORT=1\n"\nPORT=4002\n'],
  ['an empty file', '', 'PORT=4002\n'],
  ['no PORT', 'A=1', 'A=1\nPORT=4002\n'],
  ['no PORT on Windows', 'A=1\r\n', 'A=1\r\nPORT=4002\r\n'],
] as const) {
  test(`env file - changes PORT in: ${title}`, (t) => {
    t.is(withPort(before, 4002), after)
    t.deepEqual(settings(after), { ...settings(before), PORT: '4002' })
    t.is(portOf(after), 4002)
  })
}

for (const [before, after] of [
  ['ADDRESS=ws://10.9.0.2:4001\nPORT=4001\n', 'ADDRESS=ws://10.9.0.2:4002\nPORT=4002\n'],
  [
    'PORT=4001\nADDRESS="ws://[::1]:4001/4001" # a',
    'PORT=4002\nADDRESS="ws://[::1]:4002/4001" # a',
  ],
  [
    "export ADDRESS: 'WSS://a:4001 '\r\nPORT: 4001",
    "export ADDRESS: 'WSS://a:4002 '\r\nPORT: 4002",
  ],
  // That of a proxy or a router, none, or no address.
  ['PORT=4001\nADDRESS=ws://a:40010\n', 'PORT=4002\nADDRESS=ws://a:40010\n'],
  ['PORT=4001\nADDRESS=wss://a/node:4001\n', 'PORT=4002\nADDRESS=wss://a/node:4001\n'],
  ['PORT=4001\n#ADDRESS=ws://a:4001\n', 'PORT=4002\n#ADDRESS=ws://a:4001\n'],
  ['PORT=x\nADDRESS=ws://a:x\nADDRESS=\n', 'PORT=4002\nADDRESS=ws://a:x\nADDRESS=\n'],
] as const) {
  test(`env file - changes the port in ADDRESS in: ${JSON.stringify(before)}`, (t) => {
    t.is(withPort(before, 4002), after)
  })
}

test('env file - a PORT is read as a node reads it', (t) => {
  t.is(portOf('PORT=" 4001 "'), 4001)
  t.is(portOf('PORT=4001\nPORT='), undefined)
})

test('env file - an invalid PORT is undefined', (t) => {
  for (const text of [
    '',
    'PORT=',
    'PORT=0',
    'PORT=65536',
    'PORT=abc',
    'PORT=4001.5',
    'PORT=0x10',
    '#PORT=1',
  ]) {
    t.is(portOf(text), undefined, text)
  }
})
