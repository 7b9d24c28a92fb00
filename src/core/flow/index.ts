export { inOrder, type Candidate, type Order, type Priority } from './order.ts'
export { pack, type PackBudget, type Packed } from './pack.ts'
