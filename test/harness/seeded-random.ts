/** The seeded generator of the core, where tests look for it. */

export { seededRandom } from '../../src/core/index.ts'
