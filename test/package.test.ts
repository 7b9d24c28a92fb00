/** The package as its users get it: packed, unpacked elsewhere, beside its declared dependencies and nothing else. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TemporaryFolder } from './harness/temporary-folder.ts'
import { repositoryRoot } from './tidy/tree.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly bin: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, unknown>>>>
}

const root = repositoryRoot()
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const entries = Object.keys(manifest.exports).filter((entry) => !entry.endsWith('.json'))
const names = entries.map((entry) => manifest.name + entry.slice(1))

const packed = suite<{ folder: TemporaryFolder; installed: string }>('package')

packed.before((context) => {
  context.folder = new TemporaryFolder()
  context.installed = install(context.folder)
})

packed.after(({ folder }) => folder.remove())

packed('S1.33 every entry of the installed package loads, by import and by require, and is the same', ({ folder }) => {
  const script = `
    import { createRequire } from 'node:module'
    const require = createRequire(import.meta.url)
    for (const name of ${JSON.stringify(names)}) {
      const imported = await import(name)
      console.log(JSON.stringify([name, Object.keys(imported).length, require(name) === imported]))
    }`
  const lines = node(folder, '--input-type=module', '--eval', script).trim().split('\n')
  const loaded = lines.map((line) => JSON.parse(line) as [name: string, exports: number, isSame: boolean])
  assert.equal(
    loaded.map(([name]) => name),
    names,
  )
  for (const [name, exported, isSame] of loaded) {
    assert.ok(exported > 0, `${name} exports nothing`)
    assert.ok(isSame, `require('${name}') is not what import gives`)
  }
})

packed('S1.33 the installed package has types for every entry, the documents, and no tests', ({ installed }) => {
  const files = Object.values(manifest.exports).flatMap(filesNamed)
  const missing = files
    .flatMap((file) => [file, file.replace(/\.js$/, '.d.ts')])
    .filter((file) => !existsSync(join(installed, file)))
  assert.equal(missing, [])
  for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs/PROTOCOL.md']) {
    assert.ok(existsSync(join(installed, file)), file)
  }
  for (const folder of ['src', 'test', 'node_modules']) assert.not.ok(existsSync(join(installed, folder)), folder)
})

packed('S1.33 the installed command runs', ({ folder, installed }) => {
  const [command] = Object.values(manifest.bin) as [string]
  assert.is(node(folder, join(installed, command), '--version').trim(), manifest.version)
})

packed.run()

/**
 * Packs, unpacks into an empty project, and puts the declared dependencies beside it.
 *
 * @returns the folder of the installed package
 */
function install(folder: TemporaryFolder): string {
  const options = ['--ignore-scripts', '--offline', '--json', '--pack-destination', folder.path]
  const [tarball] = JSON.parse(run('npm', ['pack', ...options], root)) as [{ readonly filename: string }]
  folder.write('package.json', '{ "private": true }')
  const modules = join(folder.path, 'node_modules')
  const installed = join(modules, manifest.name)
  mkdirSync(installed, { recursive: true })
  run('tar', ['-xzf', join(folder.path, tarball.filename), '-C', installed, '--strip-components=1'], root)
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'dir')
  }
  return installed
}

/** The files that an entry of `exports` names, whatever the conditions. */
function filesNamed(entry: unknown): readonly string[] {
  if (typeof entry === 'string') return [entry]
  return Object.values(entry as Readonly<Record<string, unknown>>).flatMap(filesNamed)
}

function node(folder: TemporaryFolder, ...words: readonly string[]): string {
  return run(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], folder.path)
}

function run(command: string, words: readonly string[], cwd: string): string {
  return execFileSync(command, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
