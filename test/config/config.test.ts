/** The configuration of a node: what it takes from .env and the environment, and refuses. */

import { join } from 'node:path'
import test from 'ava'
import { readConfig } from '../../src/config/config.ts'
import { HTTP_HOSTS_MAX, LISTEN_IPS_MAX } from '../../src/config/setting-values.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { configOf } from '../helpers/node-config.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

test('config - takes all defaults when .env has only the PORT', (t) => {
  const dir = temporaryFolder(t, { '.env': 'PORT=4001\n' })
  t.deepEqual<unknown, unknown>(readConfig({ dir, env: {} }), {
    dir,
    port: 4001,
    portSource: join(dir, '.env'),
    address: 'ws://localhost:4001',
    listen: ['127.0.0.1', '::1'],
    listenSubject: undefined,
    knownPeers: [],
    sources: [],
    isAddressAuto: false,
    knownPeersSet: [],
    knownPeersFile: 'missing',
    mesh: 'default',
    secrets: [],
    secretMode: 'require',
    tls: 'auto',
    tlsPin: 'secret',
    isSecure: false,
    secretFile: undefined,
    certificate: undefined,
    certificateFiles: undefined,
    data: '{}',
    httpAllow: [],
    topicsAllow: [],
    isAddressSet: false,
    logLevel: 'info',
    logFormat: 'text',
    timings: DEFAULT_TIMINGS,
    messages: {
      keepMib: undefined,
      keepSeconds: undefined,
      senderPercent: undefined,
      folder: undefined,
      folderMib: undefined,
    },
    httpHosts: [],
    warnings: [],
  })
})

test('config - reads every setting from .env', (t) => {
  const config = configOf(
    t,
    [
      'PORT=4001',
      'ADDRESS=WS://Example.COM:80/',
      'LISTEN=127.0.0.1, [::1],0:0:0:0:0:0:0:1',
      'MESH=my.mesh_2-b',
      'NODE_DATA={"role": "worker", "name": "anna"}',
      'HTTP_ALLOW=192.168.1.0/24, ::1',
      'TOPICS_ALLOW=10.0.0.0/8',
      'HTTP_HOSTS=Mesh.example, LOCALHOST:080,[::0001]:8080,mesh.example',
      'LOG_LEVEL=Debug',
      'LOG_FORMAT=JSON',
      'DIAL_TIMEOUT_MS=100',
      'HANDSHAKE_TIMEOUT_MS=101',
      'REDIAL_MAX_MS=3600000',
      'REDIAL_MIN_MS=10',
      'MESSAGES_KEEP_MIB=128',
      'MESSAGES_KEEP_SECONDS=60',
      'MESSAGES_SENDER_PERCENT=50',
      'DATA=my data',
      'DATA_MIB=8',
    ].join('\n'),
  )
  t.is<string, string>(config.address, 'ws://example.com')
  t.deepEqual(config.listen, ['127.0.0.1', '::1'])
  t.is(config.mesh, 'my.mesh_2-b')
  t.is(config.data, '{"role":"worker","name":"anna"}')
  t.deepEqual(
    config.httpAllow.map(([, bits]) => bits),
    [96 + 24, 128],
  )
  t.deepEqual(
    config.topicsAllow.map(([, bits]) => bits),
    [96 + 8],
  )
  t.deepEqual(config.httpHosts, ['mesh.example', 'localhost:80', '[::1]:8080'])
  t.is(config.logLevel, 'debug')
  t.is(config.logFormat, 'json')
  // Relative to the folder of the node.
  const folder = join(config.dir, 'my data')
  const kept = { keepMib: 128, keepSeconds: 60, senderPercent: 50 }
  t.deepEqual(config.messages, { ...kept, folder, folderMib: 8 })
  t.deepEqual(config.timings, {
    ...DEFAULT_TIMINGS,
    dialTimeoutMs: 100,
    handshakeTimeoutMs: 101,
    redialMaxMs: 3_600_000,
    redialMinMs: 10,
  })
})

test('config - a limit of kept messages that is none is named with the fix', (t) => {
  const error = throwsNodeError(
    t,
    () => configOf(t, 'PORT=4001\nMESSAGES_KEEP_MIB=0'),
    'CONFIG_MESSAGES_INVALID',
  )
  t.regex(
    error.message,
    /MESSAGES_KEEP_MIB in .*\.env must be a whole number from 1 to 1024, got '0'/,
  )
  t.true(error.message.endsWith('; write for example MESSAGES_KEEP_MIB=256'))
})

test('config - prefers an environment variable over .env, unless it is empty', (t) => {
  const config = configOf(t, 'PORT=4001\nMESH=from-file', { PORT: '4002', MESH: '' })
  t.is(config.port, 4002)
  t.is(config.portSource, 'the environment variable PORT')
  t.is<string, string>(config.address, 'ws://localhost:4002')
  t.is(config.mesh, 'from-file')
  t.is(configOf(t, 'PORT=4001', { PORT: '  ' }).port, 4001)
  t.is(configOf(t, 'PORT=4001', { PORT: ' 4002 ' }).port, 4002)
})

test('config - needs no .env when the environment has a PORT', (t) => {
  t.is(readConfig({ dir: temporaryFolder(t), env: { PORT: '4001' } }).port, 4001)
})

const PORTS = {
  plain: 'PORT=4001',
  'spaces around it': 'PORT =  4001  ',
  'quotes with spaces inside': 'PORT=" 4001 "',
  'a comment behind it': 'PORT=4001 # the first node',
  'Windows line ends': 'PORT=4001\r\nMESH=a\r\n',
  'a byte order mark': '\ufeffPORT=4001',
  'UTF-16, as Windows PowerShell writes it': Buffer.from('\ufeffPORT=4001\r\n', 'utf16le'),
  'the last of two': 'PORT=1\nPORT=4001',
}

for (const [title, envFile] of Object.entries(PORTS)) {
  test(`config - reads a PORT with ${title}`, (t) => {
    t.is(configOf(t, envFile).port, 4001)
  })
}

test('config - takes the ports 1 and 65535', (t) => {
  t.is(configOf(t, 'PORT=1').port, 1)
  t.is(configOf(t, 'PORT=65535').port, 65_535)
})

const BAD_PORTS = [
  'abc',
  '4001x',
  '4_001',
  '0x10',
  '4e3',
  '4001.5',
  '-1',
  '+1',
  '0',
  '65536',
  '70000',
  '4001;',
]

for (const port of BAD_PORTS) {
  test(`config - refuses the PORT ${port} of .env and of the environment`, (t) => {
    const dir = temporaryFolder(t, { '.env': `PORT=${port}` })
    const facts = ['a whole number from 1 to 65535', `got '${port}'`, 'PORT=4001']
    const file = join(dir, '.env')
    throwsNodeError(t, () => readConfig({ dir, env: {} }), 'CONFIG_PORT_INVALID', file, ...facts)
    const env = { PORT: port }
    const source = 'the environment variable PORT'
    throwsNodeError(t, () => readConfig({ dir, env }), 'CONFIG_PORT_INVALID', source, ...facts)
  })
}

test('config - keeps the message on one short line when a value has controls and is long', (t) => {
  const port = `4001\u001b[31m\n\u202e${'x'.repeat(5_000)}`
  const error = throwsNodeError(
    t,
    () => configOf(t, '', { PORT: port }),
    'CONFIG_PORT_INVALID',
    "'4001\\x1b[31m\\n\\u202exxx",
  )
  t.true(error.message.length < 300)
})

test('config - requires a .env when the environment has no PORT', (t) => {
  const dir = temporaryFolder(t)
  const facts = [join(dir, '.env'), 'PORT=4001']
  throwsNodeError(
    t,
    () => readConfig({ dir, env: { PORT: '' } }),
    'CONFIG_ENV_FILE_MISSING',
    ...facts,
  )
})

for (const envFile of ['', '# PORT=4001', 'PORT=', 'PORT', 'HOST=localhost\nPATH=/x\nREPORT=1']) {
  test(`config - requires a PORT when .env is ${JSON.stringify(envFile)}`, (t) => {
    const dir = temporaryFolder(t, { '.env': envFile })
    const facts = [join(dir, '.env'), 'PORT=4001']
    const error = throwsNodeError(
      t,
      () => readConfig({ dir, env: {} }),
      'CONFIG_PORT_MISSING',
      ...facts,
    )
    t.false(error.message.includes('did you mean'))
  })
}

const BAD_SETTINGS = [
  ['ADDRESS=localhost:4001', 'CONFIG_ADDRESS_INVALID', "got 'localhost:4001'"],
  ['ADDRESS=http://localhost:4001', 'CONFIG_ADDRESS_INVALID', 'not with ws:// or wss://'],
  ['ADDRESS=ws://a:b@localhost', 'CONFIG_ADDRESS_INVALID', 'credentials'],
  ['ADDRESS=ws://0.0.0.0:4001', 'CONFIG_ADDRESS_INVALID', 'LISTEN'],
  ['ADDRESS=ws://0:4001', 'CONFIG_ADDRESS_INVALID', 'LISTEN'],
  ['ADDRESS=ws://[::]:4001', 'CONFIG_ADDRESS_INVALID', 'LISTEN'],
  ['ADDRESS=ws://[::ffff:0.0.0.0]:4001', 'CONFIG_ADDRESS_INVALID', 'LISTEN'],
  ['HTTP_ALLOW=localhost', 'CONFIG_HTTP_ALLOW_INVALID', "got 'localhost'"],
  ['TOPICS_ALLOW=localhost', 'CONFIG_TOPICS_ALLOW_INVALID', "got 'localhost'"],
  ['HTTP_ALLOW=10.0.0.1/8', 'CONFIG_HTTP_ALLOW_INVALID', 'not the first address of its range'],
  ['HTTP_ALLOW=10.0.0.0/8,', 'CONFIG_HTTP_ALLOW_INVALID', 'an empty entry'],
  ['HTTP_HOSTS=*', 'CONFIG_HTTP_HOSTS_INVALID', "'*', which is not a host name"],
  ['HTTP_HOSTS=*.example', 'CONFIG_HTTP_HOSTS_INVALID', 'not a host name'],
  ['HTTP_HOSTS=a,,b', 'CONFIG_HTTP_HOSTS_INVALID', 'an empty entry'],
  ['HTTP_HOSTS=http://a', 'CONFIG_HTTP_HOSTS_INVALID', "'http://a', which is not a host name"],
  ['HTTP_HOSTS=a/b', 'CONFIG_HTTP_HOSTS_INVALID', 'not a host name'],
  ['HTTP_HOSTS=u@a', 'CONFIG_HTTP_HOSTS_INVALID', 'not a host name'],
  ['HTTP_HOSTS=a b', 'CONFIG_HTTP_HOSTS_INVALID', 'not a host name'],
  ['HTTP_HOSTS=::1', 'CONFIG_HTTP_HOSTS_INVALID', "'::1', which is not a host name"],
  ['HTTP_HOSTS=a:0', 'CONFIG_HTTP_HOSTS_INVALID', "'a:0'"],
  ['HTTP_HOSTS=a:65536', 'CONFIG_HTTP_HOSTS_INVALID', "'a:65536'"],
  ['HTTP_HOSTS=a:', 'CONFIG_HTTP_HOSTS_INVALID', "'a:'"],
  [`HTTP_HOSTS=${manyIps(HTTP_HOSTS_MAX + 1)}`, 'CONFIG_HTTP_HOSTS_INVALID', 'more than 16'],
  ['LISTEN=localhost', 'CONFIG_LISTEN_INVALID', "got 'localhost'"],
  ['LISTEN=127.0.0.1:4001', 'CONFIG_LISTEN_INVALID', 'not an IP address'],
  ['LISTEN=127.0.0.1,', 'CONFIG_LISTEN_INVALID', 'an empty entry'],
  ['LISTEN=10.0.0.1,0.0.0.0', 'CONFIG_LISTEN_INVALID', '10.0.0.1 beside 0.0.0.0, which covers'],
  ['LISTEN=::ffff:10.0.0.1,0.0.0.0', 'CONFIG_LISTEN_INVALID', '10.0.0.1 beside 0.0.0.0'],
  ['LISTEN=::,::1', 'CONFIG_LISTEN_INVALID', '::1 beside ::, which covers all of IPv6'],
  ['LISTEN=::,fe80::1%eth0', 'CONFIG_LISTEN_INVALID', 'fe80::1%eth0 beside ::'],
  ['LISTEN=127.0.0.1,224.0.0.1', 'CONFIG_LISTEN_INVALID', 'multicast address 224.0.0.1'],
  ['LISTEN=239.255.255.255', 'CONFIG_LISTEN_INVALID', 'multicast address'],
  ['LISTEN=ff02::1%eth0', 'CONFIG_LISTEN_INVALID', 'multicast address ff02::1'],
  ['LISTEN=255.255.255.255', 'CONFIG_LISTEN_INVALID', 'broadcast address'],
  [`LISTEN=${manyIps(LISTEN_IPS_MAX + 1)}`, 'CONFIG_LISTEN_INVALID', '16'],
  ['MESH=my mesh', 'CONFIG_MESH_INVALID', "got 'my mesh'"],
  ['NODE_DATA=anna', 'CONFIG_NODE_DATA_INVALID', "got 'anna', which is not JSON", 'name":"anna"}'],
  ['NODE_DATA=["a"]', 'CONFIG_NODE_DATA_INVALID', 'NODE_DATA in', 'which is not a JSON object'],
  [`NODE_DATA={"a":"${'ü'.repeat(509)}"}`, 'CONFIG_NODE_DATA_INVALID', 'as JSON: 1026'],
  ['MESH=grün', 'CONFIG_MESH_INVALID', "got 'grün'"],
  [`MESH=${'x'.repeat(65)}`, 'CONFIG_MESH_INVALID', '1 to 64'],
  ['LOG_LEVEL=verbose', 'CONFIG_LOG_LEVEL_INVALID', 'silent, error, warn, info, debug'],
  ['LOG_FORMAT=xml', 'CONFIG_LOG_FORMAT_INVALID', 'one of text, json'],
  ['PING_AFTER_MS=9', 'CONFIG_TIMING_INVALID', 'PING_AFTER_MS'],
  ['REDIAL_MAX_MS=3600001', 'CONFIG_TIMING_INVALID', 'from 10 to 3600000'],
  ['REDIAL_MAX_MS=30s', 'CONFIG_TIMING_INVALID', "got '30s'"],
] as const

for (const [line, code, fact] of BAD_SETTINGS) {
  test(`config - refuses ${line.slice(0, 50)}`, (t) => {
    throwsNodeError(t, () => configOf(t, `PORT=4001\n${line}`), code, fact, '.env')
  })
}

test('config - writes host names of other scripts as the URL parser does', (t) => {
  const text = 'PORT=4001\nADDRESS=ws://Bücher.example:4001/x\nHTTP_HOSTS=BÜCHER.example:80,例え.jp'
  const { address, httpHosts } = configOf(t, text)
  t.is<string, string>(address, 'ws://xn--bcher-kva.example:4001/x')
  t.deepEqual(httpHosts, ['xn--bcher-kva.example:80', 'xn--r8jz45g.jp'])
  // What the URL parser would drop is still refused.
  for (const wrong of ['ws://ü@bücher.example', 'ws://bü\\cher.example', 'ws://a/ü']) {
    const line = `PORT=4001\nADDRESS=${wrong}`
    throwsNodeError(t, () => configOf(t, line), 'CONFIG_ADDRESS_INVALID', '.env')
  }
})

test('config - takes every IP of LISTEN once, whatever its spelling', (t) => {
  const listen = (ips: string) => configOf(t, `PORT=4001\nLISTEN=${ips}`).listen
  t.deepEqual(listen('127.0.0.1,::ffff:127.0.0.1'), ['127.0.0.1'])
  t.deepEqual(listen('::1,::1%lo'), ['::1'])
  t.deepEqual(listen('FE80::1%eth0,fe80:0::1%eth0'), ['fe80::1%eth0'])
  t.deepEqual(listen('fe80::1%eth0,fe80::1%eth1'), ['fe80::1%eth0', 'fe80::1%eth1'])
  t.deepEqual(listen('0.0.0.0,::'), ['0.0.0.0', '::'])
  t.deepEqual(listen('0.0.0.0,fd00::1,::1'), ['0.0.0.0', 'fd00::1', '::1'])
  t.deepEqual(listen('223.255.255.255,240.0.0.1'), ['223.255.255.255', '240.0.0.1'])
})

test('config - takes a list and a name as long as they may be', (t) => {
  const name = 'x'.repeat(64)
  const config = configOf(t, `PORT=4001\nLISTEN=${manyIps(LISTEN_IPS_MAX)}\nMESH=${name}`)
  t.is(config.listen.length, LISTEN_IPS_MAX)
  const hosts = configOf(t, `PORT=4001\nHTTP_HOSTS=${manyIps(HTTP_HOSTS_MAX)}`).httpHosts
  t.is(hosts.length, HTTP_HOSTS_MAX)
  t.is(config.mesh, name)
  const data = `{"a":"${'ü'.repeat(508)}"}`
  t.is(configOf(t, `PORT=4001\nNODE_DATA='${data}'`).data, data)
})

function manyIps(count: number): string {
  return Array.from({ length: count }, (_, index) => `10.0.0.${index}`).join(',')
}

test('config - names contradicting timings as .env does, with their values', (t) => {
  const act = () => configOf(t, 'PORT=4001\nDIAL_TIMEOUT_MS=7000')
  const facts = [
    'DIAL_TIMEOUT_MS must be below HANDSHAKE_TIMEOUT_MS',
    'got 7000 and 6000; change one of them in ',
  ]
  throwsNodeError(t, act, 'CONFIG_TIMING_INVALID', ...facts)
})

test('config - does not change process.env', (t) => {
  const before = { ...process.env }
  configOf(t, 'PORT=4001\nFULLMESH_TEST=1')
  t.deepEqual({ ...process.env }, before)
})
