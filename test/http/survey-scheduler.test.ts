/** Somebody looks at the mesh, for a moment or for longer. */

import test from 'ava'
import { SurveyScheduler } from '../../src/http/survey-scheduler.ts'
import { waitUntil } from '../helpers/wait-until.ts'

function gazeFor(intervalMs: number, waitMs = 1) {
  const counter = { looks: 0 }
  const look = (): void => {
    counter.looks += 1
  }
  return { counter, surveys: new SurveyScheduler({ look, intervalMs, waitMs }) }
}

test('survey scheduler - while somebody looks, the peers are asked again and again', async (t) => {
  const { counter, surveys } = gazeFor(5)
  surveys.setWatched(true)
  t.is(counter.looks, 1)
  await waitUntil(
    () => counter.looks > 3,
    () => `${counter.looks} looks`,
  )
  surveys.setWatched(false)
  const { looks } = counter
  const later = gazeFor(5)
  later.surveys.setWatched(true)
  await waitUntil(
    () => later.counter.looks > 3,
    () => `${later.counter.looks} looks`,
  )
  later.surveys.setWatched(false)
  t.is(counter.looks, looks, 'nobody looks any more')
})

test('survey scheduler - a glance asks once, and waits for answers', async (t) => {
  const { counter, surveys } = gazeFor(60_000, 20)
  const startMs = performance.now()
  await surveys.surveyOnce()
  t.is(counter.looks, 1)
  t.true(performance.now() - startMs >= 19)
})

test('survey scheduler - a glance while somebody looks has its answers already', async (t) => {
  const { counter, surveys } = gazeFor(60_000, 60_000)
  surveys.setWatched(true)
  await surveys.surveyOnce()
  surveys.setWatched(false)
  t.is(counter.looks, 1)
})

test('survey scheduler - after a change it looks twice more, and once for many changes', async (t) => {
  const counter = { looks: 0 }
  const look = (): void => {
    counter.looks += 1
  }
  const surveys = new SurveyScheduler({ look, intervalMs: 60_000, afterChangeMs: [1, 20] })
  surveys.surveySoon()
  surveys.setWatched(true)
  for (let change = 0; change < 10; change += 1) surveys.surveySoon()
  await waitUntil(
    () => counter.looks === 3,
    () => `${counter.looks} looks`,
  )
  surveys.surveySoon()
  surveys.setWatched(false)
  const { looks } = counter
  await new SurveyScheduler({ look: () => {}, waitMs: 40 }).surveyOnce()
  t.is(counter.looks, looks, 'nobody looks any more')
})
