/** The picture of the lab for docs/LAB.md, a part of `npm run pictures`. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startBrowser } from '../../build/browser.ts'
import { runTool, ToolError } from '../../build/command-line.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { labFile } from './lab-file.ts'
import { STORIES } from './model/stories.ts'

const PATH = 'docs/pictures/lab.png'

/** A moment at which dots of several kinds are under way. */
const STORY = 'A mesh becomes complete'
const STEPS = 62

await runTool({ name: 'picture', help: `test/lab/picture.ts   makes ${PATH}`, run: makePicture })

async function makePicture(): Promise<number> {
  const scene = STORIES.find(({ name }) => name === STORY)?.scene
  const folder = mkdtempSync(join(tmpdir(), 'fullmesh-lab-'))
  const browser = await startBrowser()
  try {
    writeFileSync(join(folder, 'lab.html'), await labFile())
    // With less motion time stands still at first: the same steps give the same picture.
    const look = { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' } as const
    const page = await (await browser.newContext(look)).newPage()
    await page.goto(`${pathToFileURL(join(folder, 'lab.html')).href}#${scene}`)
    for (let step = 0; step < STEPS; step += 1) {
      await page.getByRole('button', { name: 'Step' }).click()
    }
    const path = join(REPOSITORY, PATH)
    await page.screenshot({ path })
    const args = ['--force', '--strip', '--speed=1', '--output', path, path]
    if (spawnSync('pngquant', args).status !== 0) throw new ToolError('pngquant failed')
    console.log(`made ${PATH}`)
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true })
  }
  return 0
}
