import { Component, type ComponentChild } from 'preact'

/**
 * A view that is made again only when one of its properties is another one.
 *
 * @param derived properties that change only with others
 */
export function pure<Properties extends object>(
  view: (properties: Properties) => ComponentChild,
  derived: readonly (keyof Properties)[] = [],
) {
  const ignored = new Set<unknown>(derived)
  return class extends Component<Properties> {
    override shouldComponentUpdate(next: Readonly<Properties>): boolean {
      const { props } = this
      for (const name in next) if (!ignored.has(name) && next[name] !== props[name]) return true
      return false
    }

    override render(properties: Properties): ComponentChild {
      return view(properties)
    }
  }
}
