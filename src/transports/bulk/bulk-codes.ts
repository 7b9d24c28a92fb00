/** Codes by which a receiving side ends a transfer. */

/** What arrives is of no use to the receiver, or cannot be read. */
export const BULK_STOPPED = 'GOSSIP_BULK_STOPPED'
/** Nobody takes transfers there. */
export const BULK_UNWANTED = 'GOSSIP_BULK_UNWANTED'
