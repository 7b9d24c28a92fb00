/**
 * Plug-ins of a folder, on Node: one in each file. Every reading imports the files anew, so that what was changed is
 * seen, and several nodes of one process have plug-ins of their own. What a file itself imports is not read again, and
 * what was imported stays in memory for as long as the process lives: that is how modules are.
 */

import { readdir, realpath, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { messageOf } from './errors.ts'
import { type FolderPlugin, PluginError } from './plugins/index.ts'

const EXTENSIONS = /\.(?:js|mjs|cjs)$/

/** Modules of the older kind, by path: an import finds them here, whatever its query. */
const { cache } = createRequire(import.meta.url)
let readings = 0

/**
 * Imports every `.js`, `.mjs` and `.cjs` file of a folder, in the order of their names; links are followed, folders and
 * files whose name begins with a dot are not. A file exports its plug-in as `plugin` or as its default.
 *
 * @param folder - a path, or a `file:` URL
 * @param filesMax - more files than this are refused
 * @throws {PluginError} as a rejection: `GOSSIP_PLUGIN_UNREADABLE`, the folder or a file of it cannot be read;
 *   `GOSSIP_PLUGIN_MISSING`, there is no plug-in in the folder or in a file of it; `GOSSIP_PLUGIN_LIMIT`
 */
export async function readPluginFolder(folder: string | URL, filesMax: number): Promise<readonly FolderPlugin[]> {
  const path = pathOf(folder)
  const files = await filesOf(path)
  if (files.length === 0) {
    throw new PluginError('GOSSIP_PLUGIN_MISSING', `${path} has no files that end in .js, .mjs or .cjs`, { file: path })
  }
  if (files.length > filesMax) {
    const problem = `${path} has ${files.length} plug-ins, and there is room for ${filesMax}`
    throw new PluginError('GOSSIP_PLUGIN_LIMIT', problem, { file: path })
  }
  const plugins: FolderPlugin[] = []
  for (const file of files) plugins.push({ file, plugin: await pluginOf(file) })
  return plugins
}

function pathOf(folder: string | URL): string {
  try {
    return typeof folder === 'string' ? resolve(folder) : fileURLToPath(folder)
  } catch (cause) {
    throw new PluginError('GOSSIP_PLUGIN_UNREADABLE', `${String(folder)} is no folder: ${messageOf(cause)}`, { cause })
  }
}

async function filesOf(path: string): Promise<string[]> {
  try {
    const names = (await readdir(path)).filter((name) => EXTENSIONS.test(name) && !name.startsWith('.')).sort()
    const files: string[] = []
    for (const name of names) if ((await stat(join(path, name))).isFile()) files.push(join(path, name))
    return files
  } catch (cause) {
    const problem = `the folder of plug-ins ${path} cannot be read: ${messageOf(cause)}`
    throw new PluginError('GOSSIP_PLUGIN_UNREADABLE', problem, { file: path, cause })
  }
}

async function pluginOf(file: string): Promise<unknown> {
  const { plugin, default: otherwise } = await imported(file)
  if (plugin !== undefined || otherwise !== undefined) return plugin ?? otherwise
  const problem = `${file} has no plug-in: export one as plugin, or as default`
  throw new PluginError('GOSSIP_PLUGIN_MISSING', problem, { file })
}

async function imported(file: string): Promise<{ readonly plugin?: unknown; readonly default?: unknown }> {
  try {
    delete cache[await realpath(file)]
    readings++
    return (await import(`${pathToFileURL(file).href}?reading=${readings}`)) as { plugin?: unknown; default?: unknown }
  } catch (cause) {
    const problem = `${file} cannot be imported: ${messageOf(cause)}`
    throw new PluginError('GOSSIP_PLUGIN_UNREADABLE', problem, { file, cause })
  }
}
