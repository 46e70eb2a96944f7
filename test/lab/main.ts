/** `npm run lab`: makes dist/lab.html, and opens it where there is a desktop. */

import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EXIT_USAGE, runTool, ToolError } from '../../build/command-line.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { writeWhole } from '../../build/whole-file.ts'
import { labFile } from './lab-file.ts'
import { formatScene, parseScene } from './model/scene.ts'

const PATH = 'dist/lab.html'

const HELP = `
npm run lab            makes ${PATH}, a mesh of virtual nodes to play with, and opens it
npm run lab -- SCENE   opens a scene, such as '#nodes=20&known=before', or '#sim=123': a seed of npm run sim

The file needs no other file, no server and no network: open it from disk, or put it on any web host.

  --no-open   only makes the file
  --help      this text
`

await runTool({
  name: 'lab',
  help: HELP,
  flags: ['--no-open'],
  operandsMax: 1,
  async run({ flags, operands: [scene = ''] }) {
    const hash = sceneHash(scene)
    const html = await labFile()
    const path = join(REPOSITORY, PATH)
    mkdirSync(join(REPOSITORY, 'dist'), { recursive: true })
    await writeWhole(path, html)
    const url = `${pathToFileURL(path).href}${hash}`
    console.log(`${PATH}  ${(html.length / 1000).toFixed(1)} kB\n${url}`)
    if (!flags.has('--no-open') && process.stdout.isTTY) open(url)
    return 0
  },
})

/** @throws {ToolError} exit code 2 when the text is no scene */
function sceneHash(text: string): string {
  try {
    return text === '' ? '' : `#${formatScene(parseScene(text))}`
  } catch (error) {
    throw new ToolError(error instanceof Error ? error.message : String(error), EXIT_USAGE)
  }
}

/** Opens an address in the browser; without one, the address that was printed is enough. */
function open(url: string): void {
  const [program = '', ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open']
  const opener = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
  opener.on('error', () => {})
  opener.unref()
}
