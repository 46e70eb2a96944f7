/** The box of a picture, drawn for its size, and again when that changes. */

import { Component, type ComponentChild, type RefObject } from 'preact'
import type { Size } from '../model/layout.ts'

interface BoxContent {
  /** The element. */
  readonly box: RefObject<HTMLDivElement | null>
  readonly draw: (size: Size) => ComponentChild
}

export class MeasuredBox extends Component<BoxContent, Size> {
  override state: Size = { width: 0, height: 0 }
  #observer: ResizeObserver | undefined

  override componentDidMount(): void {
    const { current } = this.props.box
    if (current === null) return
    this.#observer = new ResizeObserver(() => {
      this.setState({ width: current.clientWidth, height: current.clientHeight })
    })
    this.#observer.observe(current)
  }

  override componentWillUnmount(): void {
    this.#observer?.disconnect()
  }

  override render({ box, draw }: BoxContent, size: Size) {
    return (
      <div class="circle" ref={box}>
        {size.width > 0 && draw(size)}
      </div>
    )
  }
}
