export { type Candidate, inOrder, type Order, type Priority } from './order.ts'
export { type PackBudget, type Packed, pack } from './pack.ts'
export { exceeds, slice } from './slice.ts'
