/** Inputs and outputs of the core, one line each, for the trace. */

import type { Input } from '../../src/mesh/inputs.ts'
import type { Output } from '../../src/mesh/outputs.ts'

/** Longer text is cut. */
const TEXT_LENGTH_MAX = 200

export function describeInput(input: Input): string {
  switch (input.kind) {
    case 'dial-succeeded':
      return `dial-succeeded ${input.address} #${input.link}${by(input.identity)}`
    case 'dial-failed':
      return `dial-failed ${input.address}: ${input.reason}`
    case 'link-accepted':
      return `link-accepted #${input.link} from ${input.remote}${by(input.identity)}`
    case 'frame-received':
      return `frame-received #${input.link} ${input.frame.kind === 'text' ? cut(input.frame.text) : 'binary'}`
    case 'add-requested':
    case 'forget-requested':
      return `${input.kind} ${input.address}`
    case 'source-answered':
      return `source-answered ${input.source} ${cut(input.addresses.join())}`
    case 'source-removed':
      return `source-removed ${input.source}`
    case 'link-closed':
      return `link-closed #${input.link} ${input.code} '${input.reason}'`
    case 'ping-received':
    case 'pong-received':
    case 'link-alive':
    case 'backlog-stuck':
    case 'frame-unreadable':
      return `${input.kind} #${input.link}`
    case 'data-changed':
      return `${input.kind} ${cut(input.text)}`
    case 'started':
    case 'stop-requested':
    case 'survey-requested':
    case 'deadline':
      return input.kind
    default:
      return input satisfies never
  }
}

export function describeOutput(output: Output): string {
  switch (output.kind) {
    case 'dial':
      return `dial ${output.address} (${output.policy})`
    case 'send':
      return `send #${output.link} ${cut(output.text)}`
    case 'ping':
      return `ping #${output.link}`
    case 'close':
      return `close #${output.link} ${output.frame.code} '${output.frame.reason}'`
    case 'messages':
      return `messages ${output.fact.kind} #${output.fact.link}`
    case 'report': {
      const { kind, ...facts } = output.event
      return `report ${kind} ${JSON.stringify(facts)}`
    }
    default:
      return output satisfies never
  }
}

function by(identity: { readonly id: string; readonly address: string } | undefined): string {
  if (identity === undefined) return ' (plain)'
  return ` (${identity.id.slice(0, 6)}… ${identity.address})`
}

export function cut(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}…`
}
