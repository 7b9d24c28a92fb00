/** The guide for transport authors is complete: failures name its headings, and every case is explained. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { resolveCapabilities } from '../../../src/transports/conformance/capabilities.ts'
import { GUIDE, SECTIONS } from '../../../src/transports/conformance/conformance-error.ts'
import { resolveFixture } from '../../../src/transports/conformance/fixture.ts'
import { conformanceCases } from '../../../src/transports/conformance/index.ts'
import { plainFixture } from './plain-transport.ts'

const guide = suite('conformance: guide')

const text = readFileSync(fileURLToPath(new URL(`../../../../${GUIDE}`, import.meta.url)), 'utf8')

guide('every section that a failure may name is a heading', () => {
  for (const section of SECTIONS) assert.match(text, new RegExp(`^### ${section}$`, 'm'))
})

guide('the table explains every case, and no other', () => {
  const rows = [...text.matchAll(/^\| ([a-z]+: .*?) \|/gm)].map(([, name]) => name)
  assert.equal(
    rows,
    conformanceCases(plainFixture()).map(({ name }) => name),
  )
})

guide('every capability and every field of a fixture is explained', () => {
  const names = [...Object.keys(resolveCapabilities({})), ...Object.keys(resolveFixture(plainFixture()))]
  for (const name of names.filter((each) => each !== 'stated'))
    assert.match(text, new RegExp(`^\\|.*\`${name}[\`(]`, 'm'))
})

guide.run()
