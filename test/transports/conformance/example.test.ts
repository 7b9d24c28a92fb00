/** The example for transport authors does what it says, in real threads. That it passes the kit is tested through the command. */

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const example = suite('conformance: example')

/** Relative to the compiled tests, and to the sources above them. */
const FOLDER = 'examples/custom-transport'

example('nodes in three threads learn of each other, and all threads end', async () => {
  const path = fileURLToPath(new URL(`../../../${FOLDER}/workers.js`, import.meta.url))
  const printed = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [path], { timeout: 30_000 }, (error, stdout, stderr) => {
      if (error === null && stderr === '') resolve(stdout)
      else reject(new Error(`${error?.message ?? ''}\n${stdout}${stderr}`))
    })
  })
  const lines = ['ada knows ada, bob, cleo', 'bob knows ada, bob, cleo', 'cleo knows ada, bob, cleo']
  assert.equal(printed.trim().split('\n').sort(), lines)
})

example('the transport takes under 100 lines', () => {
  const path = fileURLToPath(new URL(`../../../../${FOLDER}/port-transport.ts`, import.meta.url))
  assert.ok(readFileSync(path, 'utf8').split('\n').length <= 100)
})

example.run()
