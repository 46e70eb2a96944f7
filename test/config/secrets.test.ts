import { chmodSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { drawSecret, writeSecret } from '../../src/cli/secret.ts'
import { type Config, readConfig } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/environment.ts'
import { SECRET_CHARS_MIN, SECRETS_MAX } from '../../src/config/setting-values.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** Of as few characters as a secret may have. */
const SHORTEST = 'S3cr3t'.padEnd(SECRET_CHARS_MIN, 'x')
const OTHER = 'OtherS3cr3t'.padEnd(SECRET_CHARS_MIN, 'y')

/** A folder whose files only their owner may read. */
function folderWith(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const dir = temporaryFolder(t, { '.env': 'PORT=4001\n', ...files })
  for (const name of ['.env', ...Object.keys(files)]) chmodSync(join(dir, name), 0o600)
  return dir
}

function configOf(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
  env: Environment = {},
): Config {
  return readConfig({ dir: folderWith(t, files), env })
}

test('secrets - are none unless they are set', (t) => {
  t.like(configOf(t, {}), { secrets: [], secretFile: undefined, warnings: [] })
})

test('secrets - a mode without a secret is a warning', (t) => {
  for (const SECRET_MODE of ['require', 'accept']) {
    const { warnings } = configOf(t, {}, { SECRET_MODE })
    t.is(warnings.length, 1)
    t.regex(warnings[0] ?? '', new RegExp(`SECRET_MODE .*is ${SECRET_MODE}, .* anybody can join`))
  }
  t.deepEqual(configOf(t, { secret: `${SHORTEST}\n` }, { SECRET_MODE: 'accept' }).warnings, [])
})

test('secrets - come from SECRET, from the file that SECRET_FILE names, or from the file secret', (t) => {
  t.like(configOf(t, { '.env': `PORT=4001\nSECRET=${SHORTEST}\n` }), {
    secrets: [SHORTEST],
    secretFile: undefined,
    warnings: [],
  })
  t.deepEqual(configOf(t, {}, { SECRET: SHORTEST }).secrets, [SHORTEST])
  const dir = folderWith(t, { secret: `${SHORTEST}\n`, other: `${OTHER}\n` })
  t.like(readConfig({ dir, env: {} }), {
    secrets: [SHORTEST],
    secretFile: join(dir, 'secret'),
    warnings: [],
  })
  t.like(readConfig({ dir, env: { SECRET_FILE: 'other' } }), {
    secrets: [OTHER],
    secretFile: join(dir, 'other'),
  })
  const absolute = readConfig({ dir: folderWith(t, {}), env: { SECRET_FILE: join(dir, 'other') } })
  t.deepEqual(absolute.secrets, [OTHER])
})

test('secrets - are a line each, without spaces around, comments and empty lines', (t) => {
  const secret = `# the old one goes on Monday, after the backup\r\n\n  ${OTHER}  \r\n${SHORTEST}\n${OTHER}\n`
  t.deepEqual(configOf(t, { secret }).secrets, [OTHER, SHORTEST])
})

test('secrets - are refused with the place and the fix when they are short, none or too many', (t) => {
  const short = SHORTEST.slice(1)
  const many = Array.from({ length: SECRETS_MAX }, (_, index) => `${SHORTEST}${index}`)
  t.is(configOf(t, { secret: many.join('\n') }).secrets.length, SECRETS_MAX)
  for (const [text, because] of [
    [short, `has a secret of ${SECRET_CHARS_MIN - 1} characters`],
    [`${SHORTEST}\n${short}`, `has a secret of ${SECRET_CHARS_MIN - 1} characters`],
    ['# nothing\n', 'has no secret in it'],
    [[...many, OTHER].join('\n'), `has more than ${SECRETS_MAX} secrets`],
  ] as const) {
    const dir = folderWith(t, { secret: text })
    const act = () => readConfig({ dir, env: {} })
    const facts = [join(dir, 'secret'), because, 'the command secret']
    const error = throwsNodeError(t, act, 'CONFIG_SECRET_INVALID', ...facts)
    t.false(error.message.includes('S3cr3t'), error.message)
    t.is(error.exitCode, 2)
  }
})

test('secrets - are never shown by an error or a warning', (t) => {
  const dir = folderWith(t, {})
  for (const SECRET of ['S3cr3t', `"${'S3cr3t'}`]) {
    const act = () => readConfig({ dir, env: { SECRET } })
    const error = throwsNodeError(t, act, 'CONFIG_SECRET_INVALID', 'variable SECRET', 'the command')
    t.false(error.message.includes('S3cr3t'), error.message)
  }
  const { warnings } = configOf(t, { '.env': `PORT=4001\nSECRET ${SHORTEST}\n` })
  t.is(warnings.length, 1)
  t.regex(warnings[0] ?? '', /'SECRET …' has no equals sign; write SECRET=…$/)
})

test('secrets - have one place, and a second one is named', (t) => {
  const both = folderWith(t, { secret: OTHER })
  const env = { SECRET: SHORTEST, SECRET_FILE: 'secret' }
  throwsNodeError(t, () => readConfig({ dir: both, env }), 'CONFIG_SECRET_INVALID', 'exclude')
  const config = readConfig({ dir: both, env: { SECRET: SHORTEST } })
  t.deepEqual(config.secrets, [SHORTEST])
  t.deepEqual(config.warnings, [
    `${join(both, 'secret')} is ignored, because the environment variable SECRET is set; delete one of them`,
  ])
  const loop = folderWith(t, {})
  symlinkSync('secret', join(loop, 'secret'))
  t.deepEqual(readConfig({ dir: loop, env: { SECRET: SHORTEST } }).warnings, [])
})

test('secrets - can be required', (t) => {
  const dir = folderWith(t, {})
  const missing = (env: Environment, ...facts: readonly string[]) =>
    throwsNodeError(t, () => readConfig({ dir, env }), 'CONFIG_SECRET_MISSING', ...facts)
  missing({ REQUIRE_SECRET: '1' }, 'REQUIRE_SECRET', 'secret --write')
  // That command writes another file.
  missing({ SECRET_FILE: 'absent' }, 'SECRET_FILE', `command secret > ${join(dir, 'absent')}`)
  t.deepEqual(readConfig({ dir, env: { REQUIRE_SECRET: '0' } }).secrets, [])
  t.deepEqual(readConfig({ dir, env: { REQUIRE_SECRET: '1', SECRET: OTHER } }).secrets, [OTHER])
})

test('secrets - that others may read are warned about, and used', (t) => {
  const dir = folderWith(t, { secret: SHORTEST })
  const file = join(dir, 'secret')
  for (const [mode, isOpen] of [
    [0o600, false],
    [0o400, false],
    [0o640, true],
    [0o604, true],
  ] as const) {
    chmodSync(file, mode)
    const { secrets, warnings } = readConfig({ dir, env: {} })
    t.deepEqual(secrets, [SHORTEST])
    t.is(warnings.length, isOpen ? 1 : 0, mode.toString(8))
    if (isOpen)
      t.regex(warnings[0] ?? '', /secret has the secret and mode 6[04][04], .*; chmod 600 /)
  }
})

test('secrets - the command draws another one each time, and writes it for its owner alone', (t) => {
  t.regex(drawSecret(), /^fm1_[\w-]{43}$/)
  t.not(drawSecret(), drawSecret())
  const dir = folderWith(t, {})
  const file = join(dir, 'secret')
  t.regex(writeSecret(dir), /^created .*secret; copy it/)
  const written = readFileSync(file, 'utf8')
  t.deepEqual(readConfig({ dir, env: {} }), {
    ...readConfig({ dir, env: { SECRET: written } }),
    secretFile: file,
    warnings: [],
  })
  t.is(statSync(file).mode & 0o777, 0o600)
  t.is(writeSecret(dir), `${file} exists and stays as it is`)
  t.is(readFileSync(file, 'utf8'), written)
  // Else the next command would say so, and this one that all is well.
  const empty = folderWith(t, { secret: '' })
  throwsNodeError(t, () => writeSecret(empty), 'CONFIG_SECRET_INVALID', 'no secret in it')
  throwsNodeError(t, () => writeSecret('/nowhere'), 'CONFIG_DIR_INVALID', '/nowhere')
  throwsNodeError(t, () => writeSecret('/proc'), 'SECRET_FILE_NOT_CREATED', '/proc/secret')
})
