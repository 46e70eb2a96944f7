import test from 'ava'
import {
  RETIRED_NAMES,
  SETTING_NAMES,
  SETTINGS,
  TIMING_OPTIONS,
  TIMING_SETTINGS,
  type TimingSetting,
} from '../../src/config/settings.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'

test('settings - have distinct names that .env can hold', (t) => {
  t.is(new Set(SETTING_NAMES).size, SETTING_NAMES.length)
  for (const name of SETTING_NAMES) t.regex(name, /^[A-Z]+(?:_[A-Z]+)*$/)
})

test('settings - hold the timings of operators, each with its own default', (t) => {
  const { stableAfterMs, duplicateProbeMs, antiEntropyMs, verifyMs, ...ofOperators } =
    DEFAULT_TIMINGS
  t.deepEqual(defaultsOf(TIMING_SETTINGS), ofOperators)
  t.deepEqual(defaultsOf(TIMING_OPTIONS), { ...DEFAULT_TIMINGS })
  for (const name of RETIRED_NAMES) t.false(SETTING_NAMES.includes(name), name)
})

function defaultsOf(settings: readonly TimingSetting[]): Record<string, number> {
  return Object.fromEntries(settings.map(({ field, defaultText }) => [field, Number(defaultText)]))
}

for (const setting of [...Object.values(SETTINGS), ...TIMING_SETTINGS]) {
  test(`settings - accept their own example of ${setting.name}`, (t) => {
    t.is(setting.parse(setting.example).kind, 'value')
  })
}
