/** How deep a value may be nested. */

/** Nesting beyond this is refused: far above real data, far below any stack. */
export const DEPTH_MAX = 64
