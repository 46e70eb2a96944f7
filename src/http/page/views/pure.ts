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
      const before = new Map<string, unknown>(Object.entries(this.props))
      return Object.entries(next).some(
        ([name, value]) => !ignored.has(name) && before.get(name) !== value,
      )
    }

    override render(properties: Properties): ComponentChild {
      return view(properties)
    }
  }
}
