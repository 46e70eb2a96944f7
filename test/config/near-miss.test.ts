import test from 'ava'
import { nearest } from '../../src/config/near-miss.ts'

const WORDS = ['PORT', 'MESH', 'LOG_LEVEL']

test('near miss - is one slip in a short word, two in a long one', (t) => {
  for (const word of ['PORT', 'port', 'PROT', 'PRT', 'POORT', 'P0RT'])
    t.is(nearest(word, WORDS), 'PORT')
  for (const word of ['LOGLEVL', 'LGO_LEVLE', 'log_levels']) t.is(nearest(word, WORDS), 'LOG_LEVEL')
})

test('near miss - is not seen in other words', (t) => {
  for (const word of ['', 'HOST', 'PATH', 'REPORT', 'LOG', 'LGO_LVLE', 'P'.repeat(100_000)]) {
    t.is(nearest(word, WORDS), undefined)
  }
})

test('near miss - is the nearest of several', (t) => {
  t.is(nearest('REDIAL_MX_MS', ['REDIAL_MIN_MS', 'REDIAL_MAX_MS']), 'REDIAL_MAX_MS')
})
