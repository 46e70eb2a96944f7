import test, { type ExecutionContext } from 'ava'
import { environmentOf, type ProcessInfo } from '../../src/config/environment.ts'
import { SETTING_NAMES } from '../../src/config/settings.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** What is left of an environment in a working directory with these files. */
function leftOf(
  t: ExecutionContext,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
  versions: ProcessInfo['versions'] = { node: '24.3.0', bun: '1.4.5' },
): ProcessInfo['env'] {
  const folder = temporaryFolder(t, files)
  return environmentOf({ env, versions, cwd: () => folder })
}

test('environment - does not include what the files of the working directory set', (t) => {
  const files = {
    '.env': 'PORT=4001 # ours\nMESH="a b"\n',
    '.env.local': 'LISTEN=::1\n',
    '.env.development': 'LOG_LEVEL=warn\n',
    '.env.development.local': 'PING_AFTER_MS=5\n',
  }
  const added = { PORT: '4001', MESH: 'a b', LISTEN: '::1', LOG_LEVEL: 'warn', PING_AFTER_MS: '5' }
  t.deepEqual(leftOf(t, { ...added, HOME: '/x' }, files), { HOME: '/x' })
})

test('environment - a variable with another value was set by the operator', (t) => {
  const env = { PORT: '4002' }
  t.deepEqual(leftOf(t, env, { '.env': 'PORT=4001\n' }), env)
})

test('environment - honors NODE_ENV', (t) => {
  const env = { NODE_ENV: 'production', PORT: '1', MESH: 'm' }
  const files = { '.env.production': 'PORT=1\n', '.env.development': 'MESH=m\n' }
  t.deepEqual(leftOf(t, env, files), { NODE_ENV: 'production', MESH: 'm' })
})

test('environment - a file that cannot be read removes nothing', (t) => {
  const env = { PORT: '4001' }
  t.deepEqual(leftOf(t, env, { '.env/file': '' }), env)
})

test('environment - on Deno only settings are read, for each other variable needs a permission', (t) => {
  const env = new Proxy<Record<string, string>>(
    { PORT: '4001' },
    {
      get(target, name) {
        if (!SETTING_NAMES.includes(String(name))) throw new Error(`${String(name)} is read`)
        return Reflect.get(target, name)
      },
    },
  )
  const left = leftOf(t, env, {}, { node: '24.3.0', deno: '2.9.6' })
  t.is(left['PORT'], '4001')
  t.notThrows(() => t.is(left['VERIFY_MS'], undefined))
})

test('environment - on Node all is as it is', (t) => {
  const env = { PORT: '4001' }
  t.is(leftOf(t, env, { '.env': 'PORT=4001\n' }, { node: '20.20.2' }), env)
})
