/** Lines of a `.env` that are no settings: misspelt, broken, doubled, or no longer in use. */

import { join } from 'node:path'
import test from 'ava'
import { readConfig } from '../../src/config/config.ts'
import { RETIRED_NAMES } from '../../src/config/settings.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { configOf } from '../helpers/node-config.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

for (const key of ['PROT', 'port', 'PRT', 'POORT', 'Pört'.replace('ö', 'o'), 'PORTS', 'PORT_']) {
  test(`config - suggests PORT for ${key}`, (t) => {
    throwsNodeError(
      t,
      () => configOf(t, `${key}=4001`),
      'CONFIG_PORT_MISSING',
      `'${key}'`,
      'did you mean PORT',
    )
  })
}

test('config - warns of a misspelt key in .env, and only there', (t) => {
  const dir = temporaryFolder(t, {
    '.env': 'PORT=4001\nLOGLEVEL=debug\nDATABASE=x\nMASH=a\nMESH=b',
  })
  const { warnings } = readConfig({ dir, env: { ADRESS: 'x' } })
  const ignored = 'is not a setting and is ignored; did you mean'
  t.deepEqual(warnings, [
    `${join(dir, '.env')}: 'LOGLEVEL' ${ignored} LOG_LEVEL?`,
    `${join(dir, '.env')}: 'MASH' ${ignored} MESH, which has a line of its own? delete one of them`,
  ])
})

test('config - warns of a misspelt PORT beside the right one', (t) => {
  const { port, warnings } = configOf(t, 'PORT=4001\nPROT=4002\nREPORT=1\nHOST=x')
  t.is(port, 4001)
  t.is(warnings.length, 1)
  t.regex(warnings[0] ?? '', /'PROT' is not a setting .* PORT, which has a line of its own/)
})

test('config - names a line without an equals sign', (t) => {
  const facts = ["'PORT 4001' has no equals sign; write PORT=4001", '.env']
  throwsNodeError(t, () => configOf(t, 'PORT 4001'), 'CONFIG_PORT_MISSING', ...facts)
  const text = 'PORT=4001\n export MESH my mesh \r\nOTHER x\nLOG_LEVEL\n# LISTEN x\nADDRESS # x'
  const { warnings } = configOf(t, text)
  t.is(warnings.length, 1)
  t.regex(warnings[0] ?? '', /\.env: 'MESH my mesh' has no equals sign; write MESH=…$/)
})

for (const line of ['PORT="4001', "PORT='4001", 'PORT=4001"', 'PORT=`4001\nMESH=a']) {
  test(`config - names a quote that is open in ${JSON.stringify(line)}`, (t) => {
    const fact = 'which has a quote at one end only'
    throwsNodeError(t, () => configOf(t, line), 'CONFIG_PORT_INVALID', fact, '.env')
  })
}

test('config - warns of a setting in several lines, of which the last one counts', (t) => {
  const dir = temporaryFolder(t, {
    '.env': 'PORT=4001\nMESH=a\nexport MESH = "b"\nOTHER=1\nOTHER=2\nX="\nPORT=1\n"\n',
  })
  const { mesh, port, warnings } = readConfig({ dir, env: {} })
  t.is(mesh, 'b')
  t.is(port, 4001)
  t.deepEqual(warnings, [
    `${join(dir, '.env')}: MESH is set in several lines; the last one counts, delete the others`,
  ])
})

for (const name of RETIRED_NAMES) {
  test(`config - ignores ${name}, and warns that it is no longer a setting`, (t) => {
    const dir = temporaryFolder(t, { '.env': `PORT=4001\n${name}=x\n` })
    const file = readConfig({ dir, env: {} })
    t.deepEqual(file.timings, DEFAULT_TIMINGS)
    t.deepEqual(file.warnings, [
      `${join(dir, '.env')}: '${name}' is no longer a setting and is ignored; delete the line`,
    ])
    const alone = temporaryFolder(t, { '.env': 'PORT=4001\n' })
    const variable = readConfig({ dir: alone, env: { [name]: '20' } })
    t.deepEqual(variable.timings, DEFAULT_TIMINGS)
    t.deepEqual(variable.warnings, [
      `the environment variable ${name} is no longer a setting and is ignored; unset it`,
    ])
  })
}
