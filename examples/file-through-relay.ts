/**
 * A file sent over a stream through a relay. Ada and bob can dial, and cannot be dialled, as behind a NAT; the relay is a
 * process of its own. Half-way it is killed and started again, and the file goes on where it stood.
 *
 *     node file-through-relay.js [path of a file] [--megabytes 8] [--patience SECONDS] [--lose-relay]
 *
 * With `--lose-relay` it is not started again: the sender loses patience, and gives up with a code.
 */

import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Gossipmonger, type JsonValue } from 'gossipmonger-engine'
import { Messenger } from 'gossipmonger-engine/messaging'
import { TcpTransport } from 'gossipmonger-engine/tcp'
import { RelayTransport } from 'gossipmonger-engine/transports'

const HOST = '127.0.0.1'

type Address = { readonly host: string; readonly port: number }

/** The relay: any node can be one. It tells its parent where it listens, and ends with it. */
async function runRelay(port: number): Promise<void> {
  const transport = new RelayTransport({ carrier: new TcpTransport({ host: HOST, port }), relay: true })
  const node = new Gossipmonger({ id: 'relay' }, { transport })
  process.once('disconnect', () => process.exit())
  await node.start()
  process.send?.(node.address)
}

/** A relay in a process of its own. */
async function startRelay(port: number): Promise<{ readonly child: ChildProcess; readonly address: Address }> {
  const child = fork(fileURLToPath(import.meta.url), ['--relay', String(port)])
  const [address] = (await once(child, 'message')) as [Address]
  return { child, address }
}

/** A node that only dials, and is reached through the relay. */
async function startBehind(relay: JsonValue, id: string): Promise<{ node: Gossipmonger; messenger: Messenger }> {
  const transport = new RelayTransport({ carrier: new TcpTransport(), relay, retryDelayMsMax: 1_000 })
  const node = new Gossipmonger({ id }, { transport, seeds: [relay], gossipIntervalMs: 100 })
  const messenger = new Messenger(node)
  await node.start()
  return { node, messenger }
}

/** Takes files into a folder. Whoever sends asks first how much of it is there; the answer to all of it is its hash. */
function takeFiles(messenger: Messenger, folder: string): void {
  // A name comes from the network: it may not lead out of the folder.
  const pathOf = (name: unknown): string => join(folder, basename(String(name)))
  let taking: Promise<unknown> = Promise.resolve()
  messenger.handle('held', async (name) => {
    await taking // What broke may still be writing.
    return stat(pathOf(name)).then(
      ({ size }) => size,
      () => 0,
    )
  })
  const take = async (stream: Duplex, path: string): Promise<void> => {
    await pipeline(stream, createWriteStream(path, { flags: 'a' }))
    stream.end(await hashOf(path))
  }
  messenger.onStream('file', (stream, { header }) => {
    taking = take(stream, pathOf(header)).catch(() => {}) // The sender sees it too, and comes back.
  })
}

/**
 * Sends a file, and goes on where it stood when the way breaks.
 *
 * @param onProgress - is told how many bytes have been handed over, of how many
 * @returns the hash of what has arrived
 * @throws what it failed with last, when it has not got on for `patienceMs`
 */
async function sendFile(
  messenger: Messenger,
  path: string,
  patienceMs: number,
  onProgress: (bytes: number, size: number) => void,
): Promise<string> {
  const { size } = await stat(path)
  const name = basename(path)
  let [furthest, gotOnMs, trouble] = [-1, performance.now(), '']
  const note = (bytes: number): void => {
    if (bytes > furthest) [furthest, gotOnMs] = [bytes, performance.now()]
  }
  for (;;) {
    try {
      let sent = Number(await messenger.request('bob', 'held', name, { timeoutMs: 5_000 }))
      if (trouble !== '') console.log(`ada: bob holds ${percent(sent, size)} of it, on from there`)
      const stream = await messenger.stream('bob', 'file', { header: name, openTimeoutMs: 5_000 })
      await pipeline(
        createReadStream(path, { start: sent }),
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            yield chunk // The next one is asked for when there is room.
            sent += chunk.length
            note(sent)
            onProgress(sent, size)
          }
        },
        stream,
      )
      return await text(stream)
    } catch (error) {
      if (performance.now() - gotOnMs > patienceMs) throw error
      if (codeOf(error) !== trouble) console.log(`ada: ${codeOf(error)}, so she tries again`)
      trouble = codeOf(error)
      await wait(200)
    }
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function writeRandom(path: string, megabytes: number): Promise<string> {
  for (let i = 0; i < megabytes; i++) await appendFile(path, randomBytes(2 ** 20))
  return path
}

const percent = (bytes: number, size: number): string => `${Math.floor((100 * bytes) / size)} %`
const codeOf = (error: unknown): string => String((error as { readonly code?: unknown }).code ?? error)

interface Wish {
  readonly given: string | undefined
  readonly megabytes: number
  readonly patienceMs: number
  readonly losesRelay: boolean
}

async function run({ given, megabytes, patienceMs, losesRelay }: Wish): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'file-through-relay-'))
  const first = await startRelay(0)
  let relay = Promise.resolve(first)
  const [ada, bob] = [await startBehind(first.address, 'ada'), await startBehind(first.address, 'bob')]
  try {
    takeFiles(bob.messenger, await mkdtemp(join(folder, 'bob-')))
    const path = given ?? (await writeRandom(join(folder, 'file'), megabytes))
    while (ada.node.peer('bob')?.status !== 'live') await wait(20)
    let told = 0
    const hash = await sendFile(ada.messenger, path, patienceMs, (bytes, size) => {
      if (bytes < (told + 0.25) * size) return
      told += 0.25
      console.log(`ada: ${percent(bytes, size)} sent`)
      if (told !== 0.5) return
      console.log('the relay is killed')
      first.child.kill('SIGKILL')
      if (!losesRelay) relay = once(first.child, 'exit').then(() => startRelay(first.address.port))
    })
    assert.equal(hash, await hashOf(path))
    console.log(`bob: all of it is here, SHA-256 ${hash}`)
    console.log(`this process, which was both, held ${Math.round(process.resourceUsage().maxRSS / 1_024)} MB at most`)
  } catch (error) {
    console.log(`ada gives up: ${codeOf(error)}`)
    process.exitCode = 1
  } finally {
    for (const { messenger, node } of [ada, bob]) await messenger.close().then(() => node.close())
    const { child } = await relay
    child.kill()
    await rm(folder, { recursive: true })
  }
}

const { values, positionals } = parseArgs({
  options: {
    relay: { type: 'string' },
    megabytes: { type: 'string', default: '8' },
    patience: { type: 'string', default: '5' },
    'lose-relay': { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
if (values.relay !== undefined) await runRelay(Number(values.relay))
else {
  await run({
    given: positionals[0],
    megabytes: Number(values.megabytes),
    patienceMs: 1_000 * Number(values.patience),
    losesRelay: values['lose-relay'],
  })
}
