/** Executables of Windows: PE, 64 bits. See Microsoft's "PE Format". */

import { part } from './byte-range.ts'
import type { Executable, PayloadName } from './executable.ts'

const MACHINE_AMD64 = 0x8664
const MACHINE_ARM64 = 0xaa64
const OPTIONAL_HEADER_64 = 0x20b

/** "Application-defined resource", as raw data. */
const RT_RCDATA = 10

/** Set in an entry of a resource table: it leads to a name, or to one more table. */
const HIGH_BIT = 0x8000_0000

/** Where to read, for what is at an address when the program runs. */
type Locate = (address: number) => number

/** Reads one. The payload is a resource. */
export function peContent(bytes: Buffer, { name }: PayloadName): Executable {
  const header = bytes.readUInt32LE(0x3c)
  if (part(bytes, header, 4).toString('latin1') !== 'PE\0\0') throw new RangeError('no executable')
  const machine = bytes.readUInt16LE(header + 4)
  const arch = machine === MACHINE_AMD64 ? 'x64' : machine === MACHINE_ARM64 ? 'arm64' : undefined
  const optional = header + 24
  if (bytes.readUInt16LE(optional) !== OPTIONAL_HEADER_64) throw new RangeError('not of 64 bits')
  const sections = optional + bytes.readUInt16LE(header + 20)
  const locate = locator(bytes, sections, bytes.readUInt16LE(header + 6))
  // The third of the data directories.
  const resources = bytes.readUInt32LE(optional + 112 + 2 * 8)
  const payload = resources === 0 ? undefined : resource(bytes, resources, locate, name)
  return { os: 'win', arch, payload }
}

function locator(bytes: Buffer, sections: number, count: number): Locate {
  return (address) => {
    for (let index = 0; index < count; index += 1) {
      const section = part(bytes, sections + index * 40, 40)
      const [start, size] = [section.readUInt32LE(12), section.readUInt32LE(16)]
      if (address >= start && address < start + size) {
        return section.readUInt32LE(20) + address - start
      }
    }
    throw new RangeError('an address outside of the executable')
  }
}

/** Three tables lead to a resource: its type, its name, its language. */
function resource(bytes: Buffer, root: number, locate: Locate, name: string): Buffer | undefined {
  const start = locate(root)
  const type = entries(bytes, start).find(({ id }) => id === RT_RCDATA)
  const names = type ? entries(bytes, start + (type.offset & ~HIGH_BIT)) : []
  const named = names.find(({ id }) => textAt(bytes, start, id) === name)
  const [language] = named ? entries(bytes, start + (named.offset & ~HIGH_BIT)) : []
  if (language === undefined) return undefined
  const data = start + language.offset
  return part(bytes, locate(bytes.readUInt32LE(data)), bytes.readUInt32LE(data + 4))
}

function entries(bytes: Buffer, table: number): readonly { id: number; offset: number }[] {
  const count = bytes.readUInt16LE(table + 12) + bytes.readUInt16LE(table + 14)
  return Array.from({ length: count }, (_, index) => {
    const entry = part(bytes, table + 16 + index * 8, 8)
    return { id: entry.readUInt32LE(0), offset: entry.readUInt32LE(4) }
  })
}

/** The name that an entry leads to; undefined when it has a number instead. */
function textAt(bytes: Buffer, start: number, id: number): string | undefined {
  if (id < HIGH_BIT) return undefined
  const offset = start + id - HIGH_BIT
  return part(bytes, offset + 2, bytes.readUInt16LE(offset) * 2).toString('utf16le')
}
