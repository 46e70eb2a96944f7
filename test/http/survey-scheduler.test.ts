import test from 'ava'
import { SurveyScheduler, type SurveySchedulerOptions } from '../../src/http/survey-scheduler.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A scheduler that counts its surveys; only the intervals that a test names are short. */
function schedulerFor(options: Partial<SurveySchedulerOptions>) {
  const counter = { surveys: 0 }
  const survey = (): void => {
    counter.surveys += 1
  }
  const scheduler = new SurveyScheduler({ survey, intervalMs: 60_000, ...options })
  return { counter, scheduler }
}

test('survey scheduler - surveys regularly while active', async (t) => {
  const { counter, scheduler } = schedulerFor({ intervalMs: 5 })
  scheduler.setActive(true)
  t.is(counter.surveys, 1)
  await waitUntil(
    () => counter.surveys > 3,
    () => `${counter.surveys} surveys`,
  )
  scheduler.setActive(false)
  const { surveys } = counter
  const later = schedulerFor({ intervalMs: 5 })
  later.scheduler.setActive(true)
  await waitUntil(
    () => later.counter.surveys > 3,
    () => `${later.counter.surveys} surveys`,
  )
  later.scheduler.setActive(false)
  t.is(counter.surveys, surveys, 'no survey when not active')
})

test('survey scheduler - surveys once, and waits for answers', async (t) => {
  const { counter, scheduler } = schedulerFor({ waitMs: 20 })
  const startMs = performance.now()
  await scheduler.surveyOnce()
  t.is(counter.surveys, 1)
  t.true(performance.now() - startMs >= 19)
})

test('survey scheduler - needs no further survey while active', async (t) => {
  const { counter, scheduler } = schedulerFor({ waitMs: 60_000 })
  scheduler.setActive(true)
  await scheduler.surveyOnce()
  scheduler.setActive(false)
  t.is(counter.surveys, 1)
})

test('survey scheduler - surveys twice more after a change, once for many changes', async (t) => {
  const { counter, scheduler } = schedulerFor({ afterChangeMs: [1, 20] })
  scheduler.surveySoon()
  scheduler.setActive(true)
  for (let change = 0; change < 10; change += 1) scheduler.surveySoon()
  await waitUntil(
    () => counter.surveys === 3,
    () => `${counter.surveys} surveys`,
  )
  scheduler.surveySoon()
  scheduler.setActive(false)
  const { surveys } = counter
  await schedulerFor({ waitMs: 40 }).scheduler.surveyOnce()
  t.is(counter.surveys, surveys, 'no survey when not active')
})
