/** The seeded generator of the core, where tests expect it. */

export { seededRandom } from '../../src/core/index.ts'
