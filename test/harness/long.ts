/**
 * Whether tests that repeat a trial shall repeat it as often as they can: `GOSSIP_LONG=1 npm test -- storage/kills targets
 * sim/schedules`. What else is different is nothing: the same trials, from the same seeds, fewer of them.
 */
export const IS_LONG: boolean = process.env['GOSSIP_LONG'] === '1'
