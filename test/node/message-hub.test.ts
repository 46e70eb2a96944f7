import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { MeshNode } from '../../src/index.ts'
import { PortReservation } from '../../src/io/port-reservation.ts'
import { MessageHub } from '../../src/node/message-hub.ts'
import { FEEDS_MAX } from '../../src/pubsub/limits.ts'
import { segmentName } from '../../src/storage/segment.ts'
import { at, meshId } from '../helpers/core.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const OWN = meshId(FEEDS_MAX + 1)

test('message hub - has its own address, also with a full folder', async (t) => {
  const folder = temporaryFolder(t)
  for (let number = 1; number <= FEEDS_MAX; number += 1) {
    const name = segmentName({ number, feed: meshId(number), first: 1 })
    writeFileSync(join(folder, name), '')
  }
  const none = { keepMib: undefined, keepSeconds: undefined, senderPercent: undefined }
  const settings = { ...none, folder, folderMib: 256 }
  const hub = new MessageHub({
    id: OWN,
    address: at(1),
    settings,
    nowMs: 0,
    random: Math.random,
    takesRelayed: false,
    onError: ({ error }) => t.fail(String(error)),
  })
  t.teardown(() => hub.close())
  t.is(hub.addressOf(OWN), at(1))
})

test.serial('message hub - what it refuses leaves no port reserved', (t) => {
  const { release } = PortReservation.prototype
  t.teardown(() => {
    PortReservation.prototype.release = release
  })
  const released: number[] = []
  PortReservation.prototype.release = function (this: PortReservation) {
    released.push(this.port)
    return release.call(this)
  }
  const folder = join(temporaryFolder(t, { file: '' }), 'file', 'data')
  t.throws(() => new MeshNode({ port: 0, messages: { folder } }), { code: 'DATA_NOT_WRITABLE' })
  t.is(released.length, 1)
})
