/** Plug-ins that are loaded from a folder. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { PluginError } from '../../src/messaging/index.ts'
import { failureOf, type Member, withCluster } from './cluster.ts'

/** Where the files under test say what becomes of them. */
const told: string[] = []
Object.assign(globalThis, { pluginsTold: told })

const folders = suite('plugins of a folder')

/** Runs a test with a node and an empty folder. */
function withFolder(test: (member: Member, path: string) => Promise<void>, pluginsMax = 64): () => Promise<void> {
  return withCluster(
    async (cluster) => {
      const path = mkdtempSync(join(tmpdir(), 'plugins-'))
      told.length = 0
      try {
        const member = await cluster.add('a')
        await test(member, path)
      } finally {
        rmSync(path, { recursive: true })
      }
    },
    { messenger: { pluginsMax } },
  )
}

function source(name: string, start = ''): string {
  const tell = (what: string): string => `pluginsTold.push('${what} ${name}')`
  return `{ name: '${name}', start() { ${tell('start')}; ${start} }, stop() { ${tell('stop')} } }`
}

/** What is worth comparing of an error. */
function factsOf(error: unknown): unknown[] {
  const { code, file, plugin } = error as PluginError
  return [code, file && basename(file), plugin]
}

folders(
  'S1.3 every file of a folder is loaded, in the order of their names, and unloaded the other way round',
  withFolder(async ({ node }, path) => {
    writeFileSync(join(path, '20-b.js'), `module.exports = ${source('b')}`) // No package says that it is a module.
    writeFileSync(join(path, '10-c.mjs'), `export const plugin = ${source('c')}`)
    writeFileSync(join(path, '30-a.mjs'), `export default ${source('a')}`)
    writeFileSync(join(path, 'README.md'), 'no plug-in')
    writeFileSync(join(path, '.hidden.mjs'), 'throw new Error()')
    mkdirSync(join(path, 'folder.mjs'))
    const loaded = await node.use(path)
    assert.equal(loaded.names, ['c', 'b', 'a'])
    await loaded.unload()
    assert.equal(told, ['start c', 'start b', 'start a', 'stop a', 'stop b', 'stop c'])
  }),
)

folders(
  'S1.3 a folder of links works, given as a URL',
  withFolder(async ({ node }, path) => {
    mkdirSync(join(path, 'available'))
    mkdirSync(join(path, 'enabled'))
    writeFileSync(join(path, 'available', 'x.mjs'), `export const plugin = ${source('x')}`)
    writeFileSync(join(path, 'available', 'y.mjs'), `export const plugin = ${source('y')}`)
    symlinkSync(join('..', 'available', 'y.mjs'), join(path, 'enabled', 'y.mjs'))
    assert.equal((await node.use(pathToFileURL(join(path, 'enabled')))).names, ['y'])
  }),
)

for (const [kind, file, words] of [
  ['a module', 'p.mjs', 'export const plugin ='],
  ['an older module', 'p.cjs', 'module.exports ='],
] as const) {
  folders(
    `S1.7 ${kind} that was changed is loaded anew, with nothing left of the former`,
    withFolder(async ({ node, messenger }, path) => {
      writeFileSync(join(path, file), `${words} ${source('first')}`)
      const first = await node.use(path)
      await first.unload()
      writeFileSync(join(path, file), `${words} ${source('second')}`)
      await node.use(path)
      assert.equal(messenger.plugins.names, ['second'])
      assert.equal(told, ['start first', 'stop first', 'start second'])
    }),
  )
}

folders(
  'S1.3 a file that does not start is named, and those before it are unloaded',
  withFolder(async ({ node, messenger }, path) => {
    writeFileSync(join(path, '1.mjs'), `export const plugin = ${source('good')}`)
    writeFileSync(
      join(path, '2.mjs'),
      `export const plugin = ${source('bad', "return Promise.reject(new Error('no'))")}`,
    )
    writeFileSync(join(path, '3.mjs'), `export const plugin = ${source('never')}`)
    assert.equal(factsOf(await failureOf(node.use(path))), ['GOSSIP_PLUGIN_START_FAILED', '2.mjs', 'bad'])
    assert.equal(told, ['start good', 'start bad', 'stop good'])
    assert.equal(messenger.plugins.names, [])
  }),
)

folders(
  'S1.5 a file without a plug-in, with something else, or that cannot be imported is named, and nothing starts',
  withFolder(async ({ node }, path) => {
    writeFileSync(join(path, '1.mjs'), `export const plugin = ${source('good')}`)
    for (const [text, code] of [
      ['export const other = 1', 'GOSSIP_PLUGIN_MISSING'],
      ['export const plugin = 1', 'GOSSIP_PLUGIN_MISSING'],
      ['export const plugin = { name: 7 }', 'GOSSIP_PLUGIN_MISSING'],
      ['throw new Error("no")', 'GOSSIP_PLUGIN_UNREADABLE'],
      ['export const plugin = ', 'GOSSIP_PLUGIN_UNREADABLE'],
      [`export const plugin = ${source('good')}`, 'GOSSIP_PLUGIN_TAKEN'],
    ] as const) {
      writeFileSync(join(path, '2.mjs'), text)
      assert.equal(factsOf(await failureOf(node.use(path))).slice(0, 2), [code, '2.mjs'], text)
    }
    assert.is(told.filter((what) => what === 'start good').length, told.filter((what) => what === 'stop good').length)
  }),
)

folders(
  'S1.3 a folder that is empty, missing, no folder, or too full is refused with a code',
  withFolder(async ({ node }, path) => {
    const codeOf = async (folder: string | URL): Promise<string> => (await failureOf(node.use(folder))).code
    assert.is(await codeOf(path), 'GOSSIP_PLUGIN_MISSING')
    assert.is(await codeOf(join(path, 'missing')), 'GOSSIP_PLUGIN_UNREADABLE')
    assert.is(await codeOf(new URL('https://example.org/plugins')), 'GOSSIP_PLUGIN_UNREADABLE')
    for (const name of ['1', '2', '3'])
      writeFileSync(join(path, `${name}.mjs`), `export const plugin = ${source(name)}`)
    assert.is(await codeOf(join(path, '1.mjs')), 'GOSSIP_PLUGIN_UNREADABLE')
    assert.is(await codeOf(path), 'GOSSIP_PLUGIN_LIMIT')
    assert.equal(told, [])
  }, 2),
)

folders.run()
