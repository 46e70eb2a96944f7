import test from 'ava'
import { SETTING_NAMES, SETTINGS, TIMING_SETTINGS } from '../../src/config/settings.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'

test('settings - have distinct names that .env can hold', (t) => {
  t.is(new Set(SETTING_NAMES).size, SETTING_NAMES.length)
  for (const name of SETTING_NAMES) t.regex(name, /^[A-Z]+(?:_[A-Z]+)*$/)
})

test('settings - hold every timing, with its own default', (t) => {
  t.deepEqual(
    Object.fromEntries(
      TIMING_SETTINGS.map((setting) => [setting.field, Number(setting.defaultText)]),
    ),
    { ...DEFAULT_TIMINGS },
  )
})

for (const setting of [...Object.values(SETTINGS), ...TIMING_SETTINGS]) {
  test(`settings - accept their own example of ${setting.name}`, (t) => {
    t.is(setting.parse(setting.example).kind, 'value')
  })
}
