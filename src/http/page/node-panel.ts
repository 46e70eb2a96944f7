/** The facts of one node, beside the drawing. */

import { html, setText } from './elements.ts'
import { FACT_NAMES, type FactName, type Facts, NOTHING } from './node-facts.ts'

export class Panel {
  readonly #heading = html('h2')
  readonly #texts = new Map<FactName, HTMLElement>()

  constructor(container: HTMLElement) {
    const list = html('dl')
    for (const name of FACT_NAMES) {
      const text = html('dd')
      this.#texts.set(name, text)
      list.append(html('div', {}, html('dt', {}, name), text))
    }
    container.prepend(this.#heading, list)
  }

  /** Shows facts; headings without one are hidden. */
  show(heading: string, facts: Facts): void {
    setText(this.#heading, heading)
    for (const [name, element] of this.#texts) {
      setText(element, facts[name])
      const row = element.parentElement
      if (row !== null) row.hidden = facts[name] === NOTHING
    }
  }
}
