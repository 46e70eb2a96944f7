import test from 'ava'
import {
  MESSAGE_SETTINGS,
  RETIRED_NAMES,
  SETTING_NAMES,
  SETTINGS,
  TIMING_OPTIONS,
  TIMING_SETTINGS,
  type TimingSetting,
} from '../../src/config/settings.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { FEED_SHARE_MAX, LOG_AGE_MS_MAX, LOG_BYTES_MAX } from '../../src/pubsub/limits.ts'
import { FOLDER_MIB } from '../../src/storage/limits.ts'

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

test('settings - hold the limits of kept messages, with the defaults of the core', (t) => {
  const { folderMib, keepMib, keepSeconds, senderPercent } = MESSAGE_SETTINGS
  t.is(Number(folderMib.defaultText), FOLDER_MIB)
  t.is(Number(keepMib.defaultText) * 1024 ** 2, LOG_BYTES_MAX)
  t.is(Number(keepSeconds.defaultText) * 1_000, LOG_AGE_MS_MAX)
  t.is(Number(senderPercent.defaultText) / 100, FEED_SHARE_MAX)
})

for (const { setting, least = 1, most } of [
  { setting: MESSAGE_SETTINGS.keepMib, most: 1_024 },
  { setting: MESSAGE_SETTINGS.keepSeconds, most: 86_400 },
  { setting: MESSAGE_SETTINGS.senderPercent, most: 100 },
  { setting: MESSAGE_SETTINGS.folderMib, least: 8, most: 1_048_576 },
]) {
  test(`settings - ${setting.name} has bounds`, (t) => {
    t.deepEqual(setting.parse(String(least)), { kind: 'value', value: least })
    t.deepEqual(setting.parse(String(most)), { kind: 'value', value: most })
    for (const text of [String(least - 1), String(most + 1), '1.5', '-1', '']) {
      t.is(setting.parse(text).kind, 'rejected', text)
    }
    t.true(setting.expected.endsWith(`from ${least} to ${most}`))
  })
}

const ALL = [SETTINGS, MESSAGE_SETTINGS].flatMap((settings) => Object.values(settings))

for (const setting of [...ALL, ...TIMING_SETTINGS]) {
  test(`settings - accept their own example of ${setting.name}`, (t) => {
    t.is(setting.parse(setting.example).kind, 'value')
  })
}
