/** `gossipmonger agent`: runs one node for real, until Ctrl-C. */

import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { GossipError, Gossipmonger, InvalidOptionError, type Transport } from '../../core/index.ts'
import { FileStorage } from '../../storage/index.ts'
import { parseAddress, TcpTransport } from '../../tcp/index.ts'
import { RelayTransport } from '../../transports/index.ts'
import {
  addressesValue,
  addressValue,
  type Command,
  CommandFailedError,
  durationMsValue,
  type Given,
  integerValue,
  keyValue,
  nameValue,
  type Streams,
} from '../cli/index.ts'
import {
  Agent,
  type AgentPlan,
  type Configuration,
  configurationOf,
  type Happening,
  happeningJson,
  happeningText,
  securityOf,
} from '../node/index.ts'

const DAY_MS = 86_400_000
const HOST = '127.0.0.1'
const PORT = 9_742
/** Hosts that mean every interface: fine to listen at, but nobody can be told to dial them. */
const WILDCARDS = ['0.0.0.0', '::', '[::]']

/** The command. */
export const agentCommand: Command = {
  name: 'agent',
  summary: 'run one node and print what happens to it',
  description:
    'Runs one node: joins a cluster, shares the keys of --set with it, and prints one line for everything that\n' +
    'happens. Ctrl-C leaves the cluster cleanly, a second Ctrl-C ends at once.',
  options: {
    id: { value: 'NAME', help: 'its name, one of a kind in the cluster (default: host name and a random end)' },
    host: { value: 'HOST', help: `name or IP address to listen at (default: ${HOST})` },
    port: { value: 'N', help: `port to listen at; 0 takes a free one (default: ${PORT})` },
    advertise: { value: 'HOST:PORT', help: 'where others reach it, if that is not where it listens' },
    join: { value: 'HOST:PORT[,…]', isRepeatable: true, help: 'nodes of the cluster to ask first, any one that runs' },
    relay: { help: 'let nodes that cannot be dialled register here, and pass on what is said to them' },
    behind: { value: 'HOST:PORT', help: 'do not listen: register with this relay, and be reached through it' },
    cluster: { value: 'NAME', help: 'nodes of another cluster are refused (default: gossipmonger)' },
    data: {
      value: 'DIR',
      help: 'folder to keep its keys and the addresses of others in for its next start; needs --id',
    },
    set: { value: 'KEY=VALUE', isRepeatable: true, help: 'a key to share; the value is JSON, or else text' },
    ttl: { value: 'TIME', help: 'delete the keys of --set everywhere after this time, such as 30s' },
    interval: {
      value: 'TIME',
      help: 'time between rounds of gossip (default: 1s); a peer is dead after about 18 of them',
    },
    fanout: { value: 'N', help: 'peers to contact each round (default: 3)' },
    tls: { value: 'DIR', help: 'talk only to nodes of one authority: a folder with what gossipmonger keygen made' },
    ca: { value: 'FILE', help: 'certificate of the authority, where it is not in the folder of --tls' },
    cert: { value: 'FILE', help: "this node's certificate, likewise" },
    key: { value: 'FILE', help: 'its key, likewise' },
    'plain-text': { help: 'talk to other machines without TLS: anybody on the way can read and change everything' },
    'accept-old-peers': { help: 'let nodes of npm gossipmonger 0.1.x be neighbours' },
    json: { help: 'print JSON, one object a line' },
    config: {
      value: 'FILE',
      help:
        'JSON with any of these options by name; what is typed wins. Its "engine" holds options of the\n' +
        'gossip by their names in code, such as { "deadPeerPhi": 10 }',
    },
  },
  examples: [
    'gossipmonger agent --id alice --set color=red',
    'gossipmonger agent --id bob --port 0 --join 127.0.0.1:9742 --set \'limits={"cpu":4}\'',
    'gossipmonger agent --id carol --data ./carol --set n=1',
    'gossipmonger agent --config node.json --port 0',
    'gossipmonger agent --id relay --relay; gossipmonger agent --id guest --behind 127.0.0.1:9742',
    'gossipmonger agent --id db1 --tls tls --host 0.0.0.0 --advertise db1.example.net:9742 --join db2.example.net:9742',
  ],
  run: runAgent,
}

async function runAgent(typed: Given, streams: Streams): Promise<number> {
  const configuration = configurationOf(agentCommand, typed)
  const { given } = configuration
  const plan = planOf(given)
  const isJson = given.has('json')
  const tell = (happening: Happening): void => {
    const at = new Date()
    streams.stdout.write(`${isJson ? happeningJson(happening, at) : happeningText(happening, at)}\n`)
  }
  const agent = new Agent(nodeOf(configuration, plan), plan, tell)
  const conflict = agent.conflict()
  const interrupt = interrupted()
  await agent.start().catch((error: unknown) => {
    throw withAdvice(error)
  })
  // Behind a relay that is away nothing else would keep the process going.
  const alive = setInterval(() => {}, DAY_MS)
  const ending = await Promise.race([conflict, interrupt]).finally(() => clearInterval(alive))
  if (ending === undefined) {
    await agent.leave()
    return 0
  }
  await agent.abandon()
  throw new CommandFailedError('GOSSIP_ID_CONFLICT', `${ending.message}: give one of them another --id`, ending)
}

function planOf(given: Given): AgentPlan {
  const [interval, ttl] = [given.text('interval'), given.text('ttl')]
  return {
    keys: given.texts('set').map((text) => keyValue('--set', text)),
    ttlMs: ttl === undefined ? undefined : durationMsValue('--ttl', ttl, 1, 3_650 * DAY_MS),
    gossipIntervalMs: interval === undefined ? 1_000 : durationMsValue('--interval', interval, 10, DAY_MS),
  }
}

function nodeOf({ given, engine }: Configuration, { gossipIntervalMs }: AgentPlan): Gossipmonger {
  const [port, fanout, cluster, advertised, data] = ['port', 'fanout', 'cluster', 'advertise', 'data'].map((name) =>
    given.text(name),
  )
  const host = given.text('host') ?? HOST
  if (WILDCARDS.includes(host) && advertised === undefined) {
    throw new InvalidOptionError('--host', 'an address others can dial, unless --advertise HOST:PORT names one', host)
  }
  const id = given.text('id')
  if (data !== undefined && id === undefined) {
    throw new InvalidOptionError('--id', 'given with --data: a folder belongs to one name', id)
  }
  const hosts = [host, parseAddress(advertised)?.host ?? host]
  const carrier = new TcpTransport({
    ...securityOf(given, { id: given.text('id'), hosts }),
    host,
    port: port === undefined ? PORT : integerValue('--port', port, 0, 65_535),
    acceptOldPeers: given.has('accept-old-peers'),
  })
  return new Gossipmonger(
    {
      id: nameValue('--id', id ?? `${hostname()}-${randomBytes(3).toString('hex')}`),
      transport: advertised === undefined ? undefined : addressValue('--advertise', advertised),
    },
    {
      ...engine,
      transport: relayed(given, carrier),
      gossipIntervalMs,
      // Whoever is behind a relay knows one node of the cluster already.
      seeds: [...given.texts('join'), ...given.texts('behind')].flatMap((text) => addressesValue('--join', text)),
      acceptOldPeers: given.has('accept-old-peers'),
      ...(data === undefined ? {} : { storage: new FileStorage({ path: data }) }),
      ...(cluster === undefined ? {} : { clusterId: nameValue('--cluster', cluster) }),
      ...(fanout === undefined ? {} : { fanout: integerValue('--fanout', fanout, 1, 64) }),
    },
  )
}

/** A node that is a relay, or behind one, or neither. */
function relayed(given: Given, carrier: TcpTransport): Transport {
  const [isRelay, behind] = [given.has('relay'), given.text('behind')]
  if (isRelay && behind !== undefined) {
    throw new InvalidOptionError('--behind', 'left out with --relay: a relay has to be dialled', behind)
  }
  if (isRelay) return new RelayTransport({ carrier, relay: true })
  return behind === undefined ? carrier : new RelayTransport({ carrier, relay: addressValue('--behind', behind) })
}

/** Resolves at the first Ctrl-C or request to end; the second ends the process at once. */
function interrupted(): Promise<undefined> {
  return new Promise((resolve) => {
    let isFirst = true
    const onSignal = (signal: NodeJS.Signals): void => {
      if (!isFirst) process.exit(signal === 'SIGINT' ? 130 : 143)
      isFirst = false
      resolve(undefined)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

function withAdvice(error: unknown): unknown {
  if (!(error instanceof GossipError)) return error
  if (error.code === 'GOSSIP_ADDRESS_IN_USE') {
    const advice = 'end what listens there, choose another --port, or take a free one with --port 0'
    return new CommandFailedError(error.code, `${error.message}: ${advice}`, error)
  }
  if (error.code === 'GOSSIP_STORAGE_CORRUPT') {
    const advice = 'to start without its keys, move the folder of --data away'
    return new CommandFailedError(error.code, `${error.message}: ${advice}`, error)
  }
  if (error.code === 'GOSSIP_LISTEN_FAILED') {
    const advice = '--host has to be an address of this machine, and ports below 1024 may need rights'
    return new CommandFailedError(error.code, `${error.message}: ${advice}`, error)
  }
  return error
}
