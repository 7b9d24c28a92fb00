export { type Figures, Meter, type SpreadFigures } from './meter.ts'
