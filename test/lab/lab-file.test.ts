/** lab.html as a file: it is whole, and its policy admits its own script and style, and no more. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { rowsIn, section } from '../docs/markdown.ts'
import { labFile } from './lab-file.ts'
import { codeLines } from './model/code-lines.ts'
import { VERBS } from './model/step.ts'
import { STORIES } from './model/stories.ts'

const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8')

test('lab - the file needs no other, and admits only what is in it', async (t) => {
  const html = await labFile()
  t.deepEqual(html.match(/<(?:script|link|img|iframe)\b[^>]*(?:src|href)="(?!data:)[^"]*"/g), null)
  const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? []
  t.true(policy.startsWith("default-src 'none'; img-src data:; "))
  for (const [element, name] of Object.entries({ script: 'module', style: '' })) {
    const start = name === '' ? `<${element}>` : `<${element} type="${name}">`
    const text = html.split(start)[1]?.split(`</${element}>`)[0] ?? ''
    const digest = createHash('sha256').update(text).digest('base64')
    t.true(policy.includes(`${element}-src 'sha256-${digest}'`), element)
  }
  for (const name of ['preact', 'ipaddr.js']) t.regex(html, new RegExp(`// ${name} .*\\(MIT\\)`))
  t.false(html.includes(REPOSITORY))
  t.true(html.length < 300_000)
})

test('lab - each line of code that a story names is there, once', (t) => {
  const lines = codeLines(STORIES, read)
  for (const [index, { code }] of STORIES.entries()) {
    t.true(code.length > 0)
    for (const [at, { file, text }] of code.entries()) {
      t.true(read(file).split('\n')[(lines[index]?.[at] ?? 0) - 1]?.includes(text))
    }
  }
  const wrong = STORIES.map((story) => ({
    ...story,
    code: [{ file: 'src/mesh/mesh.ts', text: 'import' }],
  }))
  t.throws(() => codeLines(wrong, read), { message: /'import' is on \d+ lines of src\/mesh\/mesh/ })
})

test('lab - its page of the docs has every step, and no other', (t) => {
  const rows = rowsIn(section('docs/LAB.md', 'A scene')).map(([steps = '']) => steps)
  const verbs = rows.flatMap((steps) => steps.match(/`(\w+):|`(heal)`/g) ?? [])
  t.deepEqual(
    verbs.map((verb) => verb.replace(/\W/g, '')).toSorted(),
    Object.keys(VERBS).toSorted(),
  )
})
