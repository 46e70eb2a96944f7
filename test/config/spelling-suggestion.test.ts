import test from 'ava'
import { closestName } from '../../src/config/spelling-suggestion.ts'

const WORDS = ['PORT', 'MESH', 'LOG_LEVEL']

test('spelling suggestion - allows one edit in a short word, two in a long one', (t) => {
  for (const word of ['PORT', 'port', 'PROT', 'PRT', 'POORT', 'P0RT'])
    t.is(closestName(word, WORDS), 'PORT')
  for (const word of ['LOGLEVL', 'LGO_LEVLE', 'log_levels'])
    t.is(closestName(word, WORDS), 'LOG_LEVEL')
})

test('spelling suggestion - is undefined for other words', (t) => {
  for (const word of ['', 'HOST', 'PATH', 'REPORT', 'LOG', 'LGO_LVLE', 'P'.repeat(100_000)]) {
    t.is(closestName(word, WORDS), undefined)
  }
})

test('spelling suggestion - is the closest of several', (t) => {
  t.is(closestName('REDIAL_MX_MS', ['REDIAL_MIN_MS', 'REDIAL_MAX_MS']), 'REDIAL_MAX_MS')
})
