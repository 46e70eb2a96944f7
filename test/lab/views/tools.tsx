/** What a user does to the whole mesh. */

import { Component } from 'preact'
import type { NodeMark } from '../model/node-view.ts'
import { NODES_MAX } from '../model/scene.ts'
import { LATENCY_MS_MAX, LOSS_PERCENT_MAX } from '../model/step.ts'
import type { LabProperties } from '../page/state.ts'

export function Tools({
  lab,
  marks,
  change,
}: LabProperties & { readonly marks: readonly NodeMark[] }) {
  const { playground } = lab
  const running = marks.filter(({ state }) => state !== 'ended' && state !== 'stranger')
  const half = running.slice(0, Math.ceil(running.length / 2)).map(({ number }) => number)
  const isOwn = playground.scene.setting.kind === 'own'
  // The plan of a seed has its own nodes.
  const isFull = !isOwn || playground.nextNumber > NODES_MAX
  const other = running.find(({ number }) => number !== lab.selected)
  return (
    <div class="tools-of-mesh">
      <button type="button" disabled={isFull} onClick={() => change(() => lab.add('start'))}>
        Add node
      </button>
      <button type="button" disabled={isFull} onClick={() => change(() => lab.add('plain'))}>
        Add plain peer
      </button>
      {playground.isSplit ? (
        <button type="button" onClick={() => change(() => lab.act('heal'))}>
          End the partition
        </button>
      ) : (
        <button
          type="button"
          disabled={running.length < 2}
          title="The first half of the nodes and all others do not reach each other"
          onClick={() => change(() => lab.act('split', ...half))}
        >
          Partition
        </button>
      )}
      <button
        type="button"
        disabled={other === undefined || lab.selected > NODES_MAX}
        title="A stranger connects to the selected node, and claims to be another one"
        onClick={() => change(() => lab.act('stranger', lab.selected, other?.number ?? 1))}
      >
        Stranger
      </button>
      {isOwn && (
        <>
          <Slider
            label="Latency"
            unit="ms"
            value={playground.latencyMs}
            min={10}
            max={LATENCY_MS_MAX}
            step={10}
            onChoose={(value) => change(() => lab.act('latency', value))}
          />
          <Slider
            label="Loss"
            unit="%"
            value={playground.lossPercent}
            min={0}
            max={LOSS_PERCENT_MAX}
            step={1}
            onChoose={(value) => change(() => lab.act('loss', value))}
          />
        </>
      )}
    </div>
  )
}

interface SliderProperties {
  readonly label: string
  readonly unit: string
  readonly value: number
  readonly min: number
  readonly max: number
  readonly step: number
  readonly onChoose: (value: number) => void
}

interface Moved {
  /** Where it is while it is moved. */
  readonly draft: number | undefined
}

/** While it is moved it shows its place: the lab draws it meanwhile, with the value that holds. */
class Slider extends Component<SliderProperties, Moved> {
  override state: Moved = { draft: undefined }

  override render({ label, unit, value, onChoose, ...range }: SliderProperties, { draft }: Moved) {
    const shown = draft ?? value
    return (
      <label class="slider">
        {label}
        <input
          type="range"
          {...range}
          value={shown}
          onInput={(event) => this.setState({ draft: Number(event.currentTarget.value) })}
          onChange={(event) => {
            this.#end()
            onChoose(Number(event.currentTarget.value))
          }}
          // A slider that is moved back to its value does not change.
          onBlur={() => this.#end()}
        />
        <output>
          {shown} {unit}
        </output>
      </label>
    )
  }

  #end(): void {
    this.setState({ draft: undefined })
  }
}
