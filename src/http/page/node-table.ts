/** The facts of all nodes as a table, which is filled only while it is open. */

import { html, setAttributes, setText } from './elements.ts'
import { FACT_NAMES, type Facts } from './node-facts.ts'

export class Table {
  readonly #details: HTMLDetailsElement
  readonly #body = html('tbody', { role: 'rowgroup' })
  readonly #rows = new Map<string, readonly HTMLElement[]>()

  /** @param onOpen called when the reader opens or closes the table */
  constructor(details: HTMLDetailsElement, onOpen: () => void) {
    this.#details = details
    const names = FACT_NAMES.map((name) => html('th', { scope: 'col', role: 'columnheader' }, name))
    // Explicit roles, because a narrow page shows rows as cards, which removes them.
    const head = html('thead', { role: 'rowgroup' }, html('tr', { role: 'row' }, ...names))
    const table = html('table', { role: 'table', 'aria-label': 'Nodes' }, head, this.#body)
    const scroller = { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'All nodes' }
    details.append(html('div', scroller, table))
    details.addEventListener('toggle', onOpen)
  }

  get isOpen(): boolean {
    return this.#details.open
  }

  /** Shows these rows in this order. */
  show(rows: readonly Facts[]): void {
    const addresses = new Set(rows.map((facts) => facts.Address))
    for (const [address, cells] of this.#rows) {
      if (addresses.has(address)) continue
      cells[0]?.parentElement?.remove()
      this.#rows.delete(address)
    }
    for (const [index, facts] of rows.entries()) {
      const cells = this.#rows.get(facts.Address) ?? this.#newRow(facts.Address)
      const row = cells[0]?.parentElement ?? null
      const before = this.#body.children[index] ?? null
      if (row !== null && row !== before) this.#body.insertBefore(row, before)
      for (const [column, name] of FACT_NAMES.entries()) {
        const cell = cells[column]
        if (cell !== undefined) setText(cell, facts[name])
      }
    }
  }

  #newRow(address: string): readonly HTMLElement[] {
    const cells = FACT_NAMES.map((name, column) => {
      const cell = column === 0 ? html('th', { scope: 'row', role: 'rowheader' }) : html('td')
      setAttributes(cell, { 'data-name': name, ...(column === 0 ? {} : { role: 'cell' }) })
      return cell
    })
    html('tr', { role: 'row' }, ...cells)
    this.#rows.set(address, cells)
    return cells
  }
}
