import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { skippedCases } from '../../../src/transports/conformance/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { plainFixture } from './plain-transport.ts'

const plain = suite('conformance: plain')

plain('no case is left out', () => assert.equal(skippedCases(plainFixture()), []))

addConformanceTests(plain, plainFixture())

plain.run()
