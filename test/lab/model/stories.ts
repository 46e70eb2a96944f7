/** The user stories, each with a scene that shows it and the code that does it; and more scenes. */

/** A line of code: a text that is on no other line of the file. */
export interface CodeReference {
  /** From the folder of the repository. */
  readonly file: string
  readonly text: string
}

export interface Story {
  readonly name: string
  /** What is promised. */
  readonly promise: string
  /** What to look at. */
  readonly watch: string
  /** The scene, as in a URL. */
  readonly scene: string
  /** When it has shown all of this; it goes on with pings and the like. */
  readonly endMs: number
  /** Whether the ids of nodes are beside their names. */
  readonly showsIds?: true
  /** Whether it plays at 0.3× at first: much happens in it within a few seconds. */
  readonly isSlow?: true
  /** The node that is selected at the beginning. */
  readonly select: number
  readonly code: readonly CodeReference[]
}

/** The ten user stories of the project, in its order. */
export const USER_STORIES: readonly Story[] = [
  {
    name: 'A server listens',
    promise: 'A node creates a WebSocket server that listens on the port of its .env file.',
    watch:
      'Node 2 starts and dials node 1 (the full triangle). Its request for a connection is accepted (the hollow triangles). Then node 1 dials node 2, to check which node answers on the address that it claims, and that second connection is closed.',
    scene: 'seed=1&nodes=1&latency=400&steps=2000:start:2',
    endMs: 8_000,
    select: 1,
    code: [
      { file: 'src/io/server.ts', text: 'listenOnIp(server, {' },
      { file: 'src/config/settings.ts', text: "name: 'PORT'," },
    ],
  },
  {
    name: 'Known peers are dialed',
    promise: 'When it starts, a node attempts to connect to all addresses of known-peers.json.',
    watch:
      'At 6 s node 4 starts, and dials all three others at once. They are in its list attemptingToConnectToAddress until they answer.',
    scene: 'seed=1&nodes=3&known=all&latency=400&steps=6000:start:4',
    endMs: 15_000,
    select: 4,
    code: [
      {
        file: 'src/mesh/dialing/connector.ts',
        text: 'for (const address of this.#book.knownPeers)',
      },
    ],
  },
  {
    name: 'HANDSHAKE',
    promise:
      'When a connection is established, a node sends HANDSHAKE with its own address and all that it is connected to.',
    watch:
      'Each blue dot that moves along a line is a HANDSHAKE. Node 3 gets one from node 1 that names node 2, and dials node 2: read it in what node 3 received. A node that was dialed also dials back once, though it is connected: to check who answers on the address that the other one claims. One of the two connections is then closed: which one, the scene "A duplicate, and who decides" shows.',
    scene: 'seed=1&nodes=3&pause=2500&latency=400',
    endMs: 16_000,
    select: 3,
    code: [
      { file: 'src/mesh/links/connection-table.ts', text: 'this.sendHandshake(link, false)' },
      {
        file: 'src/mesh/links/outgoing-handshake.ts',
        text: 'return [this.#ownAddress, ...others]',
      },
    ],
  },
  {
    name: 'A mesh becomes complete',
    promise: 'A node dials all addresses of a HANDSHAKE that it is not connected to.',
    watch:
      'Each node has only the one before it in known-peers.json, so at first they are a chain. A HANDSHAKE names nodes to which its receiver has no connection. The receiver dials them, until each node is connected to all others: the mesh is complete.',
    scene: 'seed=1&nodes=6&pause=1500&known=before&latency=400',
    endMs: 24_000,
    select: 1,
    code: [
      {
        file: 'src/mesh/messages/incoming-handshake.ts',
        text: "const verdict = gate.verdict(address, 'join', nowMs)",
      },
    ],
  },
  {
    name: 'connectedAddresses',
    promise: 'A node keeps a list of all addresses that it is connected to.',
    watch: 'Four nodes start, one after the other. The list of node 1 grows with each of them.',
    scene: 'seed=1&nodes=4&pause=2500&latency=400',
    endMs: 20_000,
    select: 1,
    code: [{ file: 'src/mesh/links/connection-table.ts', text: 'this.#connected.add(address)' }],
  },
  {
    name: 'A connection ends',
    promise: 'When a socket disconnects, its address is removed from connectedAddresses.',
    watch:
      'Node 3 is killed at 5 s, and its address is removed from the list. It is dialed again, and each dial fails, until it starts at 12 s.',
    scene: 'seed=1&nodes=4&pause=300&latency=300&steps=5000:kill:3;12000:start:3',
    endMs: 21_000,
    select: 1,
    code: [{ file: 'src/mesh/links/connection-table.ts', text: 'this.#connected.delete(address)' }],
  },
  {
    name: 'attemptingToConnectToAddress',
    promise:
      'A node keeps a list of the addresses that it is dialing, so that it dials none of them twice; an address goes when the dial succeeds or fails.',
    watch:
      'Node 3 has no power. Node 4 starts and dials all; three HANDSHAKEs name node 3 as well, and still there is one dial, until its 5 s are over.',
    scene: 'seed=1&nodes=3&pause=200&known=all&latency=300&steps=5000:unplug:3;6000:start:4',
    endMs: 13_000,
    select: 4,
    code: [
      {
        file: 'src/mesh/dialing/dial-gate.ts',
        text: "if (this.#dials.has(address)) return 'being-dialed'",
      },
      {
        file: 'src/mesh/dialing/dial-gate.ts',
        text: 'this.attemptingToConnectToAddress.add(address)',
      },
      {
        file: 'src/mesh/dialing/dial-gate.ts',
        text: 'this.attemptingToConnectToAddress.delete(address)',
      },
    ],
  },
  {
    name: 'Never its own address',
    promise: 'A node never connects to its own address.',
    watch:
      'All nodes have the same known-peers.json, so node 1 has its own address in it, and each HANDSHAKE names the receiver sooner or later. No node ever dials itself.',
    scene: 'seed=1&nodes=3&pause=1500&known=all&latency=400',
    endMs: 6_000,
    select: 1,
    code: [
      {
        file: 'src/mesh/dialing/dial-gate.ts',
        text: "if (this.isOwnAddress(address, nowMs)) return 'ourselves'",
      },
    ],
  },
  {
    name: 'Two clones',
    promise: 'The folder node-1 is cloned at least twice.',
    watch: 'Nodes 2 and 3 are clones of node 1 with ports of their own; 4 and 5 follow.',
    scene: 'seed=1&nodes=3&pause=1000&latency=300&steps=6000:start:4;7000:start:5',
    endMs: 16_000,
    select: 2,
    code: [{ file: 'clone-node.ts', text: 'const clone = cloneNode(root)' }],
  },
  {
    name: 'The same code',
    promise: 'All nodes run exactly the same code, and differ only in their .env.',
    watch:
      'No node is a leader. Node 1 is killed at 6 s, for good. Node 5 starts at 9 s and joins all the same, by the others.',
    scene: 'seed=1&nodes=4&pause=500&known=all&latency=300&steps=6000:kill:1;9000:start:5',
    endMs: 15_000,
    select: 5,
    code: [
      {
        file: 'src/mesh/links/connection-table.ts',
        text: "this.#context.report({ kind: 'other-code', address, code })",
      },
      { file: 'src/runtime/own-code.ts', text: 'readInPieces(path, onPiece)' },
    ],
  },
]

/** What is not in the stories: what goes wrong, and messages. */
export const MORE_SCENES: readonly Story[] = [
  {
    name: 'A duplicate, and who decides',
    promise: 'Two nodes have exactly one connection, and exactly one of them closes the other one.',
    watch:
      'Both nodes dial at the same moment and get two connections: one is a duplicate. If each node closed one, both could be closed. So one node decides alone: the one with the larger id. Compare the ids beside the names; a to f are larger than 9. That node keeps the connection that it dialed, and closes the other one: its line becomes dotted, and the cross on it is close code 4001 (duplicate). What the other node has still sent on it is answered by more crosses, which are resets.',
    scene: 'seed=3&nodes=2&pause=0&known=all&latency=600',
    endMs: 4_000,
    showsIds: true,
    isSlow: true,
    select: 2,
    code: [
      {
        file: 'src/mesh/links/duplicate-rule.ts',
        text: 'so the node with the larger id decides alone',
      },
      {
        file: 'src/mesh/links/duplicate-rule.ts',
        text: 'links.length < 2 || newest === undefined || ownId < peerId',
      },
    ],
  },
  {
    name: 'A message for all',
    promise: 'What a node publishes reaches every node once, in the order of its sender.',
    watch:
      'Node 2 publishes three messages from 5 s on, and a fourth one at 17 s. The numbers beside the names: how many messages a node has received, of those that were published since it started. Node 5 starts at 12 s, so the first three are not for it, and it gets the fourth.',
    scene:
      'seed=1&nodes=4&pause=200&latency=400&steps=5000:publish:2;6000:publish:2;7000:publish:2;12000:start:5;17000:publish:2',
    endMs: 23_000,
    select: 4,
    code: [{ file: 'src/pubsub/publisher.ts', text: 'this.#log.append(this.#own, chunk, nowMs)' }],
  },
  {
    name: 'A partition heals',
    promise: 'After a partition the mesh becomes complete again, and no message is lost.',
    watch:
      'At 4 s nodes 1 and 2 are cut off from the others. No connection gets an error, but pings get no answer. After 45 s each side closes its links to the other. At 80 s the network is whole again, and each side dials the other. What was published meanwhile arrives then.',
    scene: 'seed=1&nodes=5&pause=200&latency=200&steps=4000:split:1,2;10000:publish:1;80000:heal',
    endMs: 88_000,
    select: 1,
    code: [
      { file: 'src/mesh/links/liveness.ts', text: "'silent for too long'" },
      { file: 'src/mesh/dialing/connector.ts', text: 'const verdict = this.#book.lost(' },
    ],
  },
  {
    name: 'A frozen node',
    promise:
      'A node that does not answer is given up after 45 s, and is connected again when it is back.',
    watch:
      'Node 3 is frozen from 4 s to 70 s, as by Ctrl-Z. Its kernel still accepts connections, but no pong comes. After 45 s the others close their connections with it, and dial it again; each dial gets no answer. A dotted line: a connection that the others have closed, and that has no error at node 3 yet.',
    scene: 'seed=1&nodes=4&pause=200&latency=200&steps=4000:freeze:3;70000:thaw:3',
    endMs: 77_000,
    select: 1,
    code: [{ file: 'src/mesh/links/liveness.ts', text: 'this.#connections.ping(link)' }],
  },
  {
    name: 'A stranger who lies',
    promise: 'A stranger cannot take the place of a node, nor make nodes dial what they must not.',
    watch:
      'At 9 s a stranger connects to node 1 and claims to be node 3. Node 1 dials that address, node 3 answers, and node 1 closes the connection of the stranger with close code 4006. At 13 s the stranger comes under its own address, and node 1 accepts it: this mesh has no secret. It is no node, and is not counted as one above. It has two connections with node 1: its id is the larger one, so it would have to close one of them, and it does not. It names an address that gives keys to machines in a cloud, which no node dials, and two where nothing listens. Node 1 dials those two a few times, in vain: its address book has them as "gone; connection refused", and it names them to nobody.',
    scene: 'seed=1&nodes=4&pause=200&latency=400&steps=9000:stranger:1,3;13000:stranger:1',
    endMs: 24_000,
    select: 1,
    code: [
      {
        file: 'src/mesh/links/ownership.ts',
        text: 'CloseCode.ADDRESS_TAKEN, `another node answers on',
      },
      {
        file: 'src/mesh/dialing/dial-gate.ts',
        text: "if (!this.admits(address)) return 'refused-by-policy'",
      },
    ],
  },
  {
    name: 'Packets are lost',
    promise: 'A network that loses packets makes a mesh slower, and nothing else.',
    watch:
      'A third of all packets is lost and sent again by TCP. The mesh becomes complete all the same.',
    scene: 'seed=1&nodes=6&pause=500&latency=400&steps=0:loss:33',
    endMs: 19_000,
    select: 1,
    code: [{ file: 'src/mesh/address/backoff.ts', text: 'export function redialDelayMs' }],
  },
  {
    name: 'A plain peer',
    promise: 'A program that does the user stories, and nothing else, is a full member.',
    watch:
      'Node 4 is a plain peer: it dials, sends HANDSHAKE, and dials what it reads. It has two connections to each node, one for each direction: the stories ask for no more.',
    scene: 'seed=1&nodes=3&pause=300&latency=300&steps=4000:plain:4',
    endMs: 11_000,
    select: 4,
    code: [
      {
        file: 'src/mesh/messages/incoming-handshake.ts',
        text: 'isPlainCaller(link) ? addressesOfCaller(data)',
      },
    ],
  },
]

export const STORIES: readonly Story[] = [...USER_STORIES, ...MORE_SCENES]

/** In this order they tell why a mesh becomes complete. */
export const FIRST_STORIES: readonly Story[] = [
  'HANDSHAKE',
  'A mesh becomes complete',
  'A duplicate, and who decides',
].flatMap((name) => STORIES.find((story) => story.name === name) ?? [])
