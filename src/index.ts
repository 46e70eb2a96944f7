/**
 * The library: all that `import … from 'fullmesh'` has. What is not here, or is marked internal,
 * can change in any version.
 */

export { NodeError, type NodeErrorCode } from './errors/node-error.ts'
export type { LagEvent, LifecycleEvent, NodeEvent } from './log/events.ts'
export type { LogLine } from './log/log-messages.ts'
export type { Ending, MeshEvent } from './mesh/events.ts'
export { DEFAULT_TIMINGS, type Timings } from './mesh/timings.ts'
export { MeshNode } from './node/mesh-node.ts'
export type { MeshNodeEvents } from './node/mesh-node-events.ts'
export type { Gap, Message, Publishable } from './node/messages.ts'
export type { MeshNodeOptions } from './node/options.ts'
export type { Peer, PeerEnding } from './node/peers.ts'
export type { MessageIterator } from './node/reader.ts'
export type { IncomingRequest, PeerAnswer, RequestOptions } from './node/requests.ts'
export type { HandlerOptions, SubscribeOptions } from './node/subscriptions.ts'
export type { Json } from './wire/feed-messages.ts'
export type { NodeData } from './wire/node-data.ts'
